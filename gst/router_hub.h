// One Router and its faces: the sfurouter elements that share it by name.
//
// The directory of producer pads is read and written by application threads under one mutex; the
// Router itself and the links between producers and consumers belong to the Worker.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "negotiated_stream.h"
#include "net/timer_queue.h"
#include "router/layer_offer.h"
#include "router/router.h"
#include "router_codecs.h"
#include "rtp_caps.h"
#include "shared_worker.h"
#include "sink_port.h"
#include "src_port.h"

namespace sfu::gst {

struct ConsumerSlot;

// One sink pad of a face: a Producer, or the place of one to come.
struct ProducerSlot {
  // The Producer's. Changes only before there are caps, under the hub's mutex.
  std::string id;
  bool named = false;  // by the application, or by what was negotiated; under the hub's mutex
  // Constant.
  std::string pad_name;  // "sink_0"
  std::string face_name;
  unsigned number = 0;
  const void* face = nullptr;  // compared only
  GstPad* pad = nullptr;       // valid while the slot is in the directory
  SinkPort* port = nullptr;    // likewise
  // Guarded by the hub's mutex.
  CapsRef caps;  // the newest, which the Worker may not have come to yet
  bool paused = false;
  ProducedStreamRef produced;  // what was negotiated with its sender; null: the caps say it all
  // The Worker's.
  CapsRef stream_caps;         // those of `producer`
  ProducedStreamRef made_for;  // the sender that `producer` was made for
  Producer* producer = nullptr;
  std::vector<std::shared_ptr<ConsumerSlot>> consumers;
  bool ended = false;     // its stream, which may begin anew
  bool observed = true;   // by observers of audio levels
  bool released = false;  // its pad: nothing comes any more
};

// One source pad of a face, once it is bound.
struct ConsumerSlot {
  // Constant.
  PadRef pad;  // keeps `port`
  SrcPort* port = nullptr;
  // The Worker's.
  ConsumerOptions options;
  Consumer* consumer = nullptr;
  uint8_t priority = 1;
  OfferTeller offer;
  Budget budget;
  std::weak_ptr<ProducerSlot> producer;
};

using ProducerSlotRef = std::shared_ptr<ProducerSlot>;
using ConsumerSlotRef = std::shared_ptr<ConsumerSlot>;

// A producer pad as the directory knows it, kept alive for the reader.
struct ProducerEntry {
  ProducerSlotRef slot;
  std::string id;
  PadRef pad;
  CapsRef caps;  // null: not known yet
};

class RouterHub : public std::enable_shared_from_this<RouterHub> {
 public:
  // What a face hears, on the Worker.
  class Face {
   public:
    virtual ~Face() = default;
    virtual void OnProducerAdded(const ProducerSlot& slot) = 0;
    virtual void OnProducerRemoved(const ProducerSlot& slot) = 0;
    virtual void OnProducerObserved(const ProducerSlot& slot) = 0;
  };

  // The Router of that name, on that Worker; made when there is none. An empty name makes one of
  // its own. The error names both Workers when the Router lives on another one. Any thread.
  static Result<std::shared_ptr<RouterHub>> Acquire(const std::string& name,
                                                    const std::string& worker);
  ~RouterHub();

  // The Router of that name, if there is one. Any thread.
  static std::shared_ptr<RouterHub> Find(const std::string& name);

  const SharedWorkerRef& worker() const { return worker_; }
  const std::string& name() const { return name_; }
  RouterCodecs& codecs() { return codecs_; }

  // --- any thread ---
  void AddProducer(const ProducerSlotRef& slot);
  // Errors: the id is taken, or the Producer exists already.
  Status RenameProducer(const ProducerSlotRef& slot, const std::string& id);
  // Whether a Producer may be given that id; an empty one always.
  Status CheckIdFree(const std::string& id) const;
  // The pad's sender was negotiated with; null: it was not. A pad that has no name yet takes that
  // of the stream. One that had another sender before goes on: a stream of the same codec of the
  // router is one with that before for Consumers.
  void SetProduced(const ProducerSlotRef& slot, const ProducedStreamRef& produced);
  // What a Consumer of that Producer is made of: as negotiated, or as its caps say. The error names
  // "producerId".
  Result<ortc::ProducerDescription> Describe(const std::string& producer_id) const;
  // From now on no directory entry leads to the pad. The Producer closes when the Worker comes to
  // it; its Consumers then end.
  void RemoveProducer(const ProducerSlotRef& slot);
  // The stream is another one now; the Producer is made anew, its Consumers follow.
  void SetProducerCaps(const ProducerSlotRef& slot, const CapsInfo& info, const GstCaps* caps);
  void SetProducerPaused(const ProducerSlotRef& slot, bool paused);
  void SetProducerObserved(const ProducerSlotRef& slot, bool observed);
  std::string IdOf(const ProducerSlot& slot) const;
  // As negotiated; what only caps describe is simple.
  ortc::ProducerType TypeOf(const ProducerSlot& slot) const;
  // In the order in which unset pads look for one: those of `face` first, by number.
  std::vector<ProducerEntry> Producers(const void* face) const;
  // "sink_0" (of `face`, else of any), "element.sink_0", or an id. Null if there is none.
  ProducerSlotRef FindProducer(const std::string& spec, const void* face) const;

  void Bind(const ConsumerSlotRef& consumer, const ProducerSlotRef& producer);
  void Unbind(const ConsumerSlotRef& consumer);
  // Has the Consumers' applications hear that the Producer's score has changed.
  void NotifyScore(const ProducerSlotRef& slot);
  void SetConsumerPaused(const ConsumerSlotRef& consumer, bool paused);
  void SetConsumerPriority(const ConsumerSlotRef& consumer, uint8_t priority);
  // A receiver of the Consumer said what it may send.
  void AddBudget(const ConsumerSlotRef& consumer, DataRate rate, uint64_t epoch);

  // --- Worker ---
  Router& router();
  // Those that have caps.
  void ForEachProducer(const std::function<void(const ProducerSlot&)>& visit) const;
  void AddFace(Face* face);
  void RemoveFace(Face* face);
  void EndProducer(const ProducerSlotRef& slot);
  // A stream that had ended begins anew: so do its Consumers'.
  void RestartProducer(const ProducerSlotRef& slot);

 private:
  struct Core;

  RouterHub(std::string name, SharedWorkerRef worker);
  bool Post(std::function<void()> task);
  void MakeProducer(const ProducerSlotRef& slot, const RtpCodec& codec, const CapsRef& caps);
  void CloseProducer(ProducerSlot& slot);
  void Connect(ProducerSlot& producer, ConsumerSlot& consumer);
  void Disconnect(ConsumerSlot& consumer);

  const std::string name_;
  const SharedWorkerRef worker_;
  RouterCodecs codecs_;
  std::unique_ptr<Core> core_;  // the Worker's

  mutable std::mutex mutex_;
  std::vector<ProducerSlotRef> directory_;  // in order of their making
};

using RouterHubRef = std::shared_ptr<RouterHub>;

}  // namespace sfu::gst

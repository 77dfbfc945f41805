// What the elements of all transports share: their Worker, their pads, and the core stream behind
// each pad. What carries the streams to the peer is the subclass's.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gst_ref.h"
#include "net/timer_queue.h"
#include "ordered_calls.h"
#include "ortc/transport_dump_json.h"
#include "request_pads.h"
#include "rtcp_pads.h"
#include "sfu_transport.h"
#include "shared_worker.h"
#include "transport/rtp_transport.h"
#include "transport_pads.h"

namespace sfu::gst {

class TransportElement : public SinkPort::Owner, private RtcpTaker, private TransportPads {
 public:
  // Source pads that the element adds by itself, at a time.
  static constexpr size_t kMaxFoundPads = 32;
  // RTCP datagrams from neighbours that may wait for the Worker; more are dropped.
  static constexpr size_t kMaxRtcpUnderWay = 64;
  // How often changed scores are told.
  static constexpr TimeDelta kScoreInterval = TimeDelta::Seconds(1);

  TransportElement(GstElement* element, const TransportControl::Options& options)
      : element_(element), control_(element, this, options) {}
  TransportElement(const TransportElement&) = delete;
  TransportElement& operator=(const TransportElement&) = delete;
  ~TransportElement() override { LeaveWorker(std::move(worker_)); }

  // False once there are pads.
  bool SetWorkerName(const std::string& name);
  std::string worker_name() const;

  GstPad* RequestPad(GstPadTemplate* templ, const char* name);
  void ReleasePad(GstPad* pad);

  // Its Producers and Consumers.
  TransportControl& control() { return control_; }

  // Around the change of the pads' states. Prepare() is false after a message.
  virtual bool Prepare(GstStateChange transition) = 0;
  virtual void Finish(GstStateChange transition) = 0;
  void SetPlaying(bool playing);
  // Ends the streams of all source pads.
  void EndStreams();
  bool AnswerLatency(GstQuery* query);
  // The caller frees it.
  GstStructure* Stats();
  // mediasoup's transport.dump().
  std::string DumpJson();
  // The `trace-types` of a pad changed.
  void ApplyTrace(GstPad* pad);

  // Posts a warning. On application threads.
  void Warn(const Error& error);

  // The `caps` of a source pad changed.
  void ApplyReceiverCaps(GstSfuReceiverPad* pad);

  // SinkPort::Owner
  void OnCaps(SinkPort& port, const CapsInfo& info, const GstCaps* caps) override;
  void OnEos(SinkPort& port) override;
  void OnStreamStart(SinkPort& port) override;

 protected:
  // The core's transport, on the Worker; null while there is none.
  virtual RtpTransport* core() const = 0;
  // An empty structure for Stats(), and on the Worker what it holds of the transport itself.
  virtual GstStructure* NewStats() const = 0;
  virtual void AddCoreStats(GstStructure* stats) const = 0;
  // What DumpJson() says besides the pads' streams. Waits for the Worker.
  virtual void AddDump(ortc::TransportDump* dump) const = 0;

  // Errors: threads or descriptors have run out.
  Result<SharedWorkerRef> TakeWorker();
  // The Worker that is in use; null before.
  SharedWorkerRef worker() const;
  // The task keeps the element, and with it this object. False when there is no Worker.
  bool Post(Task task);
  // On the Worker: pads get their streams, from now on and those that are there; and lose them.
  void StartStreams();
  void StopStreams();
  // A pad that the element adds by itself, in the run (see run()) in which it was found; it may
  // have its own caps on it when it is added. Null when the run is over, or there are too many.
  void AddFoundPad(const GstCaps* caps, unsigned run);
  // The next run begins.
  void EndRun();
  void RemoveFoundPads();
  // Closes all Producers and Consumers: their pads go. On application threads.
  void CloseNegotiated();
  unsigned run() const;

  // Worker. Errors: what the core says of the stream; there is none then.
  Status AddReceiver(GstSfuReceiverPad* pad);
  void RemoveReceiver(GstSfuReceiverPad* pad);
  Status AddSender(GstSfuSenderPad* pad);
  void RemoveSender(GstSfuSenderPad* pad);

  GstElement* element() const { return element_; }
  std::vector<ObjectRef<GstSfuReceiverPad>> Receivers() const { return Snapshot(receivers_); }
  std::vector<ObjectRef<GstSfuSenderPad>> Senders() const { return Snapshot(senders_); }

 private:
  bool AcquireWorkerLocked(std::string* error);
  GstPad* AddReceiverPad(GstPadTemplate* templ, const char* name);
  GstSfuReceiverPad* NewReceiverPadLocked(GstPadTemplate* templ, const char* name, bool found);
  GstPad* AddSenderPad(GstPadTemplate* templ, const char* name);
  GstSfuSenderPad* NewSenderPadLocked(GstPadTemplate* templ, const char* name);
  // Takes a pad off the tables.
  void DropPad(GstPad* pad);
  // Worker.
  void WarnOf(GstPad* pad, const Status& status);
  void CheckEos();
  // Negotiated streams, in transport_negotiated.cc.
  Result<PadRef> MakeProducerPad(const ProducedStreamRef& stream) override;
  Result<PadRef> MakeConsumerPad(const ConsumedStreamRef& stream) override;
  // In transport_dump.cc, on the Worker.
  void DumpPads(ortc::TransportDump* dump) const;
  // Has changes of how the stream's pictures are to be turned told, in transport_orientation.cc.
  // On the Worker.
  void WatchOrientation(GstSfuReceiverPad* pad);
  // Trace events, in transport_trace.cc. On the Worker.
  void TracePad(GstPad* pad);
  Tracer::Listener TraceListener(GstPad* pad);
  // Scores, in transport_scores.cc.
  void StartScores();
  void TellScores();
  // RTCP pads, in transport_rtcp.cc.
  GstPad* AddRtcpPad(GstPadTemplate* templ, const char* name);
  void ReleaseRtcpPad(GstPad* pad);
  void OnRtcp(unsigned number, ByteView compound) override;
  void HandleNeighbourRtcp(unsigned number, ByteView compound);
  void TellNeighbour(unsigned number, ByteView compound) const;

  template <typename T>
  std::vector<ObjectRef<T>> Snapshot(const std::vector<T*>& pads) const {
    std::vector<ObjectRef<T>> refs;
    SnapshotInto(pads, &refs);
    return refs;
  }
  // The same into a vector whose memory is used again.
  template <typename T>
  void SnapshotInto(const std::vector<T*>& pads, std::vector<ObjectRef<T>>* refs) const {
    const std::lock_guard lock(mutex_);
    for (T* pad : pads) refs->emplace_back(pad);
  }

  GstElement* const element_;
  OrderedCalls messages_{element_};  // about streams
  TransportControl control_;
  mutable std::mutex mutex_;  // guards what follows; never held while calling out
  std::string worker_name_ = kDefaultWorker;
  SharedWorkerRef worker_;
  PadNumbers sink_numbers_{"sink_"};
  PadNumbers src_numbers_{"src_"};
  std::vector<GstSfuReceiverPad*> receivers_;
  std::vector<GstSfuSenderPad*> senders_;
  PadNumbers rtcp_sink_numbers_{"rtcp_sink_"};
  PadNumbers rtcp_src_numbers_{"rtcp_src_"};
  std::vector<GstSfuRtcpSrcPad*> rtcp_srcs_;
  bool playing_ = false;
  bool open_ = false;                      // between StartStreams() and EndRun()
  unsigned run_ = 0;                       // a pad found in one run is not for the next
  std::vector<GstSfuReceiverPad*> found_;  // those of receivers_ that the element added itself

  std::atomic<size_t> rtcp_under_way_{0};  // to the Worker

  // The Worker's.
  std::unique_ptr<Timer> score_timer_;
  // TellScores()'s, empty between its calls: nothing is allocated each second.
  std::vector<ObjectRef<GstSfuReceiverPad>> scored_receivers_;
  std::vector<ObjectRef<GstSfuSenderPad>> scored_senders_;
};

}  // namespace sfu::gst

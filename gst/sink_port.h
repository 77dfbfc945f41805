// What stands behind every sink pad of ours: gives what arrives to the core, on its Worker.
//
// A batch that one of our source pads pushes on the same Worker goes straight through. All else is
// put into an inbox that the Worker empties; a foreign thread that is faster waits, a Worker does
// not.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "clock_map.h"
#include "gst_ref.h"
#include "owned_batch.h"
#include "pace.h"
#include "pad_events.h"
#include "rtp_caps.h"
#include "shared_worker.h"
#include "stream/local_ingress.h"
#include "stream/rtp_batch.h"

namespace sfu::gst {

class SinkPort final : public RtpSource {
 public:
  // Buffers that may wait for the Worker. A foreign thread then waits, too; what another Worker
  // brings is dropped.
  static constexpr size_t kMaxInbox = 512;

  // What the element does with events of the pad. Called with no lock held.
  class Owner {
   public:
    virtual ~Owner() = default;
    // New caps, on the thread that brought them.
    virtual void OnCaps(SinkPort& port, const CapsInfo& info, const GstCaps* caps) = 0;
    // The sender tells something of its stream by a sticky event (pad_events.h), on the thread that
    // brought it.
    virtual void OnTold(SinkPort&, const GstStructure&) {}
    // The stream has ended and all before it was handed on. Worker.
    virtual void OnEos(SinkPort& port) = 0;
    // After its end the stream begins anew. Worker.
    virtual void OnStreamStart(SinkPort& port) = 0;
  };

  // The pad owns the port and outlives it; so does `owner`.
  explicit SinkPort(GstPad* pad);
  SinkPort(const SinkPort&) = delete;
  SinkPort& operator=(const SinkPort&) = delete;
  ~SinkPort() override;

  // Called once, before the pad is activated.
  void Attach(SharedWorkerRef worker, Owner* owner);
  GstPad* pad() const { return pad_; }
  const SharedWorkerRef& worker() const { return worker_; }

  // --- the pad's functions, on any thread ---
  GstFlowReturn Chain(GstBuffer* buffer);
  GstFlowReturn ChainList(GstBufferList* list);
  bool Event(GstEvent* event);
  void SetActive(bool active);
  // A new peer is told what the last one was.
  void PeerChanged();

  void SetPlaying(bool playing) { pace_.SetPlaying(playing); }
  void SetSync(bool sync) { sync_ = sync; }
  bool sync() const { return sync_; }
  // Packets dropped: the Worker did not keep up, or they were no RTP.
  uint64_t dropped() const { return dropped_; }

  // --- Worker ---
  // Where packets go; null: nowhere. Not owned.
  void SetCoreSink(RtpBatchSink* sink);
  RtpBatchSink* core_sink() const { return core_sink_; }
  // What foreign packets hold.
  void SetCodec(const RtpCodec& codec);
  // RtpSource: what the core asks of whoever feeds the pad becomes events upstream.
  void RequestKeyFrame(Timestamp now) override;
  void RequestKeyFrameOf(uint8_t encoding, Timestamp now) override;
  void SetPatience(TimeDelta patience) override;
  // Tells whoever feeds the pad. Takes over `what`. Worker.
  void TellUpstream(GstStructure* what);

 private:
  struct Item {
    enum class Kind : uint8_t {
      kBuffer,  // `buffer`
      kFar,     // `far`
      kEnd,     // of the stream
      kBegin,   // of the stream, after its end
      kChange,  // of the caps; the owner does the rest in a task of its own
    };
    Kind kind = Kind::kBuffer;
    BufferRef buffer;
    std::optional<OwnedBatch> far;  // from another Worker, whose ring it names
    Timestamp capture;              // of a plain packet
    bool HoldsMedia() const { return kind == Kind::kBuffer || kind == Kind::kFar; }
  };

  // After its end a stream may begin anew, with a stream-start or after a flush. What it holds is
  // known when its caps and segment come.
  enum class Phase : uint8_t { kFlowing, kEnded, kBeginning };

  bool Post(std::function<void(SinkPort&)> task);
  GstFlowReturn TakePlain(GstBuffer* buffer);
  GstFlowReturn TakeBatch(GstBuffer* buffer, const RtpBatch& batch);
  GstFlowReturn Enqueue(Item item, bool may_wait);
  bool HandleCaps(const GstCaps* caps);
  bool HandleFlush(bool start);
  void HandleEnd();
  void PrepareBegin();
  void Begin();
  void Put(Item::Kind kind);
  void Drain();
  void Deliver(Item& item, Timestamp now);
  void DeliverFar(RtpBatch* batch, Timestamp now);
  void DeliverPlain(GstBuffer* buffer, Timestamp capture, Timestamp now);
  void SendUpstream(GstEvent* event);

  GstPad* const pad_;
  SharedWorkerRef worker_;
  Owner* owner_ = nullptr;

  // Streaming thread's.
  GstSegment segment_;
  Phase phase_ = Phase::kFlowing;
  ClockMap clock_;
  Pace pace_;
  std::atomic<bool> sync_{true};
  std::atomic<uint64_t> dropped_{0};

  std::mutex mutex_;  // guards the inbox
  std::condition_variable drained_;
  std::vector<Item> inbox_;
  // Set under the mutex, while a task is under way that empties the inbox. What comes then has to
  // go through the inbox, or it would overtake.
  std::atomic<bool> scheduled_{false};
  bool flushing_ = true;

  // Worker's.
  RtpBatchSink* core_sink_ = nullptr;
  std::unique_ptr<LocalIngress> ingress_;
  std::unique_ptr<FarHistory> far_history_;
  RtpCodec codec_;
  TimeDelta patience_ = TimeDelta::Zero();
};

}  // namespace sfu::gst

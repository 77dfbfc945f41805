// What stands behind every source pad of ours: takes batches from the core on the Worker and pushes
// them, at once if the peer is one of our pads, through a branch with a thread of its own if not.
//
// The Worker holds no lock while it pushes. Other threads only post to it.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "announcer.h"
#include "branch_feed.h"
#include "encoding_choice.h"
#include "foreign_branch.h"
#include "shared_worker.h"
#include "stream/rtp_batch.h"

namespace sfu::gst {

struct SrcPortStats {
  uint64_t packets = 0;   // pushed
  uint64_t dropped = 0;   // because the branch did not keep up
  uint64_t bytes = 0;     // pushed to a branch, RTP headers included
  uint64_t unlinked = 0;  // that nobody took: no peer, or not active
  uint64_t overflows = 0;
  uint64_t queued_packets = 0;
};

class SinkPort;

class SrcPort final : public RtpBatchSink, private BranchFeed::Owner {
 public:
  // What a plain branch waits for repairs unless it is told otherwise.
  static constexpr TimeDelta kForeignLatency = TimeDelta::Millis(200);

  // The pad owns the port and outlives it.
  explicit SrcPort(GstPad* pad) : pad_(pad) {}
  ~SrcPort() override;
  SrcPort(const SrcPort&) = delete;
  SrcPort& operator=(const SrcPort&) = delete;

  // --- any thread ---
  // Called once, before the pad is activated.
  void SetWorker(SharedWorkerRef worker) { worker_ = std::move(worker); }
  const SharedWorkerRef& worker() const { return worker_; }
  // Plain, fixed caps of the stream. They go out behind the packets that came before, which on the
  // Worker are all so far.
  void SetCaps(CapsRef caps, MediaKind kind);
  CapsRef caps() const;
  // Tells stream and caps on an active pad that has no peer yet, so that whoever hears of the pad
  // sees them. Waits for the Worker: the caller holds no lock.
  void AnnounceCaps();
  // Negative: kForeignLatency if the peer takes plain packets, else 0.
  void SetLatency(int64_t nanos);
  // Whether silences of an Opus stream are filled with silent packets, towards a plain branch.
  void SetFillSilence(bool fill);
  bool fill_silence() const { return fill_silence_; }
  // The latency that is in force.
  TimeDelta latency() const;
  void SetLimits(const BranchLimits& limits);
  BranchLimits limits() const;
  // A key frame, as soon as it is `at` on the SFU clock.
  void RequestKeyFrame(Timestamp at = Timestamp());
  void RequestKeyFrameOf(uint8_t encoding);
  // A wish that came from downstream by event.
  void RequestPatience(TimeDelta patience);
  void Resend(uint16_t sequence_number);
  // The pad's activation, on the application's threads.
  void Activate(guint group_id);
  void Deactivate();
  // The pad has left its element: deactivates for good. GStreamer does not keep apart a change of
  // states that activates the pad and who deactivates it meanwhile; the activation may come last.
  void Retire();
  // The pad was linked or unlinked.
  void PeerChanged();
  // Ends the stream, behind what is queued; on the Worker, at once.
  void EndOfStream();
  SrcPortStats stats() const;

  // --- Worker ---
  // Whom to ask for key frames and patience; null: nobody. Not owned.
  void SetSource(RtpSource* source);
  // The same for a source of several encodings. A peer that takes batches gets all of them, any
  // other the best one, under `ssrc`.
  void SetSimulcastSource(RtpSource* source, const RtpCodec& codec, Ssrc ssrc);
  void OnRtpBatch(const RtpBatch& batch, Timestamp now) override;
  // After its end the stream begins anew. If there was none, nothing.
  void BeginAnew();
  // Tells whoever gets the stream by a sticky event, between packets. Takes over `what`. False if
  // nobody could be told now: there is no peer yet, or it does not keep up.
  bool TellDownstream(GstStructure* what);
  void Prefetch() const override;
  // While not, batches are dropped: a live source gives no data in PAUSED.
  void SetFlowing(bool flowing) { flowing_ = flowing; }

 private:
  enum class Mode : uint8_t { kUnlinked, kDirect, kForeign };

  // Where the best of several encodings goes.
  class Chosen final : public RtpBatchSink {
   public:
    explicit Chosen(SrcPort* port) : port_(port) {}
    void OnRtpBatch(const RtpBatch& batch, Timestamp now) override { port_->Feed(batch, now); }

   private:
    SrcPort* const port_;
  };

  bool Post(std::function<void(SrcPort&)> task);
  void RunOrPost(std::function<void(SrcPort&)> task);
  void ApplyCaps(MediaKind kind);
  void SendCaps();
  void UpdateMode();
  void EnsureBranch();
  bool Blocked() const;
  void PushDirect(const RtpBatch& batch);
  void PushToBranch(const RtpBatch& batch, Timestamp now);
  void Feed(const RtpBatch& batch, Timestamp now);
  bool Chooses() const;
  RtpSource* Asked() const;
  void ApplyLatency();
  void ApplyFill();
  void SendEos();
  void FeedWantsKeyFrame(Timestamp now) override;
  void FeedIsSilent(Timestamp start, TimeDelta duration) override;

  GstPad* const pad_;
  SharedWorkerRef worker_;
  Announcer announcer_;

  // The Worker's.
  Mode mode_ = Mode::kUnlinked;
  bool active_ = false;
  bool flowing_ = true;
  bool eos_sent_ = false;
  RtpSource* source_ = nullptr;
  // With a source of several encodings: what a choice is made with, once it is needed.
  struct Several {
    RtpCodec codec;
    Ssrc ssrc = 0;
  };
  std::optional<Several> several_;
  Chosen chosen_{this};
  std::unique_ptr<EncodingChoice> choice_;
  PadRef peer_;
  const SinkPort* next_ = nullptr;  // behind peer_, if that is a pad of ours on this Worker
  std::unique_ptr<BranchFeed> feed_;
  TimeDelta asked_patience_ = TimeDelta::Zero();

  MediaKind kind_ = MediaKind::kVideo;

  mutable std::mutex mutex_;  // guards what follows, up to caps_
  std::shared_ptr<ForeignBranch> branch_;
  bool may_branch_ = false;  // between Activate() and Deactivate()
  bool retired_ = false;
  BranchLimits limits_;
  CapsRef caps_;

  std::atomic<int64_t> latency_{-1};
  std::atomic<bool> fill_silence_{false};
  std::atomic<uint64_t> direct_packets_{0};
  std::atomic<uint64_t> unlinked_packets_{0};
};

}  // namespace sfu::gst

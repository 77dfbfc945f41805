// The Worker's end of a foreign branch: puts packets in order, waits for repairs, tells the branch
// of silences, and finds packets that it asks for again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "branch_queue.h"
#include "net/timer_queue.h"
#include "rtp/codec.h"
#include "silence_filler.h"
#include "stream/reorder_buffer.h"
#include "stream/rtp_batch.h"

namespace sfu::gst {

class BranchFeed {
 public:
  // A silence longer than this is told to the branch by GAP events, one per such time.
  static constexpr TimeDelta kGapInterval = TimeDelta::Millis(500);
  // While a branch waits for a key frame, it asks again after this time.
  static constexpr TimeDelta kKeyFrameInterval = TimeDelta::Millis(500);
  // A key frame for a certain time is asked for so much later: what an encoder works on then was
  // captured a little earlier.
  static constexpr TimeDelta kKeyFrameLead = TimeDelta::Millis(50);

  // What the feed needs of its pad, on the Worker.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void FeedWantsKeyFrame(Timestamp now) = 0;
    // The stream was silent from `start` for `duration` (SFU clock).
    virtual void FeedIsSilent(Timestamp start, TimeDelta duration) = 0;
  };

  // `timers`, `queue` and `owner` must outlive this.
  BranchFeed(TimerQueue& timers, BranchQueue* queue, Owner* owner);

  void SetVideo(bool video) { video_ = video; }
  void SetLatency(TimeDelta latency) { reorder_.SetLatency(latency); }
  // Batches go on as they come, unordered: the peer is one of ours.
  void SetBatches(bool batches);

  // From now on silences are filled with packets (of an Opus stream); null: not any more.
  void SetFiller(std::unique_ptr<SilenceFiller> filler, Timestamp now);
  bool has_filler() const { return filler_ != nullptr; }

  void OnRtpBatch(const RtpBatch& batch, Timestamp now);
  // GAP events from now on, until packets come. For a branch that is bound to a silent stream.
  void ExpectSilence(Timestamp now);
  // Asks for a key frame that is captured at `at` or later: a muxer names the time at which it
  // wants to cut. Of several wishes the earliest counts.
  void WantKeyFrameAt(Timestamp at);
  // The stream becomes another one: hands on all that waits for repairs, then `event`, which tells
  // the branch's thread of it (see ForeignBranch). What comes next has other numbers.
  void BeginStream(EventRef event);
  // The same, and there will be no more.
  void EndOfStream(EventRef eos);
  // Queues the packet of that outgoing sequence number once more, if the stream's ring has it.
  void Resend(uint16_t sequence_number);

  const ReorderStats& reorder_stats() const { return reorder_.stats(); }

 private:
  void OnTimer(Timestamp now);
  void HandOnAll();
  void Emit(Timestamp now);
  void Queue(OwnedBatch batch, bool discont, Timestamp now);
  void ArmTimer();
  void TellSilence(Timestamp now);
  void LookForKeyFrame(const RtpBatch& batch, Timestamp now);
  void FillSilence(Timestamp now);
  bool Refill(const RtpPacket& packet, uint16_t sequence_number, RtpBatchEntry* out) const;

  BranchQueue* const queue_;
  Owner* const owner_;
  Timer timer_;
  ReorderBuffer reorder_;
  std::unique_ptr<SilenceFiller> filler_;
  bool video_ = false;
  bool batches_ = false;
  bool ended_ = false;
  std::vector<OrderedPacket> ordered_;  // empty between calls; kept for its memory
  RtpBatch head_;                       // SSRC, payload type and ring of the last batch; no entries
  std::optional<RtpBatchEntry> last_;  // the newest entry; its packet is looked at for numbers only
  RtpPacketRef last_packet_;
  Timestamp gap_at_ = Timestamp::Never();
  Timestamp silent_since_;
  Timestamp next_key_frame_request_;
  Timestamp key_frame_at_ = Timestamp::Never();   // when to ask
  Timestamp key_frame_for_ = Timestamp::Never();  // what is captured then or later is the answer
};

}  // namespace sfu::gst

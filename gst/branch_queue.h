// The bounded queue between a Worker, which never waits, and one foreign branch, which may.
//
// When it overflows, packets are dropped (from the start of the frame that did not fit, so that no
// broken frame is handed out) until there is room and, for video, a key frame.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "base/time.h"
#include "gst_ref.h"
#include "owned_batch.h"

namespace sfu::gst {

struct BranchLimits {
  // Both are checked; one is enough to overflow.
  TimeDelta time = TimeDelta::Seconds(2);
  size_t packets = 4096;
};

struct BranchStats {
  uint64_t packets = 0;    // handed out
  uint64_t bytes = 0;      // of RTP packets, headers included
  uint64_t dropped = 0;    // packets lost to overflow
  uint64_t overflows = 0;  // how often it began to drop
  uint64_t queued_packets = 0;
};

class BranchQueue {
 public:
  // What the reader finds: packets, or an event.
  struct Item {
    OwnedBatch batch;
    EventRef event;
    bool discont = false;
  };
  enum class PushResult { kQueued, kDropped, kWantsKeyFrame };

  // `video`: after an overflow it goes on at a key frame only. `discont`: a hole precedes the
  // batch.
  PushResult Push(OwnedBatch batch, bool video, bool discont);
  // Events are always taken. A GAP is not, while the reader has not come to the last one.
  void PushEvent(EventRef event);
  // Waits for an item; nothing when woken or flushing.
  std::optional<Item> Pop();
  // Makes a waiting Pop() return.
  void Wake();
  // While flushing, nothing is taken and nothing waits. Setting it empties the queue.
  void SetFlushing(bool flushing);

  void SetLimits(const BranchLimits& limits);
  BranchStats stats() const;
  // Nothing is queued and the reader waits for more.
  bool idle() const;
  // Packets dropped since the last call.
  uint64_t TakeDropped();

 private:
  bool FullLocked() const;
  void DropFrameLocked(uint32_t timestamp);
  size_t FirstToTakeLocked(const RtpBatch& batch, bool video);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> items_;
  BranchLimits limits_;
  BranchStats stats_;
  uint64_t untold_drops_ = 0;
  bool flushing_ = true;
  bool woken_ = false;
  bool waiting_ = false;  // the reader is in Pop()
  bool gap_queued_ = false;
  bool overflowed_ = false;  // dropping until there is room and a key frame
  bool discont_ = true;      // the next packet follows a hole
};

}  // namespace sfu::gst

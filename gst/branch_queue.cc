// One lock per batch; the Worker holds it for as long as it takes to copy the batch's references.
#include "branch_queue.h"

#include <algorithm>
#include <utility>

namespace sfu::gst {

bool BranchQueue::FullLocked() const {
  if (stats_.queued_packets >= limits_.packets) return true;
  Timestamp oldest = Timestamp::Never();
  Timestamp newest = Timestamp::FromNanos(0);
  for (const Item& item : items_) {
    if (item.batch.packets.empty()) continue;
    oldest = item.batch.packets.front()->capture;
    break;
  }
  for (auto item = items_.rbegin(); item != items_.rend(); ++item) {
    if (item->batch.packets.empty()) continue;
    newest = item->batch.packets.back()->capture;
    break;
  }
  return !oldest.is_never() && newest - oldest >= limits_.time;
}

// Takes back what is queued of the frame with this RTP timestamp.
void BranchQueue::DropFrameLocked(uint32_t timestamp) {
  while (!items_.empty() && !items_.back().batch.packets.empty()) {
    OwnedBatch& last = items_.back().batch;
    while (!last.packets.empty() && last.batch.entries.back().timestamp == timestamp) {
      last.batch.entries.pop_back();
      last.packets.pop_back();
      --stats_.queued_packets;
      ++stats_.dropped;
      ++untold_drops_;
    }
    if (!last.packets.empty()) return;
    items_.pop_back();
  }
}

// The index of the first packet at which a branch that overflowed may go on; the batch's size if
// there is none.
size_t BranchQueue::FirstToTakeLocked(const RtpBatch& batch, bool video) {
  if (!overflowed_) return 0;
  const auto begins = [video](const RtpBatchEntry& entry) {
    const PayloadInfo& info = entry.packet->info;
    return !video || !info.valid || (info.key_frame && info.frame_start);
  };
  const auto first = std::find_if(batch.entries.begin(), batch.entries.end(), begins);
  if (first != batch.entries.end()) {
    overflowed_ = false;
    discont_ = true;
  }
  return static_cast<size_t>(first - batch.entries.begin());
}

BranchQueue::PushResult BranchQueue::Push(OwnedBatch batch, bool video, bool discont) {
  if (batch.packets.empty()) return PushResult::kQueued;
  const std::lock_guard lock(mutex_);
  if (flushing_) return PushResult::kDropped;
  if (FullLocked()) {
    if (!std::exchange(overflowed_, true)) {
      ++stats_.overflows;
      DropFrameLocked(batch.batch.entries.front().timestamp);
    }
    stats_.dropped += batch.packets.size();
    untold_drops_ += batch.packets.size();
    return PushResult::kDropped;
  }
  const size_t first = FirstToTakeLocked(batch.batch, video);
  stats_.dropped += first;
  untold_drops_ += first;
  if (first == batch.packets.size()) return PushResult::kWantsKeyFrame;
  const auto skip = static_cast<ptrdiff_t>(first);
  batch.packets.erase(batch.packets.begin(), batch.packets.begin() + skip);
  batch.batch.entries.erase(batch.batch.entries.begin(), batch.batch.entries.begin() + skip);
  Item item;
  item.discont = std::exchange(discont_, false) || discont;
  item.batch = std::move(batch);
  stats_.queued_packets += item.batch.packets.size();
  items_.push_back(std::move(item));
  if (waiting_) changed_.notify_one();
  return PushResult::kQueued;
}

void BranchQueue::PushEvent(EventRef event) {
  const std::lock_guard lock(mutex_);
  if (flushing_) return;
  const bool gap = GST_EVENT_TYPE(event.get()) == GST_EVENT_GAP;
  if (gap && std::exchange(gap_queued_, true)) return;
  Item item;
  item.event = std::move(event);
  items_.push_back(std::move(item));
  if (waiting_) changed_.notify_one();
}

std::optional<BranchQueue::Item> BranchQueue::Pop() {
  std::unique_lock lock(mutex_);
  waiting_ = true;
  changed_.wait(lock, [this] { return flushing_ || woken_ || !items_.empty(); });
  waiting_ = false;
  if (std::exchange(woken_, false) || flushing_) return std::nullopt;
  Item item = std::move(items_.front());
  items_.pop_front();
  if (item.event && GST_EVENT_TYPE(item.event.get()) == GST_EVENT_GAP) gap_queued_ = false;
  const size_t packets = item.batch.packets.size();
  stats_.queued_packets -= packets;
  stats_.packets += packets;
  for (const RtpPacketRef& packet : item.batch.packets) stats_.bytes += packet->size();
  return item;
}

void BranchQueue::Wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  changed_.notify_all();
}

void BranchQueue::SetFlushing(bool flushing) {
  std::deque<Item> dropped;
  const std::lock_guard lock(mutex_);
  flushing_ = flushing;
  items_.swap(dropped);
  stats_.queued_packets = 0;
  gap_queued_ = false;
  discont_ = true;
  changed_.notify_all();
}

void BranchQueue::SetLimits(const BranchLimits& limits) {
  const std::lock_guard lock(mutex_);
  limits_ = limits;
}

BranchStats BranchQueue::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

bool BranchQueue::idle() const {
  const std::lock_guard lock(mutex_);
  return waiting_ && !woken_ && items_.empty();
}

uint64_t BranchQueue::TakeDropped() {
  const std::lock_guard lock(mutex_);
  return overflowed_ ? 0 : std::exchange(untold_drops_, 0);
}

}  // namespace sfu::gst

// Recording arrivals, and making feedback of them.
#include "congestion/transport_feedback_generator.h"

#include <algorithm>

#include "rtp/rtcp/rtcp_builder.h"

namespace sfu {
namespace {
constexpr int64_t kFirstNumber = int64_t{1} << 40;  // stepping back stays positive
}  // namespace

bool TransportFeedbackGenerator::OnPacket(uint16_t number, Timestamp arrival) {
  if (!started_) {
    started_ = true;
    Restart(kFirstNumber + number);
    next_base_ = newest_;
    return Take(newest_, arrival);
  }
  const int ahead = SeqNum(number).DistanceFrom(SeqNum(static_cast<uint16_t>(newest_)));
  if (ahead > kMaxStep || ahead <= -kWindow) return ConfirmsJump(number, arrival);
  const int64_t unwrapped = newest_ + ahead;
  if (ahead > 0) {
    for (int64_t i = newest_ + 1; i < unwrapped; ++i) SetSeen(i, false);
    newest_ = unwrapped;
    has_stray_ = false;
  } else if (Seen(unwrapped)) {
    return false;
  }
  return Take(unwrapped, arrival);
}

// A new row always leads forward, so that a number never comes twice.
bool TransportFeedbackGenerator::ConfirmsJump(uint16_t number, Timestamp arrival) {
  const int step = SeqNum(number).DistanceFrom(SeqNum(stray_number_));
  if (!has_stray_ || step < 1 || step > kMaxConfirmGap) {
    has_stray_ = true;
    stray_number_ = number;
    stray_arrival_ = arrival;
    return false;
  }
  const int64_t first =
      newest_ + static_cast<uint16_t>(stray_number_ - static_cast<uint16_t>(newest_));
  Restart(first + step);
  const bool full = Take(first, stray_arrival_);
  return Take(first + step, arrival) || full;
}

void TransportFeedbackGenerator::Restart(int64_t newest) {
  seen_.fill(0);
  newest_ = newest;
  has_stray_ = false;
}

bool TransportFeedbackGenerator::Take(int64_t number, Timestamp arrival) {
  SetSeen(number, true);
  ++packets_;
  if (pending_.empty()) deadline_ = arrival + kInterval;
  const auto behind = std::find_if(pending_.rbegin(), pending_.rend(),
                                   [&](const Arrival& other) { return other.number < number; });
  pending_.insert(behind.base(), {number, arrival});
  return pending_.size() >= kMaxPending;
}

// Starts a message with the arrival at `first` and adds what goes into it; returns where the next
// one begins. What was reported before must not be reported as lost now, so a message with late
// packets has only such that follow one another.
size_t TransportFeedbackGenerator::Build(size_t first) {
  const int64_t number = pending_[first].number;
  const bool goes_on = number >= next_base_ && number - next_base_ <= kMaxStep;
  builder_.Start(reporter_, media_, feedback_count_++, goes_on ? next_base_ : number);
  size_t end = first;
  for (int64_t before = number - 1; end < pending_.size(); ++end) {
    const Arrival& arrival = pending_[end];
    const int64_t step = arrival.number - before;
    const bool joins = step == 1 || (before + 1 >= next_base_ && step <= kMaxStep);
    if (!joins || !builder_.Add(arrival.number, arrival.time)) break;
    before = arrival.number;
  }
  if (builder_.empty()) return first + 1;  // only if the clock is centuries off
  next_base_ = std::max(next_base_, builder_.next_sequence());
  return end;
}

void TransportFeedbackGenerator::Send(Ssrc reporter, Ssrc media, const SendFunction& send) {
  reporter_ = reporter;
  media_ = media;
  std::array<uint8_t, kMaxSize> buffer;
  rtcp::RtcpBuilder datagram{MutableBytes(buffer)};
  for (size_t i = 0; i < pending_.size();) {
    i = Build(i);
    if (builder_.empty()) continue;
    ++feedbacks_;
    if (datagram.Add(builder_)) continue;
    send(datagram.bytes());
    datagram.Clear();
    datagram.Add(builder_);
  }
  if (!datagram.empty()) send(datagram.bytes());
  pending_.clear();
  deadline_ = Timestamp::Never();
}

bool TransportFeedbackGenerator::Seen(int64_t number) const {
  const auto bit = static_cast<size_t>(number % kWindow);
  return (seen_[bit / 64] >> (bit % 64) & 1) != 0;
}

void TransportFeedbackGenerator::SetSeen(int64_t number, bool seen) {
  const auto bit = static_cast<size_t>(number % kWindow);
  const uint64_t mask = uint64_t{1} << (bit % 64);
  seen_[bit / 64] = seen ? seen_[bit / 64] | mask : seen_[bit / 64] & ~mask;
}

}  // namespace sfu

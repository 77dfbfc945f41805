// The NACK generator.
#include "stream/nack_generator.h"

#include <algorithm>

#include "rtp/ntp_time.h"

namespace sfu {
namespace {

constexpr TimeDelta kShortestInterval = TimeDelta::Millis(20);
constexpr TimeDelta kSmallestMargin = TimeDelta::Millis(2);
// Repeats come no further apart than this, or twice the first interval if that is more.
constexpr TimeDelta kLongestInterval = TimeDelta::Millis(125);
// So many repeats come at half the interval.
constexpr int kHurriedTries = 4;
// If of the packets that were asked for repeatedly more than this share comes twice, there is no
// hurry for so long. A few do: the peer may itself have got the packet late, as an SFU does.
constexpr double kMaxWaste = 0.3;
constexpr double kWasteMemory = 1.0 / 16;
constexpr TimeDelta kCarefulTime = TimeDelta::Seconds(10);
// So many packets without it make the room for reordering smaller by one again.
constexpr int64_t kReorderMemory = 1000;
// What is due this soon goes along with what is due now; less than any margin.
constexpr TimeDelta kBatchSlack = TimeDelta::Millis(1);

TimeDelta Magnitude(TimeDelta d) { return d < TimeDelta::Zero() ? -d : d; }

}  // namespace

void NackGenerator::OnReceived(int64_t index, Timestamp now) {
  if (!started_) {
    started_ = true;
    newest_ = index;
    return;
  }
  if (index <= newest_) {
    Found(index, now);
    return;
  }
  if (index > newest_ + 1) AddGap(newest_ + 1, index, now);
  newest_ = index;
  if (++in_order_ >= kReorderMemory && reorder_packets_ > kReorderPackets) {
    --reorder_packets_;
    in_order_ = 0;
  }
  HurryReordered(now);
}

// Gaps that are too far back to be reordering need not wait out kReorderWait.
void NackGenerator::HurryReordered(Timestamp now) {
  for (auto it = missing_.rbegin(); it != missing_.rend() && it->tries == 0; ++it) {
    if (it->index + reorder_packets_ > newest_) continue;
    if (it->due <= now) break;
    it->due = now;
    next_ = std::min(next_, now);
  }
}

void NackGenerator::Restart(int64_t first_index) {
  given_up_ += missing_.size();
  missing_.clear();
  next_ = Timestamp::Never();
  newest_ = first_index - 1;
  started_ = true;
}

void NackGenerator::AddGap(int64_t first, int64_t end, Timestamp now) {
  const int64_t room = static_cast<int64_t>(kMaxMissing);
  const int64_t from = std::max(first, end - room);
  given_up_ += static_cast<uint64_t>(from - first);
  const size_t total = missing_.size() + static_cast<size_t>(end - from);
  if (from > first || total > kMaxMissing) key_frame_wanted_ = true;
  if (total > kMaxMissing) {
    const size_t excess = total - kMaxMissing;
    given_up_ += excess;
    missing_.erase(missing_.begin(), missing_.begin() + static_cast<std::ptrdiff_t>(excess));
  }
  for (int64_t index = from; index < end; ++index) {
    missing_.push_back({.index = index, .due = now + kReorderWait, .since = now});
  }
  next_ = std::min(next_, now + kReorderWait);
}

void NackGenerator::Found(int64_t index, Timestamp now) {
  const auto it = Find(index);
  if (it == missing_.end()) return;
  const TimeDelta waited = now - it->requested;
  const TimeDelta usual = responses_known_ ? response_ : rtt_;
  // Impossibly fast for an answer: the packet itself, which had been overtaken.
  const bool overtaken = it->tries == 0 || (it->tries == 1 && waited < usual / 2);
  if (overtaken) LearnReordering(newest_ - index);
  // Only what was asked for once tells how long answers take, as with TCP (RFC 6298): otherwise it
  // is not clear which request was answered.
  if (it->tries == 1) LearnResponse(overtaken ? usual * 15 / 16 : waited);
  if (it->tries > 1) {
    repeated_[next_repeated_++ % repeated_.size()] = static_cast<uint16_t>(index);
    waste_ -= waste_ * kWasteMemory;
  }
  missing_.erase(it);
  if (missing_.empty()) next_ = Timestamp::Never();
}

void NackGenerator::LearnReordering(int64_t distance) {
  if (distance < reorder_packets_) return;
  reorder_packets_ = std::min(distance + 1, kMaxReorderPackets);
  in_order_ = 0;
}

void NackGenerator::LearnResponse(TimeDelta response) {
  response = std::min(response, kMaxRoundTripTime);
  if (!responses_known_) {
    responses_known_ = true;
    response_ = response;
    response_spread_ = response / 8;
    return;
  }
  response_spread_ = (response_spread_ * 3 + Magnitude(response - response_)) / 4;
  response_ = (response_ * 7 + response) / 8;
}

void NackGenerator::OnDuplicate(int64_t index, Timestamp now) {
  if (!WasRepeated(index)) return;
  waste_ += kWasteMemory;
  // What is under way already teaches nothing new.
  if (waste_ < kMaxWaste || now < next_lesson_) return;
  const bool hurried = now >= careful_until_;
  careful_until_ = now + kCarefulTime;
  if (!responses_known_) response_ = rtt_;
  next_lesson_ = now + response_;
  if (hurried) return;
  responses_known_ = true;
  response_ = std::min(response_ + std::max(response_ / 8, kSmallestMargin), kMaxRoundTripTime);
}

bool NackGenerator::WasRepeated(int64_t index) const {
  const size_t count = std::min(next_repeated_, repeated_.size());
  const auto end = repeated_.begin() + static_cast<std::ptrdiff_t>(count);
  return std::find(repeated_.begin(), end, static_cast<uint16_t>(index)) != end;
}

std::span<const SeqNum> NackGenerator::Poll(Timestamp now) {
  due_.clear();
  if (now < next_) return due_;
  next_ = Timestamp::Never();
  const bool hurry = now >= careful_until_;
  std::erase_if(missing_, [&](Missing& missing) {
    if (GiveUp(missing, now)) return true;
    if (missing.due <= now + kBatchSlack) {
      due_.push_back(SeqNum(static_cast<uint16_t>(missing.index)));
      missing.requested = now;
      missing.due = now + Interval(missing.tries, hurry);
      ++missing.tries;
    }
    next_ = std::min(next_, NextEvent(missing));
    return false;
  });
  requested_ += due_.size();
  if (!due_.empty()) ++nacks_;
  return due_;
}

Timestamp NackGenerator::NextEvent(const Missing& missing) const {
  return std::min(missing.due, missing.since + (missing.live ? kLiveDeadline : patience_));
}

bool NackGenerator::GiveUp(Missing& missing, Timestamp now) {
  const TimeDelta late = now - missing.since;
  if (missing.live &&
      (late >= kLiveDeadline || (missing.tries >= kLiveTries && missing.due <= now))) {
    missing.live = false;
    key_frame_wanted_ = true;
  }
  if (missing.live || late < patience_) return false;
  ++given_up_;
  return true;
}

bool NackGenerator::TakeKeyFrameWanted() {
  const bool wanted = key_frame_wanted_;
  key_frame_wanted_ = false;
  return wanted;
}

void NackGenerator::SetRtt(TimeDelta rtt) {
  rtt_known_ = true;
  rtt_ = std::clamp(rtt, TimeDelta::Zero(), kMaxRoundTripTime);
}

void NackGenerator::SetPatience(TimeDelta patience) {
  patience_ = std::clamp(patience, TimeDelta::Zero(), kMaxPatience);
}

bool NackGenerator::WasRequested(int64_t index) const {
  const auto it = Find(index);
  return it != missing_.end() && it->tries > 0;
}

// How long answers take, as far as it is known.
TimeDelta NackGenerator::UsualResponse() const {
  const TimeDelta by_rtt = rtt_known_ || !responses_known_ ? rtt_ : TimeDelta::Zero();
  return responses_known_ ? std::max(by_rtt, response_) : by_rtt;
}

// How long to wait for the answer after `tries` earlier requests.
TimeDelta NackGenerator::Interval(int tries, bool hurry) const {
  const TimeDelta usual = UsualResponse();
  if (hurry && tries > 0 && tries <= kHurriedTries) {
    return std::max(kShortestInterval, usual + kSmallestMargin) / 2;
  }
  TimeDelta margin = std::max(usual / 10, kSmallestMargin);
  if (responses_known_) margin = std::max(margin, response_spread_ * 3);
  const TimeDelta first = std::max(kShortestInterval, usual + margin);
  const TimeDelta longest = std::max(kLongestInterval, first * 2);
  TimeDelta interval = first;
  for (int i = hurry ? kHurriedTries : 1; i < tries && interval < longest; ++i) {
    interval = interval * 3 / 2;
  }
  return std::min(interval, longest);
}

std::vector<NackGenerator::Missing>::const_iterator NackGenerator::Find(int64_t index) const {
  const auto it = std::lower_bound(missing_.begin(), missing_.end(), index,
                                   [](const Missing& m, int64_t i) { return m.index < i; });
  return it != missing_.end() && it->index == index ? it : missing_.end();
}

}  // namespace sfu

// The capture clock.
//
// A stream's media time is its RTP timestamp, unwrapped, in nanoseconds. The capture time is media
// time + shift_, and shift_ moves towards what the best mapping wants at a bounded rate. So
// whatever happens to the mapping, capture times go on evenly.
#include "stream/capture_clock.h"

#include <algorithm>
#include <utility>

namespace sfu {
namespace {

constexpr uint32_t kDefaultClockRate = 90'000;
constexpr int64_t kNanosPerSecond = 1'000'000'000;
// Per second.
constexpr TimeDelta kSlew = TimeDelta::Millis(5);
constexpr TimeDelta kFirstSlew = TimeDelta::Millis(50);
constexpr TimeDelta kAligning = TimeDelta::Seconds(15);
// Nobody notices less between picture and sound; and first packets that come in a burst, as is
// common, are off by as much, which sound of 20 ms a packet would not bear to be taken back at
// once.
constexpr TimeDelta kNear = TimeDelta::Millis(30);
// Two reports of one timeline: their distances by NTP and by RTP differ by no more than this, and
// by a hundredth, for a clock that is off.
constexpr TimeDelta kReportTolerance = TimeDelta::Millis(500);
constexpr int64_t kReportToleranceDivisor = 100;

TimeDelta Magnitude(TimeDelta d) { return d < TimeDelta::Zero() ? -d : d; }
TimeDelta SinceZero(Timestamp t) { return t - Timestamp(); }

// What `per_second` is in `media`.
TimeDelta Share(TimeDelta per_second, TimeDelta media) {
  return TimeDelta::Nanos(
      static_cast<int64_t>(static_cast<double>(per_second.ns()) * media.seconds()));
}

}  // namespace

void LeastOffset::Add(TimeDelta offset, Timestamp now) {
  if (!known_) {
    Reset(offset, now);
    return;
  }
  if (now >= half_window_end_) {
    least_before_ = least_;
    least_ = offset;
    half_window_end_ = now + kHalfWindow;
  }
  least_ = std::min(least_, offset);
  last_added_ = now;
}

void LeastOffset::Reset(TimeDelta offset, Timestamp now) {
  known_ = true;
  least_ = least_before_ = offset;
  half_window_end_ = now + kHalfWindow;
  last_added_ = now;
}

bool SyncGroup::Add(TimeDelta offset, Timestamp now) {
  if (offset_.known() && Magnitude(offset - offset_.value()) > kMaxDisagreement) {
    if (now - offset_.last_added() < kStaleAfter) return false;
    offset_.Reset(offset, now);
    return true;
  }
  offset_.Add(offset, now);
  return true;
}

void SyncGroup::OnReport(TimeDelta change) {
  const bool steady = Magnitude(change) <= kSteadyChange;
  steady_reports_ = steady ? std::min(steady_reports_ + 1, kSteadyReports) : 0;
}

StreamClock::StreamClock(uint32_t clock_rate, std::shared_ptr<SyncGroup> group)
    : clock_rate_(clock_rate == 0 ? kDefaultClockRate : clock_rate), group_(std::move(group)) {}

Timestamp StreamClock::CaptureTime(uint32_t rtp_timestamp, Timestamp arrival, bool repaired) {
  if (const auto known = Recall(rtp_timestamp)) return *known;
  if (!started_) Start(rtp_timestamp, arrival);
  const TimeDelta media = MediaTime(rtp_timestamp);
  const auto stepped = repaired ? std::nullopt : FollowStep(rtp_timestamp, media, arrival);
  Timestamp capture;
  if (stepped) {
    capture = *stepped;
  } else if (repaired || media < newest_media_) {
    capture = Bound(Timestamp() + media + shift_, arrival);
  } else {
    capture = Follow(rtp_timestamp, media, arrival);
  }
  Remember(rtp_timestamp, capture);
  return capture;
}

void StreamClock::Start(uint32_t rtp_timestamp, Timestamp arrival) {
  started_ = true;
  newest_ticks_ = rtp_timestamp;
  newest_media_ = Ticks(newest_ticks_);
  newest_arrival_ = newest_capture_ = arrival;
  delay_.Reset(SinceZero(arrival) - newest_media_, arrival);
  if (report_ && !Fits(*report_)) {
    candidate_ = report_;
    report_.reset();
  }
  shift_ = WantedShift(rtp_timestamp, newest_media_, arrival);
}

// An in-order packet with a new timestamp.
Timestamp StreamClock::Follow(uint32_t rtp_timestamp, TimeDelta media, Timestamp arrival) {
  delay_.Add(SinceZero(arrival) - media, arrival);
  Slew(WantedShift(rtp_timestamp, media, arrival) - shift_, media - newest_media_);
  shift_ = std::min(shift_, SinceZero(arrival) + kMaxAhead - media);
  newest_ticks_ += static_cast<int32_t>(rtp_timestamp - static_cast<uint32_t>(newest_ticks_));
  newest_media_ = media;
  newest_arrival_ = arrival;
  newest_capture_ = Bound(Timestamp() + media + shift_, arrival);
  return newest_capture_;
}

void StreamClock::Slew(TimeDelta error, TimeDelta media) {
  if (synchronized_ && !aligning_until_) aligning_until_ = newest_media_ + kAligning;
  const bool soon = synchronized_ && newest_media_ < *aligning_until_ && group_->steady() &&
                    Magnitude(error) > kNear;
  const TimeDelta most = Share(soon ? kFirstSlew : kSlew, media);
  shift_ += std::clamp(error, -most, most);
}

// A packet whose RTP time and arrival do not go together with those before. Its capture time goes
// on with the arrivals. A second such packet makes it the new timeline. Nothing for all others.
std::optional<Timestamp> StreamClock::FollowStep(uint32_t rtp_timestamp, TimeDelta media,
                                                 Timestamp arrival) {
  const TimeDelta offset = SinceZero(arrival) - media;
  if (Magnitude(offset - delay_.value()) <= kMaxStep) {
    stepped_offset_.reset();
    return std::nullopt;
  }
  const Timestamp capture = Bound(newest_capture_ + (arrival - newest_arrival_), arrival);
  const bool confirmed = stepped_offset_ && Magnitude(offset - *stepped_offset_) <= kMaxStep;
  stepped_offset_ = offset;
  if (!confirmed) return capture;
  stepped_offset_.reset();
  // Unwrapping starts anew, or a peer that keeps jumping ahead would make it overflow.
  newest_ticks_ = rtp_timestamp;
  newest_media_ = Ticks(newest_ticks_);
  newest_arrival_ = arrival;
  newest_capture_ = capture;
  shift_ = SinceZero(capture) - newest_media_;
  delay_.Reset(shift_, arrival);
  remembered_ = 0;
  aligning_until_.reset();
  // The report belongs to the old timeline; the one that was not believed perhaps to the new one.
  report_ = candidate_ && Fits(*candidate_) ? candidate_ : std::nullopt;
  candidate_.reset();
  return capture;
}

// What the best mapping there is says that shift_ should be.
TimeDelta StreamClock::WantedShift(uint32_t rtp_timestamp, TimeDelta media, Timestamp arrival) {
  synchronized_ = false;
  if (report_) {
    const TimeDelta sender = SenderTime(rtp_timestamp);
    synchronized_ = group_->Add(SinceZero(arrival) - sender, arrival);
    if (synchronized_) return sender + group_->offset() - media;
  }
  return delay_.value();
}

void StreamClock::OnSenderReport(NtpTime ntp, uint32_t rtp_timestamp, Timestamp now) {
  if (ntp.is_zero()) return;  // a sender without a wall clock
  const Report report{.ntp = ntp, .rtp_timestamp = rtp_timestamp, .arrival = now};
  JudgeReport(report);
  const bool fits = !started_ || Fits(report);
  const bool believed = report_ ? Continues(*report_, report) : true;
  const bool confirmed = candidate_ && Continues(*candidate_, report);
  if (fits && (believed || confirmed)) {
    report_ = report;
    candidate_.reset();
  } else {
    candidate_ = report;
  }
}

void StreamClock::JudgeReport(const Report& report) {
  const TimeDelta offset = SinceZero(report.arrival) - TimeDelta::Nanos(report.ntp.ToNanos());
  if (report_offset_) group_->OnReport(offset - *report_offset_);
  report_offset_ = offset;
}

// Whether the report's RTP timestamp is about where the packets are, or where they would be had
// they not paused.
bool StreamClock::Fits(const Report& report) const {
  const TimeDelta ahead = MediaTime(report.rtp_timestamp) - newest_media_;
  const TimeDelta passed = report.arrival - newest_arrival_;
  return ahead >= std::min(passed, TimeDelta::Zero()) - kMaxReportDistance &&
         ahead <= std::max(passed, TimeDelta::Zero()) + kMaxReportDistance;
}

bool StreamClock::Continues(const Report& before, const Report& report) const {
  const TimeDelta by_ntp = report.ntp - before.ntp;
  const TimeDelta by_rtp = Ticks(static_cast<int32_t>(report.rtp_timestamp - before.rtp_timestamp));
  return Magnitude(by_ntp - by_rtp) <=
         kReportTolerance + Magnitude(by_ntp) / kReportToleranceDivisor;
}

// Of the timestamp nearest to the newest.
TimeDelta StreamClock::MediaTime(uint32_t rtp_timestamp) const {
  return Ticks(newest_ticks_ +
               static_cast<int32_t>(rtp_timestamp - static_cast<uint32_t>(newest_ticks_)));
}

// By the report in use; since 1900.
TimeDelta StreamClock::SenderTime(uint32_t rtp_timestamp) const {
  return TimeDelta::Nanos(report_->ntp.ToNanos()) +
         Ticks(static_cast<int32_t>(rtp_timestamp - report_->rtp_timestamp));
}

NtpTime StreamClock::SenderNtp(uint32_t rtp_timestamp) const {
  if (!report_) return NtpTime();
  return report_->ntp + Ticks(static_cast<int32_t>(rtp_timestamp - report_->rtp_timestamp));
}

TimeDelta StreamClock::Ticks(int64_t ticks) const {
  const int64_t rate = clock_rate_;
  return TimeDelta::Nanos(ticks / rate * kNanosPerSecond + ticks % rate * kNanosPerSecond / rate);
}

Timestamp StreamClock::Bound(Timestamp capture, Timestamp arrival) const {
  return std::clamp(capture, arrival - kMaxDelay, arrival + kMaxAhead);
}

std::optional<Timestamp> StreamClock::Recall(uint32_t rtp_timestamp) const {
  if (remembered_ == 0) return std::nullopt;
  if (timestamps_[last_remembered_] == rtp_timestamp) return captures_[last_remembered_];
  if (static_cast<int32_t>(rtp_timestamp - newest_remembered_) > 0) return std::nullopt;
  for (size_t i = 0; i < remembered_; ++i) {
    if (timestamps_[i] == rtp_timestamp) return captures_[i];
  }
  return std::nullopt;
}

void StreamClock::Remember(uint32_t rtp_timestamp, Timestamp capture) {
  const int64_t ahead = static_cast<int32_t>(rtp_timestamp - newest_remembered_);
  // What seems far behind shows that the newest was a stray.
  if (remembered_ == 0 || ahead > 0 || Ticks(ahead) < -kMaxReportDistance) {
    newest_remembered_ = rtp_timestamp;
  }
  last_remembered_ = remembered_ == 0 ? 0 : (last_remembered_ + 1) % kRemembered;
  remembered_ = std::min(remembered_ + 1, kRemembered);
  timestamps_[last_remembered_] = rtp_timestamp;
  captures_[last_remembered_] = capture;
}

}  // namespace sfu

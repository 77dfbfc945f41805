// Capture times: when a packet's content was captured, on the SFU clock.
//
// Per stream (StreamClock) an RTP timestamp becomes sender time by the stream's last sender report;
// per sender (SyncGroup) sender time becomes SFU time by one offset for all of the sender's
// streams: the least of arrival - sender time, that is, the quickest packet is taken as not delayed
// at all. So an audio stream that takes longer than the video of the same moment still gets the
// same capture times. Before the first sender report each stream stands alone with the least of
// arrival - RTP time.
//
// A better mapping never makes a stream's capture times jump: they approach it by 5 ms per second.
// After the first sender reports they may be off by as much as the ways of picture and sound
// differ: then they come near it by 50 ms per second, if the sender's clock is one to rely on. One
// thing goes before: a capture time is not later than the packet's arrival by more than 20 ms. So
// much is allowed because a sender's first packets often come in a burst, the first of them late:
// to take that back at once would let sound overlap.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/time.h"
#include "rtp/ntp_time.h"

namespace sfu {

// The least of a series of time offsets, forgetting slowly, so that it follows clocks that drift
// apart: the minimum over the last 10 to 20 s. Whoever uses it slews.
class LeastOffset {
 public:
  static constexpr TimeDelta kHalfWindow = TimeDelta::Seconds(10);

  bool known() const { return known_; }
  void Add(TimeDelta offset, Timestamp now);
  // Forgets all but this.
  void Reset(TimeDelta offset, Timestamp now);
  // Meaningful once known().
  TimeDelta value() const { return std::min(least_, least_before_); }
  Timestamp last_added() const { return last_added_; }

 private:
  bool known_ = false;
  TimeDelta least_;         // of the present half window
  TimeDelta least_before_;  // of the half window before it
  Timestamp half_window_end_;
  Timestamp last_added_;
};

// The streams of one sender that share a clock: one transport and one CNAME. Belongs to one Worker.
class SyncGroup {
 public:
  // A packet whose delay differs from the group's by more does not share the group's clock.
  static constexpr TimeDelta kMaxDisagreement = TimeDelta::Seconds(10);
  // When no stream has agreed for so long, the sender's clock was set: the next one starts anew.
  static constexpr TimeDelta kStaleAfter = TimeDelta::Seconds(5);

  // A packet arrived `offset` after the sender time of its content. False if it does not agree with
  // the group; it is left out then.
  bool Add(TimeDelta offset, Timestamp now);
  // SFU clock minus sender clock; the same for all streams at a time; meaningful after the first
  // Add that was true.
  TimeDelta offset() const { return offset_.value(); }

  // A stream's report came `change` later or earlier after the time in it than the one before did.
  void OnReport(TimeDelta change);
  // Whether the times in the sender's reports go on like their arrivals: there are senders that
  // write nonsense into them.
  bool steady() const { return steady_reports_ >= kSteadyReports; }

 private:
  static constexpr TimeDelta kSteadyChange = TimeDelta::Millis(50);
  static constexpr int kSteadyReports = 2;

  LeastOffset offset_;
  int steady_reports_ = 0;  // in succession; at most kSteadyReports
};

// The clock of one SSRC. Belongs to one Worker; 2 KiB, no allocation.
class StreamClock {
 public:
  // Captures of this many timestamps are remembered, for packets that come late: 4 s at 30 per s.
  static constexpr size_t kRemembered = 128;
  // A step between RTP time and arrival beyond this is a new timeline of the sender, if the next
  // packet confirms it.
  static constexpr TimeDelta kMaxStep = TimeDelta::Seconds(3);
  // No capture time is later than this after the arrival.
  static constexpr TimeDelta kMaxAhead = TimeDelta::Millis(20);
  // No capture time is earlier than this before the arrival.
  static constexpr TimeDelta kMaxDelay = TimeDelta::Seconds(60);
  // How far a sender report's RTP timestamp may be from what the packets let expect.
  static constexpr TimeDelta kMaxReportDistance = TimeDelta::Seconds(10);

  // `clock_rate` in Hz; 0 counts as 90000. `group` must not be null.
  StreamClock(uint32_t clock_rate, std::shared_ptr<SyncGroup> group);

  // The capture time of a packet: the same for all packets of one timestamp, at most
  // kMaxAhead later than `arrival`, not decreasing with the timestamp. `repaired`: it came by
  // retransmission, so its arrival says nothing about the path.
  Timestamp CaptureTime(uint32_t rtp_timestamp, Timestamp arrival, bool repaired);
  // A sender report of this SSRC; may come before the first packet. One that contradicts the
  // packets or the report before is believed when the next one confirms it.
  void OnSenderReport(NtpTime ntp, uint32_t rtp_timestamp, Timestamp now);
  // To another group, as when the stream's CNAME becomes known. Not null.
  void MoveTo(std::shared_ptr<SyncGroup> group) { group_ = std::move(group); }

  // The sender's wall clock at that RTP timestamp; zero before its first report.
  NtpTime SenderNtp(uint32_t rtp_timestamp) const;
  // Whether the group's offset is in use, so that streams of one group can be compared.
  bool synchronized() const { return synchronized_; }
  const SyncGroup& group() const { return *group_; }

 private:
  struct Report {
    NtpTime ntp;
    uint32_t rtp_timestamp = 0;
    Timestamp arrival;
  };

  TimeDelta MediaTime(uint32_t rtp_timestamp) const;
  TimeDelta SenderTime(uint32_t rtp_timestamp) const;
  TimeDelta Ticks(int64_t ticks) const;
  bool Fits(const Report& report) const;
  bool Continues(const Report& before, const Report& report) const;

  void Start(uint32_t rtp_timestamp, Timestamp arrival);
  Timestamp Follow(uint32_t rtp_timestamp, TimeDelta media, Timestamp arrival);
  void Slew(TimeDelta error, TimeDelta media);
  void JudgeReport(const Report& report);
  std::optional<Timestamp> FollowStep(uint32_t rtp_timestamp, TimeDelta media, Timestamp arrival);
  TimeDelta WantedShift(uint32_t rtp_timestamp, TimeDelta media, Timestamp arrival);
  Timestamp Bound(Timestamp capture, Timestamp arrival) const;
  std::optional<Timestamp> Recall(uint32_t rtp_timestamp) const;
  void Remember(uint32_t rtp_timestamp, Timestamp capture);

  uint32_t clock_rate_;
  std::shared_ptr<SyncGroup> group_;
  bool started_ = false;
  bool synchronized_ = false;
  // Media time until which what is far off is mended soon: some reports of each stream.
  std::optional<TimeDelta> aligning_until_;
  int64_t newest_ticks_ = 0;  // the newest RTP timestamp, unwrapped
  TimeDelta newest_media_;    // the same in nanoseconds
  Timestamp newest_arrival_;
  Timestamp newest_capture_;
  TimeDelta shift_;                          // capture time - media time, slewed
  LeastOffset delay_;                        // arrival - media time
  std::optional<TimeDelta> stepped_offset_;  // arrival - media of a packet out of line
  std::optional<Report> report_;             // in use
  std::optional<Report> candidate_;          // not confirmed
  std::optional<TimeDelta> report_offset_;   // arrival - NTP of the latest, believed or not

  size_t remembered_ = 0;
  size_t last_remembered_ = 0;
  uint32_t newest_remembered_ = 0;
  std::array<uint32_t, kRemembered> timestamps_;
  std::array<Timestamp, kRemembered> captures_;
};

}  // namespace sfu

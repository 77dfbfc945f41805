// Sender reports that come before the first packet of their stream (FFmpeg sends them so): kept
// until the stream is known, for they tell the first packet's capture time.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "base/socket_address.h"
#include "base/time.h"
#include "rtp/rtcp/sender_report.h"

namespace sfu {

class EarlyReports {
 public:
  // Reports of so many unknown sources are kept; a new one takes the place of the oldest.
  static constexpr size_t kMax = 8;
  // An older report says nothing about a stream that begins now.
  static constexpr TimeDelta kMaxAge = TimeDelta::Seconds(10);

  struct Report {
    rtcp::SenderReport report;
    SocketAddress from;
    Timestamp arrival;
  };

  void Add(const rtcp::SenderReport& report, const SocketAddress& from, Timestamp now) {
    const Report early{report, from, now};
    for (Report& old : reports_) {
      if (old.report.sender_ssrc == report.sender_ssrc && old.from == from) {
        old = early;
        return;
      }
    }
    reports_[next_] = early;
    next_ = (next_ + 1) % kMax;
  }

  // The newest report of `ssrc` from the IP address of `from`; all of them are forgotten.
  std::optional<Report> Take(Ssrc ssrc, const SocketAddress& from, Timestamp now) {
    std::optional<Report> newest;
    for (Report& report : reports_) {
      if (report.report.sender_ssrc != ssrc || !report.from.is_set() || !report.from.SameIp(from))
        continue;
      if (now - report.arrival <= kMaxAge && (!newest || newest->arrival < report.arrival)) {
        newest = report;
      }
      report = Report();
    }
    return newest;
  }

 private:
  std::array<Report, kMax> reports_{};
  size_t next_ = 0;
};

}  // namespace sfu

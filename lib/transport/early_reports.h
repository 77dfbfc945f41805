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

  // Without its blocks: they are about other streams, and would be most of a transport's memory.
  struct Report {
    Ssrc ssrc = 0;
    NtpTime ntp;
    uint32_t rtp_timestamp = 0;
    uint32_t packet_count = 0;
    uint32_t octet_count = 0;
    SocketAddress from;
    Timestamp arrival;

    rtcp::SenderReport ToReport() const {
      return {ssrc, ntp, rtp_timestamp, packet_count, octet_count, {}};
    }
  };

  void Add(const rtcp::SenderReport& report, const SocketAddress& from, Timestamp now) {
    const Report early{report.sender_ssrc,
                       report.ntp,
                       report.rtp_timestamp,
                       report.packet_count,
                       report.octet_count,
                       from,
                       now};
    for (Report& old : reports_) {
      if (old.ssrc == early.ssrc && old.from == from) {
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
      if (report.ssrc != ssrc || !report.from.is_set() || !report.from.SameIp(from)) continue;
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

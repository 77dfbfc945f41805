// Extended reports, XR (RFC 3611), as far as a receiver needs them to learn its round-trip time:
// the receiver reference time report and its answer, DLRR (sections 4.4 and 4.5).
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/time.h"
#include "rtp/ntp_time.h"
#include "rtp/rtcp/common_header.h"
#include "rtp/rtcp/inline_list.h"
#include "rtp/sequence.h"

namespace sfu::rtcp {

struct ExtendedReport {
  // Receivers that one sender answers in one packet; more are ignored.
  static constexpr size_t kMaxDlrrItems = 64;
  struct DlrrItem {
    Ssrc ssrc = 0;       // the receiver that is answered
    CompactNtp last_rr;  // NTP time of its last reference time report, or 0
    CompactDelay delay_since_last_rr;

    // As ReportBlock::RoundTrip.
    std::optional<TimeDelta> RoundTrip(CompactNtp now) const {
      return RoundTripTime(now, last_rr, delay_since_last_rr);
    }
  };

  Ssrc sender_ssrc = 0;
  std::optional<NtpTime> reference_time;  // RRTR: the sender's clock
  InlineList<DlrrItem, kMaxDlrrItems> dlrr;

  // Blocks of other types are skipped. Nothing if a block runs past the end, or if one of ours has
  // a length that it cannot have.
  static std::optional<ExtendedReport> Parse(const CommonHeader& header, ByteView body);
  // False if it does not fit.
  bool Write(ByteWriter& writer) const;
};

}  // namespace sfu::rtcp

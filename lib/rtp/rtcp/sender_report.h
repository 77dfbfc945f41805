// The sender report, SR (RFC 3550, section 6.4.1).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "rtp/ntp_time.h"
#include "rtp/rtcp/common_header.h"
#include "rtp/rtcp/report_block.h"
#include "rtp/sequence.h"

namespace sfu::rtcp {

struct SenderReport {
  Ssrc sender_ssrc = 0;
  NtpTime ntp;  // when rtp_timestamp was sampled, on the sender's clock; 0 = it has none
  uint32_t rtp_timestamp = 0;
  uint32_t packet_count = 0;  // since the start; wraps
  uint32_t octet_count = 0;   // of payload, since the start; wraps
  ReportBlocks blocks;

  // Nothing if the body is shorter than its count says. Profile extensions behind are ignored.
  static std::optional<SenderReport> Parse(const CommonHeader& header, ByteView body);
  // False if it does not fit.
  bool Write(ByteWriter& writer) const;
};

}  // namespace sfu::rtcp

// The receiver report, RR (RFC 3550, section 6.4.2).
#pragma once

#include <optional>

#include "base/bytes.h"
#include "rtp/rtcp/common_header.h"
#include "rtp/rtcp/report_block.h"
#include "rtp/sequence.h"

namespace sfu::rtcp {

struct ReceiverReport {
  Ssrc sender_ssrc = 0;
  ReportBlocks blocks;  // none: "I am here, and receive nothing"

  // Nothing if the body is shorter than its count says. Profile extensions behind are ignored.
  static std::optional<ReceiverReport> Parse(const CommonHeader& header, ByteView body);
  // False if it does not fit.
  bool Write(ByteWriter& writer) const;
};

}  // namespace sfu::rtcp

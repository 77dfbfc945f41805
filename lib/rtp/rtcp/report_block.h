// The report block of sender and receiver reports (RFC 3550, section 6.4.1).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/time.h"
#include "rtp/ntp_time.h"
#include "rtp/rtcp/common_header.h"
#include "rtp/rtcp/inline_list.h"
#include "rtp/sequence.h"

namespace sfu::rtcp {

// How one receiver sees one source.
struct ReportBlock {
  static constexpr size_t kSize = 24;

  Ssrc ssrc = 0;                  // whom the block is about
  uint8_t fraction_lost = 0;      // of the packets since the last report, in 1/256
  int32_t cumulative_lost = 0;    // -2^23..2^23-1 (duplicates count against it); Write clamps
  uint32_t highest_sequence = 0;  // wraps of the sequence number, then the number: 16 bits each
  uint32_t jitter = 0;            // RTP clock ticks
  CompactNtp last_sr;             // NTP time of the last sender report had, or 0
  CompactDelay delay_since_last_sr;

  double fraction() const { return fraction_lost / 256.0; }
  // Of the path to the reporter and back; `now` on the clock that our sender reports carry. Clamped
  // to 0..kMaxRoundTripTime; nothing if the reporter had no sender report yet.
  std::optional<TimeDelta> RoundTrip(CompactNtp now) const {
    return RoundTripTime(now, last_sr, delay_since_last_sr);
  }

  // Takes kSize bytes; the reader says whether they were there.
  static ReportBlock Read(ByteReader& reader);
  void Write(ByteWriter& writer) const;
};

using ReportBlocks = InlineList<ReportBlock, kMaxCount>;

// Reads `count` blocks; false if there are fewer.
bool ReadReportBlocks(ByteReader& reader, size_t count, ReportBlocks& blocks);

}  // namespace sfu::rtcp

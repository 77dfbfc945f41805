// Receiver estimated maximum bitrate, REMB (draft-alvestrand-rmcat-remb-03).
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/data_rate.h"
#include "rtp/rtcp/common_header.h"
#include "rtp/rtcp/inline_list.h"
#include "rtp/sequence.h"

namespace sfu::rtcp {

struct Remb {
  // The most that is believed, 1 Tbit/s. The field can say 2^81 bit/s.
  static constexpr DataRate kMaxBitrate = DataRate::BitsPerSecond(1'000'000'000'000);
  static constexpr size_t kMaxSsrcs = 255;  // its count is 8 bits wide

  Ssrc sender_ssrc = 0;
  DataRate bitrate;  // 0..kMaxBitrate; rounded down to 18 significant bits when written
  InlineList<Ssrc, kMaxSsrcs> ssrcs;  // the streams that share the bitrate

  // Nothing if it is another application's message or its length does not match its count.
  static std::optional<Remb> Parse(const CommonHeader& header, ByteView body);
  // Clamps the bitrate. False if it does not fit.
  bool Write(ByteWriter& writer) const;
};

}  // namespace sfu::rtcp

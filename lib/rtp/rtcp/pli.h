// Picture loss indication, PLI (RFC 4585, section 6.3.1): the receiver wants a key frame.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "rtp/rtcp/common_header.h"
#include "rtp/sequence.h"

namespace sfu::rtcp {

struct Pli {
  Ssrc sender_ssrc = 0;
  Ssrc media_ssrc = 0;  // the stream that wants the key frame

  // Nothing if the body is too short.
  static std::optional<Pli> Parse(const CommonHeader& header, ByteView body);
  // False if it does not fit.
  bool Write(ByteWriter& writer) const;
};

}  // namespace sfu::rtcp

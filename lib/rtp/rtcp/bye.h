// Goodbye, BYE (RFC 3550, section 6.6).
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "rtp/rtcp/common_header.h"
#include "rtp/rtcp/inline_list.h"
#include "rtp/sequence.h"

namespace sfu::rtcp {

struct Bye {
  InlineList<Ssrc, kMaxCount> ssrcs;
  std::string_view reason;  // at most 255 bytes of any value; empty = none given. Not copied

  // Nothing if the sources or the reason run past the end. The reason points into `body`.
  static std::optional<Bye> Parse(const CommonHeader& header, ByteView body);
  // False if it does not fit or the reason is longer than 255 bytes.
  bool Write(ByteWriter& writer) const;
};

}  // namespace sfu::rtcp

// Source description, SDES (RFC 3550, section 6.5). Of its items only CNAME is kept: it says which
// sources share a clock, and no other item means anything to an SFU.
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "rtp/rtcp/common_header.h"
#include "rtp/rtcp/inline_list.h"
#include "rtp/sequence.h"

namespace sfu::rtcp {

struct Sdes {
  struct Chunk {
    Ssrc ssrc = 0;
    std::string_view cname;  // at most 255 bytes of any value; empty = none. Not copied
  };
  InlineList<Chunk, kMaxCount> chunks;

  // Nothing if a chunk or an item runs past the end, or a chunk has no end mark. The names point
  // into `body`.
  static std::optional<Sdes> Parse(const CommonHeader& header, ByteView body);
  // False if it does not fit or a name is longer than 255 bytes.
  bool Write(ByteWriter& writer) const;
};

}  // namespace sfu::rtcp

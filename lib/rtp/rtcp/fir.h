// Full intra request, FIR (RFC 5104, section 4.3.1): a key frame by command, with a sequence number
// so that a repeated command is not obeyed twice.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "rtp/rtcp/common_header.h"
#include "rtp/rtcp/inline_list.h"
#include "rtp/sequence.h"

namespace sfu::rtcp {

struct Fir {
  // More than any peer has streams; entries beyond are ignored.
  static constexpr size_t kMaxEntries = 64;
  struct Entry {
    Ssrc ssrc = 0;         // the stream that wants the key frame
    uint8_t sequence = 0;  // one more with each new command to this stream
  };

  Ssrc sender_ssrc = 0;
  InlineList<Entry, kMaxEntries> entries;

  // Nothing if the body is too short or does not end with an entry.
  static std::optional<Fir> Parse(const CommonHeader& header, ByteView body);
  // False if it does not fit.
  bool Write(ByteWriter& writer) const;
};

}  // namespace sfu::rtcp

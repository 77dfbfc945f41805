// Which part of a file is asked for: the Range header of RFC 9110, section 14. Knows no network.
#pragma once

#include <cstdint>
#include <string_view>

namespace room {

struct ByteRange {
  // What the answer is: 200 with all, 206 with a part, 416 with nothing.
  unsigned status = 200;
  uint64_t first = 0;
  uint64_t length = 0;  // bytes from there
};

// `header`: of the request, may be empty. One range is honoured; of several, and of what cannot be
// understood, the answer is the whole file, as the standard allows.
ByteRange ReadByteRange(std::string_view header, uint64_t size);

}  // namespace room

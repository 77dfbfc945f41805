// libsrtp2 as the judge of our packets. Its sessions are those of the back end with libsrtp2: if
// they were set up wrongly, the packets of the other back end would show it.
#pragma once

#include <vector>

#include "srtp/libsrtp2_session.h"

namespace sfu {

// One libsrtp2 session of one direction, for any SSRC.
class Libsrtp2Oracle {
 public:
  Libsrtp2Oracle(const SrtpKey& key, Libsrtp2Session::Direction direction);

  // The result of libsrtp2; empty if it refuses.
  std::vector<uint8_t> Protect(std::vector<uint8_t> packet);
  std::vector<uint8_t> ProtectRtcp(std::vector<uint8_t> packet);
  std::vector<uint8_t> Unprotect(std::vector<uint8_t> packet);
  std::vector<uint8_t> UnprotectRtcp(std::vector<uint8_t> packet);

 private:
  Libsrtp2Session session_;
};

}  // namespace sfu

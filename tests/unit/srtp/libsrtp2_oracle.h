// libsrtp2 as an independent judge of our packets.
#pragma once

#include <srtp2/srtp.h>

#include <vector>

#include "srtp/srtp_parameters.h"

namespace sfu {

// One libsrtp2 session of one direction, for any SSRC.
class Libsrtp2Oracle {
 public:
  enum class Direction { kSend, kReceive };
  Libsrtp2Oracle(const SrtpKey& key, Direction direction);
  ~Libsrtp2Oracle();
  Libsrtp2Oracle(const Libsrtp2Oracle&) = delete;
  Libsrtp2Oracle& operator=(const Libsrtp2Oracle&) = delete;

  // The result of libsrtp2; empty if it refuses.
  std::vector<uint8_t> Protect(std::vector<uint8_t> packet);
  std::vector<uint8_t> ProtectRtcp(std::vector<uint8_t> packet);
  std::vector<uint8_t> Unprotect(std::vector<uint8_t> packet);
  std::vector<uint8_t> UnprotectRtcp(std::vector<uint8_t> packet);

 private:
  srtp_t session_ = nullptr;
};

}  // namespace sfu

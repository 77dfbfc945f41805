// One libsrtp2 session: the master key of one direction, streams for any SSRC.
#pragma once

#include <srtp2/srtp.h>

#include "srtp/srtp_parameters.h"

namespace sfu {

class Libsrtp2Session {
 public:
  enum class Direction : uint8_t { kOutbound, kInbound };

  Libsrtp2Session(const SrtpKey& key, Direction direction);
  ~Libsrtp2Session();
  Libsrtp2Session(const Libsrtp2Session&) = delete;
  Libsrtp2Session& operator=(const Libsrtp2Session&) = delete;

  // False if libsrtp2 refused the key; then nothing else may be called.
  bool ok() const { return session_ != nullptr; }
  srtp_t get() const { return session_; }
  const SrtpSuiteInfo& info() const { return info_; }

 private:
  const SrtpSuiteInfo& info_;
  srtp_t session_ = nullptr;
};

}  // namespace sfu

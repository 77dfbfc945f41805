// Answers connectivity checks, on libnice's STUN library: it verifies and writes MESSAGE-INTEGRITY
// and FINGERPRINT. One per Worker; it keeps nothing of what it has seen.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/socket_address.h"
#include "ice/stun_request.h"

struct stun_agent_t;  // libnice's

namespace sfu {

enum class StunVerdict : uint8_t {
  kValid,             // answered with success
  kBadRequest,        // 400: without something that a check must have, or a wrong FINGERPRINT
  kUnauthorized,      // 401: MESSAGE-INTEGRITY is not of this password
  kUnknownAttribute,  // 420: authentic, but it demands what we do not know
  kRoleConflict,      // 487: authentic, but it says that we are to control
};

class StunResponder {
 public:
  // Room that Answer() needs: a user name echoed at its longest, and all else.
  static constexpr size_t kMaxReply = 640;

  StunResponder();
  ~StunResponder();

  struct Answer {
    StunVerdict verdict = StunVerdict::kBadRequest;
    bool authentic = false;  // MESSAGE-INTEGRITY is of this password
    size_t size = 0;         // bytes of the reply; 0: there is none
  };
  // The answer to a Binding request from `from`. `request` is what StunRequest::Parse() made of
  // `datagram`; `password` is that of the session which it names. The reply is written to `out`,
  // which has kMaxReply bytes.
  Answer Reply(ByteView datagram, const StunRequest& request, std::string_view password,
               const SocketAddress& from, MutableBytes out);

 private:
  std::unique_ptr<stun_agent_t> agent_;
};

}  // namespace sfu

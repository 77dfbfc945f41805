// Every ice-char is as likely as any other: there are 64 of them.
#include "ice/ice_credentials.h"

#include <algorithm>
#include <string_view>

namespace sfu {
namespace {

constexpr std::string_view kIceChars =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static_assert(kIceChars.size() == 64);

constexpr size_t kMinUsernameFragment = 4;
constexpr size_t kMinPassword = 22;
constexpr size_t kMaxLength = 256;

std::string ToIceChars(std::span<const uint8_t> random) {
  std::string text;
  for (const uint8_t byte : random) text.push_back(kIceChars[byte % kIceChars.size()]);
  return text;
}

Status CheckText(const std::string& text, const char* field, size_t min_length) {
  if (text.size() < min_length || text.size() > kMaxLength) {
    return Error{field, "must have " + std::to_string(min_length) + " to 256 characters"};
  }
  if (text.find_first_not_of(kIceChars) != std::string::npos) {
    return Error{field, "has a character that is not a letter, a digit, '+' or '/'"};
  }
  return OkStatus();
}

}  // namespace

IceCredentials IceCredentials::FromRandom(std::span<const uint8_t, kRandomBytes> random) {
  return {ToIceChars(random.first(kUsernameFragmentSize)), ToIceChars(random.last(kPasswordSize))};
}

Status IceCredentials::Check() const {
  if (Status status = CheckText(username_fragment, "usernameFragment", kMinUsernameFragment);
      !status) {
    return status;
  }
  return CheckText(password, "password", kMinPassword);
}

}  // namespace sfu

// Texts of ICE and DTLS parameters.
#include "ortc/transport_text.h"

#include <algorithm>

#include "base/ascii.h"

namespace sfu::ortc {
namespace {

bool IsIceChar(char c) {
  const char lower = AsciiLower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
         c == '-' || c == '_' || c == '=';
}

}  // namespace

bool IsIceText(std::string_view text) { return std::all_of(text.begin(), text.end(), IsIceChar); }

std::optional<std::vector<uint8_t>> DigestFromText(std::string_view text, size_t size) {
  if (text.size() != size * 3 - 1) return std::nullopt;
  std::vector<uint8_t> digest;
  digest.reserve(size);
  for (size_t i = 0; i < text.size(); i += 3) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    if (i + 2 < text.size() && text[i + 2] != ':') return std::nullopt;
    digest.push_back(static_cast<uint8_t>(high * 16 + low));
  }
  return digest;
}

std::string DigestText(const std::vector<uint8_t>& digest) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  text.reserve(digest.size() * 3);
  for (const uint8_t byte : digest) {
    if (!text.empty()) text += ':';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xF];
  }
  return text;
}

}  // namespace sfu::ortc

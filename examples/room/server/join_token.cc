#include "join_token.h"

#include <glib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <stdexcept>

#include "protocol.h"

namespace room {
namespace {

constexpr size_t kSignature = 32;  // bytes of SHA-256

using Text = std::unique_ptr<gchar, decltype(&g_free)>;

const guchar* Bytes(std::string_view text) {
  return static_cast<const guchar*>(static_cast<const void*>(text.data()));
}

std::string ToBase64Url(std::string_view bytes) {
  const Text encoded(g_base64_encode(Bytes(bytes), bytes.size()), &g_free);
  std::string text = encoded.get();
  std::erase(text, '=');
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  std::string plain(text);
  const auto known = [](char c) { return g_ascii_isalnum(c) || c == '-' || c == '_'; };
  if (plain.empty() || !std::ranges::all_of(plain, known)) return std::nullopt;
  std::ranges::replace(plain, '-', '+');
  std::ranges::replace(plain, '_', '/');
  plain.append((4 - plain.size() % 4) % 4, '=');
  gsize size = 0;
  const std::unique_ptr<guchar, decltype(&g_free)> bytes(g_base64_decode(plain.c_str(), &size),
                                                         &g_free);
  return std::string(static_cast<const char*>(static_cast<const void*>(bytes.get())), size);
}

std::string Sign(std::string_view key, std::string_view payload) {
  std::array<guint8, kSignature> digest{};
  gsize size = digest.size();
  const std::unique_ptr<GHmac, decltype(&g_hmac_unref)> hmac(
      g_hmac_new(G_CHECKSUM_SHA256, Bytes(key), key.size()), &g_hmac_unref);
  g_hmac_update(hmac.get(), Bytes(payload), static_cast<gssize>(payload.size()));
  g_hmac_get_digest(hmac.get(), digest.data(), &size);
  return {digest.begin(), digest.begin() + size};
}

// Takes equally long wherever they differ.
bool Equal(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned differences = 0;
  for (size_t i = 0; i < a.size(); ++i) differences |= static_cast<unsigned char>(a[i] ^ b[i]);
  return differences == 0;
}

}  // namespace

std::string MakeToken(std::string_view key, std::string_view room, int64_t expires) {
  const std::string payload = ToBase64Url(Json{{"room", room}, {"expires", expires}}.dump());
  return payload + "." + ToBase64Url(Sign(key, payload));
}

std::string RefuseToken(std::string_view key, std::string_view token, std::string_view room,
                        int64_t now) {
  const size_t dot = token.find('.');
  if (token.size() > kMaxToken || dot == std::string_view::npos) return "the token is not valid";
  const auto signature = FromBase64Url(token.substr(dot + 1));
  if (!signature || !Equal(*signature, Sign(key, token.substr(0, dot)))) {
    return "the token is not valid";
  }
  // From here on it is our own writing.
  const auto payload = FromBase64Url(token.substr(0, dot));
  const Json content = Json::parse(payload.value_or(""), nullptr, false);
  if (!content.is_object() || !content.contains("room") || !content.contains("expires") ||
      !content["expires"].is_number_integer()) {
    return "the token is not valid";
  }
  if (content["room"] != room) return "the token is for another room";
  if (content["expires"].get<int64_t>() <= now) return "the token has expired";
  return {};
}

std::string ReadKey(const std::string& file) {
  gchar* content = nullptr;
  gsize size = 0;
  GError* error = nullptr;
  if (g_file_get_contents(file.c_str(), &content, &size, &error) == FALSE) {
    const std::string reason = error->message;
    g_error_free(error);
    throw std::runtime_error("--token-key: " + reason);
  }
  const Text owned(content, &g_free);
  std::string key(content, size);
  while (!key.empty() && (key.back() == '\n' || key.back() == '\r')) key.pop_back();
  if (key.size() < kMinKey || key.size() > kMaxKey) {
    throw std::runtime_error("--token-key: the key must have " + std::to_string(kMinKey) + " to " +
                             std::to_string(kMaxKey) + " bytes");
  }
  return key;
}

}  // namespace room

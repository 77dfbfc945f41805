// Reading the headers that the endpoints look at.
#include "signalling/http_message.h"

#include "base/ascii.h"
#include "signalling/sdp_text.h"

namespace sfu::signalling {
namespace {

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// "type/subtype" without parameters.
std::string_view TypeOf(std::string_view header) { return Trimmed(CutSdp(&header, ';')); }

}  // namespace

std::string HttpResponse::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (EqualsIgnoringAsciiCase(key, name)) return value;
  }
  return {};
}

bool IsGet(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

HttpResponse HttpFault(int status, std::string reason) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(reason) + "\n";
  response.Add("X-Content-Type-Options", "nosniff");
  return response;
}

bool IsContentType(std::string_view header, std::string_view type) {
  return EqualsIgnoringAsciiCase(TypeOf(header), type);
}

bool IsAcceptable(std::string_view header, std::string_view type) {
  if (Trimmed(header).empty()) return true;
  const std::string any_subtype = std::string(type.substr(0, type.find('/'))) + "/*";
  while (!header.empty()) {
    const std::string_view accepted = TypeOf(CutSdp(&header, ','));
    if (accepted == "*/*" || EqualsIgnoringAsciiCase(accepted, any_subtype) ||
        EqualsIgnoringAsciiCase(accepted, type)) {
      return true;
    }
  }
  return false;
}

bool IsBearerToken(std::string_view header, std::string_view token) {
  header = Trimmed(header);
  if (!EqualsIgnoringAsciiCase(CutSdp(&header, ' '), "Bearer")) return false;
  const std::string_view given = Trimmed(header);
  // All of what was given is looked at, whatever is wrong with it.
  unsigned different = given.size() == token.size() ? 0 : 1;
  for (size_t i = 0; i < given.size(); ++i) {
    const char expected = token.empty() ? '\0' : token[i % token.size()];
    different |= static_cast<unsigned char>(given[i] ^ expected);
  }
  return different == 0;
}

bool IfMatchAllows(std::string_view header, std::string_view tag) {
  while (!header.empty()) {
    const std::string_view candidate = Trimmed(CutSdp(&header, ','));
    if (candidate == "*" || candidate == tag) return true;
  }
  return false;
}

}  // namespace sfu::signalling

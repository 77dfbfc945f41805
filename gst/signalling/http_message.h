// A request and a response as the endpoints see them: no sockets, no library.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sfu::signalling {

struct HttpRequest {
  // Who asks, as bytes: an IPv4 address, or the network (/64) of an IPv6 one, for one customer has
  // all of it.
  std::string client;
  std::string method;  // "POST"
  std::string path;    // "/whip", unescaped, without a query
  // Headers; empty or unset: not given.
  std::string content_type;
  std::string accept;
  std::string authorization;
  std::optional<std::string> if_match;
  std::string body;
};

struct HttpResponse {
  int status = 200;
  std::string content_type;  // of `body`
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;

  // The value of a header, or empty.
  std::string Header(std::string_view name) const;
  void Add(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
  }
};

// GET or HEAD.
bool IsGet(const HttpRequest& request);

// A text that says what is wrong.
HttpResponse HttpFault(int status, std::string reason);

// Whether a Content-Type names this type; parameters do not count (RFC 9110, section 8.3.1).
bool IsContentType(std::string_view header, std::string_view type);
// Whether an Accept allows this type; an empty one allows all (RFC 9110, section 12.5.1).
bool IsAcceptable(std::string_view header, std::string_view type);
// Whether an Authorization is this bearer token (RFC 6750, section 2.1). How long it takes does not
// tell how much of the token is right.
bool IsBearerToken(std::string_view header, std::string_view token);
// Whether an If-Match allows this entity tag (quotes included) (RFC 9110, section 13.1.1).
bool IfMatchAllows(std::string_view header, std::string_view tag);

}  // namespace sfu::signalling

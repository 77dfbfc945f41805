// A request of the REST API, and the response to it: no sockets, no library.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../protocol.h"

namespace room {

constexpr size_t kMaxBody = 65'536;  // bytes of a request's body

struct HttpRequest {
  std::string client;                        // its IP address
  std::string method;                        // "POST"
  std::string path;                          // "/api/rooms/blue", unescaped, without a query
  std::map<std::string, std::string> names;  // what stood for {room} and the like in the path
  std::map<std::string, std::string> query;
  std::map<std::string, std::string> headers;  // names in small letters
  std::string body;
  bool body_too_large = false;  // its body is not here

  // The value of a header, in small letters, or of the query; empty if there is none.
  std::string Header(const std::string& name) const;
  std::string Query(const std::string& name) const;
  // The body, which must be an object of JSON; none is an empty one. Throws RequestError.
  Json Object() const;
};

struct HttpResponse {
  unsigned status = 200;
  std::string type;  // of the body
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string file;  // a path: the body is what is in that file, as far as it goes now
  std::shared_ptr<const std::string> shared = nullptr;  // the body, of many responses

  void Add(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
  }
  // The value of a header, or empty.
  std::string Header(std::string_view name) const;
};

HttpResponse JsonResponse(const Json& json, unsigned status = 200);
// {"error": {code, field, reason}}, with the status that belongs to the code.
HttpResponse ErrorResponse(const RequestError& error);

// Whether a Content-Type names this type; parameters do not count (RFC 9110, section 8.3.1).
bool IsContentType(std::string_view header, std::string_view type);
// Browsers say which page a request comes from: whether that is one of this server's. `origin` and
// `host` are the headers; who sends no Origin is no page of others.
bool IsOwnOrigin(std::string_view origin, std::string_view host);

}  // namespace room

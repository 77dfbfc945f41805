// Which handler answers which request: a table of methods and paths. Before a handler runs, it is
// certain that the request may be made: it has the token that its route asks for, comes from no
// page of strangers, and its body is not too large. Knows no GStreamer and no network.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http.h"

namespace room {

// Which token a route asks for, if the server has a key.
enum class Access {
  kPublic,  // none, and pages of other servers may ask, too: the path is secret enough
  kAll,     // none
  kRoom,    // that of {room}, or one for all rooms
  kServer,  // one for all rooms (kAllRooms)
};

class Routes {
 public:
  // May throw RequestError, which is answered.
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // `token_key`: of the join tokens; empty: none are asked for.
  explicit Routes(std::string token_key) : token_key_(std::move(token_key)) {}

  // `pattern`: "/api/rooms/{room}": {NAME} is any one segment, given to the handler by that name.
  // Of two patterns that fit a path the first that was added counts. HEAD is GET, and OPTIONS is
  // answered where nobody adds it.
  void Add(std::string method, std::string pattern, Access access, Handler handler);

  // Whether a path is answered here, if only by an error.
  bool Has(std::string_view path) const;
  HttpResponse Handle(HttpRequest request) const;

  // "GET /healthz" and so on, as they were added.
  std::vector<std::string> List() const;

 private:
  struct Route {
    std::string method;
    std::string pattern;
    Access access = Access::kServer;
    Handler handler;
  };

  HttpResponse Dispatch(HttpRequest* request) const;
  void CheckOrigin(const HttpRequest& request) const;
  // Whether there is a public route for this path.
  bool IsPublic(std::string_view path) const;
  void CheckToken(const Route& route, const HttpRequest& request) const;
  // The methods of a pattern that fits; empty: there is none.
  std::vector<std::string> MethodsOf(std::string_view path) const;

  const std::string token_key_;
  std::vector<Route> routes_;
};

}  // namespace room

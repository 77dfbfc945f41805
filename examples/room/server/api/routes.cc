#include "routes.h"

#include <glib.h>

#include <algorithm>
#include <map>
#include <optional>

#include "../join_token.h"

namespace room {
namespace {

constexpr char kPrefix[] = "/api/";        // below it nothing is a file of the page
constexpr char kPreflightAge[] = "86400";  // seconds

using Names = std::map<std::string, std::string>;

std::string_view TakeSegment(std::string_view* path) {
  const std::string_view segment = path->substr(0, path->find('/'));
  path->remove_prefix(std::min(path->size(), segment.size() + 1));
  return segment;
}

// What stands for the names in the pattern, if it fits.
std::optional<Names> Match(std::string_view pattern, std::string_view path) {
  if (std::ranges::count(pattern, '/') != std::ranges::count(path, '/')) return std::nullopt;
  Names names;
  while (!pattern.empty()) {
    const std::string_view expected = TakeSegment(&pattern);
    const std::string_view segment = TakeSegment(&path);
    if (!expected.starts_with('{')) {
      if (segment != expected) return std::nullopt;
    } else if (segment.empty()) {
      return std::nullopt;
    } else {
      names[std::string(expected.substr(1, expected.size() - 2))] = segment;
    }
  }
  return names;
}

// A token may stand in the address where a browser lets nobody set headers: of a video, say.
std::string TokenOf(const HttpRequest& request) {
  constexpr std::string_view kBearer = "bearer ";
  const std::string header = request.Header("authorization");
  const bool bearer = std::ranges::equal(header.substr(0, kBearer.size()), kBearer, {},
                                         [](char c) { return g_ascii_tolower(c); });
  if (bearer) return header.substr(kBearer.size());
  return request.method == "GET" ? request.Query("token") : std::string();
}

std::string Join(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

HttpResponse WithAllow(HttpResponse response, const std::vector<std::string>& methods) {
  response.Add("Allow", Join(methods));
  return response;
}

// Also for a browser's preflight.
HttpResponse Capabilities(const std::vector<std::string>& methods) {
  HttpResponse response = WithAllow({204, {}, {}, {}}, methods);
  response.Add("Access-Control-Allow-Methods", Join(methods));
  response.Add("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, Range");
  response.Add("Access-Control-Max-Age", kPreflightAge);
  return response;
}

}  // namespace

void Routes::Add(std::string method, std::string pattern, Access access, Handler handler) {
  routes_.push_back({std::move(method), std::move(pattern), access, std::move(handler)});
}

bool Routes::Has(std::string_view path) const {
  return path.starts_with(kPrefix) || !MethodsOf(path).empty();
}

std::vector<std::string> Routes::List() const {
  std::vector<std::string> list;
  for (const Route& route : routes_) list.push_back(route.method + " " + route.pattern);
  return list;
}

std::vector<std::string> Routes::MethodsOf(std::string_view path) const {
  std::vector<std::string> methods;
  for (const Route& route : routes_) {
    if (!Match(route.pattern, path)) continue;
    methods.push_back(route.method);
    if (route.method == "GET") methods.emplace_back("HEAD");
  }
  const bool own_options = std::ranges::find(methods, "OPTIONS") != methods.end();
  if (!methods.empty() && !own_options) methods.emplace_back("OPTIONS");
  return methods;
}

HttpResponse Routes::Handle(HttpRequest request) const {
  HttpResponse response;
  try {
    response = Dispatch(&request);
  } catch (const RequestError& error) {
    response = ErrorResponse(error);
  } catch (const std::exception& error) {
    // Not the client's mistake: no port is left, say.
    response = ErrorResponse(RequestError("failed", "", error.what()));
  }
  // Other pages may ask where a token says that they may.
  if (!token_key_.empty() || IsPublic(request.path)) {
    response.Add("Access-Control-Allow-Origin", "*");
    response.Add("Access-Control-Expose-Headers",
                 "Accept-Patch, Accept-Post, Accept-Ranges, Allow, Content-Range, ETag, Location, "
                 "Retry-After");
  }
  response.Add("X-Content-Type-Options", "nosniff");
  if (response.Header("Cache-Control").empty()) response.Add("Cache-Control", "no-store");
  return response;
}

HttpResponse Routes::Dispatch(HttpRequest* request) const {
  const std::vector<std::string> methods = MethodsOf(request->path);
  if (methods.empty()) throw RequestError("not-found", "", "there is no " + request->path);
  if (request->method != "GET" || !IsPublic(request->path)) CheckOrigin(*request);
  if (request->method == "HEAD") request->method = "GET";
  for (const Route& route : routes_) {
    auto names = Match(route.pattern, request->path);
    if (!names || route.method != request->method) continue;
    request->names = *std::move(names);
    if (request->names.contains("room")) CheckRoomName(request->names["room"]);
    CheckToken(route, *request);
    if (request->body_too_large) {
      throw RequestError("too-large", "body",
                         "the body may have " + std::to_string(kMaxBody) + " bytes");
    }
    return route.handler(*request);
  }
  if (request->method == "OPTIONS") return Capabilities(methods);
  return WithAllow(ErrorResponse({"method", "", "allowed here: " + Join(methods)}), methods);
}

bool Routes::IsPublic(std::string_view path) const {
  return std::ranges::any_of(routes_, [path](const Route& route) {
    return route.access == Access::kPublic && Match(route.pattern, path);
  });
}

// Without a key anybody may do everything who reaches the server: so pages of others may nothing,
// for a browser on this machine reaches it.
void Routes::CheckOrigin(const HttpRequest& request) const {
  if (!token_key_.empty() || IsOwnOrigin(request.Header("origin"), request.Header("host"))) return;
  throw RequestError("origin", "Origin", "pages of other servers may not ask");
}

void Routes::CheckToken(const Route& route, const HttpRequest& request) const {
  if (token_key_.empty() || route.access == Access::kAll || route.access == Access::kPublic) {
    return;
  }
  const std::string token = TokenOf(request);
  if (token.empty()) throw RequestError("token", "Authorization", "this server needs a token");
  const int64_t now = g_get_real_time() / G_USEC_PER_SEC;
  const std::string room = route.access == Access::kRoom ? request.names.at("room") : kAllRooms;
  const std::string refused = RefuseToken(token_key_, token, room, now);
  if (refused.empty() || RefuseToken(token_key_, token, kAllRooms, now).empty()) return;
  throw RequestError("token", "Authorization", refused);
}

}  // namespace room

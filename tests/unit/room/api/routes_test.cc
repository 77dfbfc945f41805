#include "examples/room/server/api/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <stdexcept>

#include "examples/room/server/join_token.h"

namespace room {
namespace {

using testing::ElementsAre;

constexpr char kKey[] = "a key of enough bytes";

std::string Token(const std::string& room, int seconds = 60) {
  return MakeToken(kKey, room, std::time(nullptr) + seconds);
}

HttpRequest Request(std::string method, std::string path) {
  HttpRequest request;
  request.method = std::move(method);
  request.path = std::move(path);
  request.headers["host"] = "here:4443";
  return request;
}

Json ErrorOf(const HttpResponse& response) { return Json::parse(response.body).at("error"); }

// Answers what it was called with.
HttpResponse Echo(const HttpRequest& request) {
  return JsonResponse({{"names", request.names}, {"body", request.Object()}});
}

Routes MakeRoutes(const std::string& key = {}) {
  Routes routes(key);
  routes.Add("GET", "/open", Access::kAll, Echo);
  routes.Add("GET", "/api/rooms", Access::kServer, Echo);
  routes.Add("GET", "/api/rooms/{room}", Access::kRoom, Echo);
  routes.Add("POST", "/api/rooms/{room}/files", Access::kRoom, Echo);
  routes.Add("DELETE", "/api/rooms/{room}/files/{id}", Access::kRoom, Echo);
  routes.Add("GET", "/api/broken", Access::kAll, [](const HttpRequest&) -> HttpResponse {
    throw std::runtime_error("no port is left");
  });
  return routes;
}

TEST(Routes, FindTheHandlerByMethodAndPath) {
  const Routes routes = MakeRoutes();
  const auto names = [&](const char* method, const char* path) {
    const HttpResponse response = routes.Handle(Request(method, path));
    EXPECT_EQ(response.status, 200U) << path;
    return Json::parse(response.body).at("names");
  };
  EXPECT_EQ(names("GET", "/api/rooms"), Json::object());
  EXPECT_EQ(names("GET", "/api/rooms/blue"), Json({{"room", "blue"}}));
  EXPECT_EQ(names("DELETE", "/api/rooms/blue/files/7"), Json({{"room", "blue"}, {"id", "7"}}));
  EXPECT_EQ(names("HEAD", "/open"), Json::object());
}

TEST(Routes, UnknownPathsAreOursBelowApiOnly) {
  const Routes routes = MakeRoutes();
  for (const char* path : {"/api/", "/api/room", "/api/rooms/", "/api/rooms//files",
                           "/api/rooms/blue/files/7/8", "/api/rooms/blue/"}) {
    EXPECT_TRUE(routes.Has(path)) << path;
    const HttpResponse response = routes.Handle(Request("GET", path));
    EXPECT_EQ(response.status, 404U) << path;
    EXPECT_EQ(ErrorOf(response).at("code"), "not-found") << path;
  }
  for (const char* path : {"", "/", "/open/", "open", "/index.html", "/apis"}) {
    EXPECT_FALSE(routes.Has(path)) << path;
  }
  EXPECT_TRUE(routes.Has("/open"));
}

TEST(Routes, OtherMethodsAreToldWhatIsAllowed) {
  const Routes routes = MakeRoutes();
  const HttpResponse response = routes.Handle(Request("PUT", "/api/rooms/blue"));
  EXPECT_EQ(response.status, 405U);
  EXPECT_EQ(response.Header("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(ErrorOf(response).at("code"), "method");
  const HttpResponse options = routes.Handle(Request("OPTIONS", "/api/rooms/blue/files"));
  EXPECT_EQ(options.status, 204U);
  EXPECT_EQ(options.Header("Allow"), "POST, OPTIONS");
  EXPECT_EQ(options.body, "");
}

TEST(Routes, ARouteMayAnswerOptionsItself) {
  Routes routes = MakeRoutes(kKey);
  routes.Add("POST", "/own/{room}", Access::kRoom, [](const HttpRequest&) {
    return HttpResponse{201, {}, {}, {}};
  });
  routes.Add("OPTIONS", "/own/{room}", Access::kAll, [](const HttpRequest& request) {
    HttpResponse response{204, {}, {}, {}};
    response.Add("Accept-Post", request.names.at("room"));
    return response;
  });
  EXPECT_EQ(routes.Handle(Request("OPTIONS", "/own/blue")).Header("Accept-Post"), "blue");
  EXPECT_EQ(routes.Handle(Request("PUT", "/own/blue")).Header("Allow"), "POST, OPTIONS");
}

TEST(Routes, NoRoomIsCalledLikeAPath) {
  const Routes routes = MakeRoutes();
  for (const char* room : {"..", ".hidden", "a b", "*", "\xff", "a%2fb"}) {
    const HttpResponse response = routes.Handle(Request("GET", std::string("/api/rooms/") + room));
    EXPECT_EQ(response.status, 400U) << room;
    EXPECT_EQ(ErrorOf(response).at("field"), "room");
  }
  EXPECT_EQ(routes.Handle(Request("GET", "/api/rooms/" + std::string(65, 'a'))).status, 400U);
}

TEST(Routes, BodiesAreBoundedObjects) {
  const Routes routes = MakeRoutes();
  HttpRequest request = Request("POST", "/api/rooms/blue/files");
  EXPECT_EQ(routes.Handle(request).status, 200U);
  request.body = R"({"a": 1})";
  EXPECT_EQ(routes.Handle(request).status, 415U);
  request.headers["content-type"] = "application/json; charset=utf-8";
  EXPECT_EQ(Json::parse(routes.Handle(request).body).at("body"), Json({{"a", 1}}));
  for (const std::string& body : {std::string("[]"), std::string("{"), std::string(60'000, '[')}) {
    request.body = body;
    const HttpResponse response = routes.Handle(request);
    EXPECT_EQ(response.status, 400U);
    EXPECT_EQ(ErrorOf(response).at("field"), "body");
  }
  request.body.clear();
  request.body_too_large = true;
  EXPECT_EQ(routes.Handle(request).status, 413U);
}

TEST(Routes, WhatFailsIsNotTheClientsFault) {
  const HttpResponse response = MakeRoutes().Handle(Request("GET", "/api/broken"));
  EXPECT_EQ(response.status, 500U);
  EXPECT_EQ(ErrorOf(response),
            Json({{"code", "failed"}, {"field", ""}, {"reason", "no port is left"}}));
}

TEST(Routes, WithoutAKeyPagesOfOthersMayNothing) {
  const Routes routes = MakeRoutes();
  HttpRequest request = Request("GET", "/api/rooms");
  for (const char* origin : {"http://evil.example", "null", "http://here:4443.evil", "here:4443"}) {
    request.headers["origin"] = origin;
    const HttpResponse response = routes.Handle(request);
    EXPECT_EQ(response.status, 403U) << origin;
    EXPECT_EQ(response.Header("Access-Control-Allow-Origin"), "");
  }
  request.headers["origin"] = "https://here:4443";
  EXPECT_EQ(routes.Handle(request).status, 200U);
}

TEST(Routes, WithAKeyOtherPagesNeedAToken) {
  const Routes routes = MakeRoutes(kKey);
  HttpRequest request = Request("GET", "/api/rooms/blue");
  request.headers["origin"] = "http://other.example";
  EXPECT_EQ(routes.Handle(request).status, 401U);
  request.headers["authorization"] = "Bearer " + Token("blue");
  const HttpResponse response = routes.Handle(request);
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.Header("Access-Control-Allow-Origin"), "*");
  request.method = "OPTIONS";
  request.headers.erase("authorization");
  const HttpResponse preflight = routes.Handle(request);
  EXPECT_EQ(preflight.status, 204U);
  EXPECT_EQ(preflight.Header("Access-Control-Allow-Methods"), "GET, HEAD, OPTIONS");
  EXPECT_THAT(preflight.Header("Access-Control-Allow-Headers"),
              testing::HasSubstr("Authorization"));
}

TEST(Routes, ATokenOpensItsRoomOnly) {
  const Routes routes = MakeRoutes(kKey);
  const auto status = [&](const char* method, const char* path, const std::string& token) {
    HttpRequest request = Request(method, path);
    request.headers["authorization"] = "Bearer " + token;
    return routes.Handle(request).status;
  };
  EXPECT_EQ(status("GET", "/api/rooms/blue", Token("blue")), 200U);
  EXPECT_EQ(status("POST", "/api/rooms/blue/files", Token("blue")), 200U);
  EXPECT_EQ(status("DELETE", "/api/rooms/blue/files/1", Token("blue")), 200U);
  EXPECT_EQ(status("GET", "/api/rooms/blue", Token("red")), 401U);
  EXPECT_EQ(status("DELETE", "/api/rooms/blue/files/1", Token("red")), 401U);
  EXPECT_EQ(status("GET", "/api/rooms/blue", Token("blue", -1)), 401U);
  EXPECT_EQ(status("GET", "/api/rooms/blue", "garbage"), 401U);
  EXPECT_EQ(status("GET", "/api/rooms", Token("blue")), 401U);
  EXPECT_EQ(status("GET", "/api/rooms", Token(kAllRooms)), 200U);
  EXPECT_EQ(status("POST", "/api/rooms/blue/files", Token(kAllRooms)), 200U);
  EXPECT_EQ(status("GET", "/open", "garbage"), 200U);
}

TEST(Routes, ATokenInTheAddressIsForReadingOnly) {
  const Routes routes = MakeRoutes(kKey);
  HttpRequest request = Request("GET", "/api/rooms/blue");
  request.query["token"] = Token("blue");
  EXPECT_EQ(routes.Handle(request).status, 200U);
  request.method = "HEAD";
  EXPECT_EQ(routes.Handle(request).status, 200U);
  request = Request("POST", "/api/rooms/blue/files");
  request.query["token"] = Token("blue");
  const HttpResponse refused = routes.Handle(request);
  EXPECT_EQ(refused.status, 401U);
  EXPECT_EQ(refused.Header("WWW-Authenticate"), "Bearer");
}

TEST(Routes, AreListed) {
  Routes routes("");
  routes.Add("GET", "/a", Access::kAll, Echo);
  routes.Add("POST", "/a/{b}", Access::kAll, Echo);
  EXPECT_THAT(routes.List(), ElementsAre("GET /a", "POST /a/{b}"));
}

// Of which the path is secret enough.
TEST(Routes, PublicOnesAreForPagesOfOthers) {
  for (const std::string key : {"", kKey}) {
    Routes routes = MakeRoutes(key);
    routes.Add("GET", "/api/rooms/{room}/hls/{id}", Access::kPublic, Echo);
    routes.Add("DELETE", "/api/rooms/{room}/hls/{id}", Access::kRoom, Echo);
    HttpRequest request = Request("GET", "/api/rooms/blue/hls/1");
    request.headers["origin"] = "https://elsewhere";
    const HttpResponse response = routes.Handle(request);
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.Header("Access-Control-Allow-Origin"), "*");
    request.method = "DELETE";
    EXPECT_EQ(routes.Handle(request).status, key.empty() ? 403U : 401U);
  }
}

TEST(Routes, SayThatNothingIsToBeCachedUnlessTheHandlerDoes) {
  Routes routes("");
  routes.Add("GET", "/a", Access::kAll, Echo);
  routes.Add("GET", "/b", Access::kAll, [](const HttpRequest&) {
    HttpResponse response{204, {}, {}, {}};
    response.Add("Cache-Control", "max-age=60");
    return response;
  });
  EXPECT_EQ(routes.Handle(Request("GET", "/a")).Header("Cache-Control"), "no-store");
  const HttpResponse response = routes.Handle(Request("GET", "/b"));
  EXPECT_EQ(response.Header("Cache-Control"), "max-age=60");
}

}  // namespace
}  // namespace room

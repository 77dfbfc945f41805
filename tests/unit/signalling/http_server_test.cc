// The server over real sockets on loopback, against well-meaning clients and others. Time is real:
// only what must take long does.
#include "signalling/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/http_client.h"

namespace sfu::signalling {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Echoes what it was asked.
HttpResponse Echo(const HttpRequest& request) {
  HttpResponse response;
  response.status = request.path == "/gone" ? 404 : 200;
  response.content_type = "text/plain";
  response.body = request.method + " " + request.path + " " + request.content_type + " " +
                  request.if_match.value_or("-") + " " + std::to_string(request.body.size()) +
                  " bytes";
  response.Add("X-Test", "yes");
  response.Add("X-Client", request.client == std::string("\x7f\0\0\1", 4) ? "here" : "elsewhere");
  return response;
}

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() : context_(g_main_context_new()), loop_(g_main_loop_new(context_, FALSE)) {}
  void SetUp() override {
    auto server = HttpServer::Listen(context_, "127.0.0.1", 0, Echo);
    ASSERT_TRUE(server.ok()) << server.error().ToString();
    server_ = std::move(server).value();
    thread_ = std::thread([this] { g_main_loop_run(loop_); });
  }
  void TearDown() override {
    g_main_context_invoke(
        context_,
        [](gpointer loop) -> gboolean {
          g_main_loop_quit(static_cast<GMainLoop*>(loop));
          return G_SOURCE_REMOVE;
        },
        loop_);
    if (thread_.joinable()) thread_.join();
    server_.reset();
    g_main_loop_unref(loop_);
    g_main_context_unref(context_);
  }
  uint16_t port() const { return server_->port(); }

  GMainContext* context_;
  GMainLoop* loop_;
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

TEST_F(HttpServerTest, RequestsComeAndResponsesGo) {
  HttpClient client(port());
  ASSERT_TRUE(client.connected());
  const std::string answer = client.Ask(
      "POST /whip?a=b HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nIf-Match: \"t\"\r\n"
      "Content-Length: 3\r\n\r\nabc",
      "bytes");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("X-Test: yes\r\n"));
  EXPECT_THAT(answer, HasSubstr("X-Client: here\r\n"));
  EXPECT_THAT(answer, HasSubstr("POST /whip application/sdp \"t\" 3 bytes"));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(client.ReadUntil(""), "");
  HttpClient another(port());
  EXPECT_THAT(another.Ask("DELETE /gone HTTP/1.1\r\nHost: x\r\n\r\n", "bytes"),
              HasSubstr("HTTP/1.1 404"));
}

TEST_F(HttpServerTest, LongBodiesAreCutOff) {
  const std::string body(1 << 20, 'x');
  for (const bool chunked : {false, true}) {
    HttpClient client(port());
    std::string request = "POST /whip HTTP/1.1\r\nHost: x\r\n";
    if (chunked) {
      request += "Transfer-Encoding: chunked\r\n\r\n100000\r\n" + body + "\r\n0\r\n\r\n";
    } else {
      request += "Content-Length: 1048576\r\n\r\n" + body;
    }
    EXPECT_THAT(client.Ask(request, "bytes"),
                HasSubstr(std::to_string(HttpServer::kMaxBody) + " bytes"));
  }
}

TEST_F(HttpServerTest, NonsenseDisturbsNobody) {
  for (const std::string& text :
       {std::string("\r\n\r\n"), std::string("GET\r\n\r\n"), std::string(300000, 'x'),
        std::string("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
        std::string("GET / HTTP/9.9\r\n\r\n"), std::string("\0\xff\x16\x03\x01", 5)}) {
    HttpClient client(port());
    client.Write(text);
  }
  HttpClient client(port());
  EXPECT_THAT(client.Ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "bytes"), HasSubstr("GET /"));
}

// Also where libsoup has no path or no address to give us.
TEST_F(HttpServerTest, OddRequestsAreAnswered) {
  for (const char* line :
       {"OPTIONS * HTTP/1.1", "GET * HTTP/1.1", "CONNECT a:1 HTTP/1.1", "GET http://b/ HTTP/1.1",
        "GET http://[::1/ HTTP/1.1", "GET //[::1 HTTP/1.1", "GET /%00%ff%zz HTTP/1.1",
        "PRI * HTTP/2.0", "\xff\xfe / HTTP/1.1", "GET /a?b#c HTTP/1.0"}) {
    HttpClient client(port());
    EXPECT_THAT(client.Ask(std::string(line) + "\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1."))
        << line;
  }
  for (const char* header : {"Host: [::1", "Expect: 100-continue\r\nContent-Length: 0",
                             "Upgrade: websocket\r\nConnection: Upgrade", "If-Match: \xff\xfe",
                             "Content-Type: ;\r\nAccept: ,;,", "Authorization:"}) {
    HttpClient client(port());
    EXPECT_THAT(client.Ask(std::string("GET / HTTP/1.1\r\n") + header + "\r\n\r\n"),
                StartsWith("HTTP/1."))
        << header;
  }
}

// Slow-loris: a byte now and then keeps no connection.
TEST_F(HttpServerTest, SlowRequestsAreEnded) {
  HttpClient client(port());
  const gint64 begin = g_get_monotonic_time();
  ASSERT_TRUE(client.Write("POST /whip HTTP/1.1\r\n"));
  std::thread dripping([&] {
    while (client.Write("X") && g_get_monotonic_time() - begin < 3 * HttpServer::kPatience) {
      g_usleep(G_USEC_PER_SEC / 4);
    }
  });
  client.ReadUntil("");
  const gint64 spent = g_get_monotonic_time() - begin;
  dripping.join();
  EXPECT_GE(spent, HttpServer::kPatience - G_USEC_PER_SEC);
  EXPECT_LE(spent, 2 * HttpServer::kPatience);
}

TEST_F(HttpServerTest, ManyConnectionsTakeThePlaceOfTheOldest) {
  std::vector<std::unique_ptr<HttpClient>> idle;
  for (size_t i = 0; i < HttpServer::kMaxConnections + 20; ++i) {
    idle.push_back(std::make_unique<HttpClient>(port()));
    ASSERT_TRUE(idle.back()->connected()) << i;
  }
  // Who comes last is served, who came first is gone.
  EXPECT_THAT(idle.back()->Ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "bytes"), HasSubstr("GET /"));
  const gint64 begin = g_get_monotonic_time();
  EXPECT_EQ(idle.front()->ReadUntil(""), "");
  EXPECT_LT(g_get_monotonic_time() - begin, HttpServer::kPatience / 2);
}

TEST_F(HttpServerTest, AFloodFromOneAddressKeepsNobodyElseOut) {
  HttpClient honest(port());
  ASSERT_TRUE(honest.connected());
  std::vector<std::unique_ptr<HttpClient>> flood;
  for (size_t i = 0; i < HttpServer::kMaxConnections + 20; ++i) {
    flood.push_back(std::make_unique<HttpClient>(port(), "127.0.0.2"));
    ASSERT_TRUE(flood.back()->connected()) << i;
  }
  EXPECT_THAT(flood.back()->Ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "bytes"), HasSubstr("GET /"));
  EXPECT_THAT(honest.Ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "bytes"), HasSubstr("GET /"));
}

// Each range would be a copy of the response.
TEST_F(HttpServerTest, RangesAreNotHonoured) {
  std::string ranges = "bytes=0-";
  while (ranges.size() < 60'000) ranges += ",0-";
  for (const std::string& range : {std::string("bytes=1-2"), ranges}) {
    HttpClient client(port());
    const std::string answer =
        client.Ask("GET / HTTP/1.1\r\nHost: x\r\nRange: " + range + "\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_LT(answer.size(), 1000u);
  }
}

TEST(HttpServer, WrongPlacesAreNamed) {
  GMainContext* context = g_main_context_new();
  const auto nowhere = HttpServer::Listen(context, "nowhere", 0, Echo);
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(nowhere.error().ToString(), "address: 'nowhere' is no IP address");
  g_main_context_unref(context);
}

TEST(HttpServer, TakenPortsAreTold) {
  GMainContext* context = g_main_context_new();
  {
    const auto first = HttpServer::Listen(context, "127.0.0.1", 0, Echo);
    ASSERT_TRUE(first.ok());
    const auto second = HttpServer::Listen(context, "127.0.0.1", first.value()->port(), Echo);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().field, "port");
  }
  g_main_context_unref(context);
}

}  // namespace
}  // namespace sfu::signalling

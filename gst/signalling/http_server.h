// An HTTP/1.1 server on one address (libsoup): whole requests in, whole responses out, and bounds
// on what clients may hold.
#pragma once

#include <gio/gio.h>
#include <libsoup/soup.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "signalling/http_message.h"

namespace sfu::signalling {

// Belongs to one GMainContext. It is made and destroyed where that context can be acquired: on its
// thread, or while no thread runs it.
class HttpServer {
 public:
  // Open at a time. One more takes the place of one of the client that has most, the one that is
  // nearest to its end.
  static constexpr size_t kMaxConnections = 256;
  // How long a request may take to come, and a response to be fetched, in microseconds.
  static constexpr int64_t kPatience = 10 * G_USEC_PER_SEC;
  // What is kept of a body. The handler sees a longer one as that long.
  static constexpr size_t kMaxBody = 64 * 1024 + 1;

  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // Listens on that IP address. `port` 0: any. `handler` is called on the thread that runs
  // `context`. Errors: "address" or "port".
  static Result<std::unique_ptr<HttpServer>> Listen(GMainContext* context,
                                                    const std::string& address, uint16_t port,
                                                    Handler handler);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  uint16_t port() const { return port_; }

 private:
  template <typename T>
  struct Unref {
    void operator()(T* object) const { g_object_unref(object); }
  };
  template <typename T>
  using Ref = std::unique_ptr<T, Unref<T>>;

  struct Connection {
    Ref<GSocketConnection> stream;
    std::string client;    // HttpRequest's
    int64_t deadline = 0;  // g_get_monotonic_time()
  };

  HttpServer(GMainContext* context, Handler handler);

  Status Open(const std::string& address, uint16_t port);
  void AcceptNext();
  void OnAccepted(GSocketConnection* stream);
  void MakeRoom();
  void CloseLate();
  void GiveTime(SoupServerMessage* message);
  void Answer(SoupServerMessage* message);
  GSource* AddTimer(guint milliseconds, GSourceFunc function);

  GMainContext* const context_;  // referenced
  const Handler handler_;
  uint16_t port_ = 0;
  Ref<GSocketListener> listener_;
  Ref<GCancellable> cancellable_;
  Ref<SoupServer> soup_;
  GSource* sweep_ = nullptr;
  GSource* retry_ = nullptr;
  std::map<GSocket*, Connection> connections_;  // at most kMaxConnections
};

}  // namespace sfu::signalling

// HTTP requests from their connection's first moment, a TLS handshake included: bounded in number,
// and each must be complete in time. A connection that nothing was asked for yet is a request that
// has not begun; those that wait for the next request are bounded likewise. For the thread of the
// main loop.
#pragma once

#include <libsoup/soup.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace room {

class RequestWatch {
 public:
  // At the same time. With more of them the oldest of the address that has most gives way.
  static constexpr size_t kMaxRequests = 256;
  // Connections that wait for the next request. With more of them the oldest gives way.
  static constexpr size_t kMaxIdle = 256;
  // In which a request must be complete, or the next one begin.
  static constexpr int64_t kPatience = 10'000'000;  // µs
  // In which a client must take some of its answer.
  static constexpr guint kStallPatience = 30;  // seconds

  // `server` outlives it.
  explicit RequestWatch(SoupServer* server);
  RequestWatch(const RequestWatch&) = delete;
  RequestWatch& operator=(const RequestWatch&) = delete;
  ~RequestWatch();

  // Ends what takes too long. To be called each second or so.
  void Sweep();
  // So many there have been, each counted once.
  size_t connections() const { return connections_; }

 private:
  struct Request {
    std::string address;
    int64_t since = 0;  // µs of g_get_monotonic_time()
    bool complete = false;
    GSocket* socket = nullptr;
  };

  static void OnGone(gpointer self, GObject* message);
  static void OnClosed(gpointer self, GObject* socket);
  void Begin(SoupServerMessage* message);
  void Forget(SoupServerMessage* message);
  // Likewise, while the message is there still.
  void Drop(SoupServerMessage* message);
  void MakeRoom();
  // The message is answered: its connection waits for the next, or closes.
  void Rest(SoupServerMessage* message);
  // It does so no longer. False: it did not.
  bool Wake(GSocket* socket);

  SoupServer* const server_;
  std::map<SoupServerMessage*, Request> requests_;
  std::map<GSocket*, int64_t> idle_;  // since when: µs of g_get_monotonic_time()
  size_t connections_ = 0;
  size_t ended_ = 0;  // since the last Sweep()
};

}  // namespace room

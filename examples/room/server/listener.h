// The port that a SoupServer listens on. When there is no file descriptor left for a connection,
// libsoup accepts none any more, also not when there are some again: the listener sees that and
// begins anew. For the thread of the main loop.
#pragma once

#include <libsoup/soup.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace room {

class Listener {
 public:
  // `server` outlives it, and has its certificate already if it is to speak TLS. Throws
  // std::runtime_error.
  Listener(SoupServer* server, const std::string& address, uint16_t port, bool tls);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  // Begins anew where that is needed. `accepted`: connections so far. To be called each second or
  // so.
  void Check(size_t accepted);

 private:
  // Takes the socket over.
  void Attach(GSocket* socket);

  SoupServer* const server_;
  const SoupServerListenOptions how_;
  GSocket* socket_ = nullptr;  // the one that libsoup accepts from
  int spare_ = -1;             // a descriptor of the same port, for when libsoup's is closed
  // At the last Check().
  bool waited_ = false;
  size_t accepted_ = 0;
};

}  // namespace room

// Reads and throws away what a client still sends after our goodbye. A connection that is closed
// with something unread in it is reset, and then the client may never read why.
#pragma once

#include <gio/gio.h>

namespace room {

class Drain {
 public:
  // The connection of `socket` stays open as long as this is there, whoever closes the socket.
  // Reads from now on, in the main loop.
  explicit Drain(GSocket* socket);
  Drain(const Drain&) = delete;
  Drain& operator=(const Drain&) = delete;
  ~Drain();

  // Nothing more will be written.
  void EndWriting() const;

 private:
  bool Read();

  const int socket_;  // -1: none could be had, so nothing is drained
  GSource* source_ = nullptr;
};

}  // namespace room

#include "listener.h"

#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "log.h"

namespace room {
namespace {

// GLib's ten would make a class that comes in at once wait for seconds.
constexpr int kBacklog = 512;  // connections that wait to be accepted

[[noreturn]] void Throw(GError* error) {
  const std::string reason = error->message;
  g_error_free(error);
  throw std::runtime_error(reason);
}

GSocket* Bound(const std::string& address, uint16_t port) {
  GSocketAddress* where = g_inet_socket_address_new_from_string(address.c_str(), port);
  GError* error = nullptr;
  GSocket* socket = g_socket_new(g_socket_address_get_family(where), G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, &error);
  bool bound = false;
  if (socket != nullptr) {
    bound = g_socket_bind(socket, where, TRUE, &error) != FALSE;
  }
  g_object_unref(where);
  if (bound) return socket;
  g_clear_object(&socket);
  Throw(error);
}

}  // namespace

Listener::Listener(SoupServer* server, const std::string& address, uint16_t port, bool tls)
    : server_(server),
      how_(static_cast<SoupServerListenOptions>(tls ? SOUP_SERVER_LISTEN_HTTPS : 0)) {
  GSocket* socket = Bound(address, port);
  spare_ = fcntl(g_socket_get_fd(socket), F_DUPFD_CLOEXEC, 0);
  Attach(socket);
}

Listener::~Listener() {
  if (spare_ >= 0) close(spare_);
  g_clear_object(&socket_);
}

void Listener::Attach(GSocket* socket) {
  g_clear_object(&socket_);
  socket_ = socket;
  g_socket_set_listen_backlog(socket, kBacklog);
  GError* error = nullptr;
  if (g_socket_listen(socket, &error) == FALSE ||
      soup_server_listen_socket(server_, socket, how_, &error) == FALSE) {
    Throw(error);
  }
}

// Connections wait, and have for a second, and not one was accepted meanwhile.
void Listener::Check(size_t accepted) {
  const bool waits = g_socket_condition_check(socket_, G_IO_IN) != 0;
  const bool stuck = waits && waited_ && accepted == accepted_;
  waited_ = waits;
  accepted_ = accepted;
  if (!stuck) return;
  const int descriptor = fcntl(spare_, F_DUPFD_CLOEXEC, 0);
  if (descriptor < 0) return;  // there are none left still
  GSocket* socket = g_socket_new_from_fd(descriptor, nullptr);
  if (socket == nullptr) {
    close(descriptor);
    return;
  }
  // It ends what libsoup has, requests that are being answered, too: each holds a descriptor.
  soup_server_disconnect(server_);
  try {
    Attach(socket);
    Log("listening-again", {{"reason", "there was no file descriptor for a connection"}});
  } catch (const std::runtime_error& error) {
    Log("listening-failed", {{"reason", error.what()}});
  }
}

}  // namespace room

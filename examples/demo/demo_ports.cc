// Free UDP ports.
#include "examples/demo/demo_ports.h"

#include <gio/gio.h>

#include <cstdio>

namespace {

constexpr int kDefaultPort = 5004;
constexpr int kPairsToTry = 100;

bool IsFree(int port) {
  GSocket* socket =
      g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, nullptr);
  if (socket == nullptr) return false;
  GInetAddress* any = g_inet_address_new_any(G_SOCKET_FAMILY_IPV4);
  GSocketAddress* address = g_inet_socket_address_new(any, static_cast<guint16>(port));
  const bool is_free = g_socket_bind(socket, address, FALSE, nullptr) != FALSE;
  g_object_unref(address);
  g_object_unref(any);
  g_object_unref(socket);
  return is_free;
}

}  // namespace

int ChooseIngressPort(int wanted) {
  if (wanted != 0) {
    for (int port = wanted; port <= wanted + 1; ++port) {
      if (IsFree(port)) continue;
      std::fprintf(stderr,
                   "UDP port %d is taken. --port names another one (RTCP takes the one after it); "
                   "without --port the demo looks for a free one.\n",
                   port);
      return 0;
    }
    return wanted;
  }
  for (int i = 0; i < kPairsToTry; ++i) {
    const int port = kDefaultPort + 2 * i;
    if (IsFree(port) && IsFree(port + 1)) return port;
  }
  std::fprintf(stderr, "No UDP port from %d on is free; --port names one.\n", kDefaultPort);
  return 0;
}

#include "drain.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace room {
namespace {

constexpr size_t kAtOnce = 16'384;  // bytes

}  // namespace

Drain::Drain(GSocket* socket) : socket_(fcntl(g_socket_get_fd(socket), F_DUPFD_CLOEXEC, 0)) {
  if (socket_ < 0) return;
  source_ = g_unix_fd_source_new(socket_, static_cast<GIOCondition>(G_IO_IN | G_IO_HUP));
  const auto read = +[](gint, GIOCondition, gpointer self) -> gboolean {
    return static_cast<gboolean>(static_cast<Drain*>(self)->Read());
  };
  // NOLINTNEXTLINE(bugprone-casting-through-void): the source calls a GUnixFDSourceFunc
  g_source_set_callback(source_, G_SOURCE_FUNC(read), this, nullptr);
  g_source_attach(source_, nullptr);
}

Drain::~Drain() {
  if (socket_ < 0) return;
  g_source_destroy(source_);
  g_source_unref(source_);
  close(socket_);
}

void Drain::EndWriting() const {
  if (socket_ >= 0) shutdown(socket_, SHUT_WR);
}

bool Drain::Read() {
  std::array<char, kAtOnce> rest = {};
  return recv(socket_, rest.data(), rest.size(), MSG_DONTWAIT) > 0;
}

}  // namespace room

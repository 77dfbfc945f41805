// libsoup makes a message for the first request as soon as a connection has been accepted, and for
// each next one when its first bytes are there. The message goes with the answer, or when a
// WebSocket takes the connection over. Who shuts a socket down is to libsoup a client that has
// gone.
#include "request_watch.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "log.h"

namespace room {
namespace {

void ShutDown(GSocket* socket) { g_socket_shutdown(socket, TRUE, TRUE, nullptr); }

}  // namespace

// Of the message only the address is left.
void RequestWatch::OnGone(gpointer self, GObject* message) {
  static_cast<RequestWatch*>(self)->Forget(reinterpret_cast<SoupServerMessage*>(message));
}

RequestWatch::RequestWatch(SoupServer* server) : server_(server) {
  // NOLINTBEGIN(bugprone-casting-through-void): what G_CALLBACK is made of
  g_signal_connect(server_, "request-started",
                   G_CALLBACK(+[](SoupServer*, SoupServerMessage* message, RequestWatch* self) {
                     self->Begin(message);
                   }),
                   this);
  g_signal_connect(server_, "request-read",
                   G_CALLBACK(+[](SoupServer*, SoupServerMessage* message, RequestWatch* self) {
                     const auto request = self->requests_.find(message);
                     if (request != self->requests_.end()) request->second.complete = true;
                   }),
                   this);
  g_signal_connect(server_, "request-finished",
                   G_CALLBACK(+[](SoupServer*, SoupServerMessage* message, RequestWatch* self) {
                     self->Rest(message);
                   }),
                   this);
  // NOLINTEND(bugprone-casting-through-void)
}

RequestWatch::~RequestWatch() {
  g_signal_handlers_disconnect_by_data(server_, this);
  while (!idle_.empty()) Wake(idle_.begin()->first);
  while (!requests_.empty()) Drop(requests_.begin()->first);
}

void RequestWatch::Begin(SoupServerMessage* message) {
  GSocket* socket = soup_server_message_get_socket(message);
  if (socket == nullptr || requests_.contains(message)) return;
  if (!Wake(socket)) ++connections_;
  if (requests_.size() >= kMaxRequests) MakeRoom();
  g_socket_set_timeout(socket, kStallPatience);
  const char* host = soup_server_message_get_remote_host(message);
  requests_[message] = {host == nullptr ? "" : host, g_get_monotonic_time(), false,
                        G_SOCKET(g_object_ref(socket))};
  g_object_weak_ref(G_OBJECT(message), OnGone, this);
}

void RequestWatch::Forget(SoupServerMessage* message) {
  const auto request = requests_.find(message);
  g_object_unref(request->second.socket);
  requests_.erase(request);
}

void RequestWatch::Drop(SoupServerMessage* message) {
  g_object_weak_unref(G_OBJECT(message), OnGone, this);
  Forget(message);
}

void RequestWatch::OnClosed(gpointer self, GObject* socket) {
  static_cast<RequestWatch*>(self)->idle_.erase(reinterpret_cast<GSocket*>(socket));
}

// With a time-out of the socket's own libsoup would leave the connection as it is, and deaf.
void RequestWatch::Rest(SoupServerMessage* message) {
  GSocket* socket = soup_server_message_get_socket(message);
  if (socket == nullptr || idle_.contains(socket)) return;
  g_socket_set_timeout(socket, 0);
  if (idle_.size() >= kMaxIdle) {
    const auto since = [](const auto& one) { return one.second; };
    GSocket* oldest = std::ranges::min_element(idle_, {}, since)->first;
    ShutDown(oldest);
    Wake(oldest);
  }
  idle_[socket] = g_get_monotonic_time();
  g_object_weak_ref(G_OBJECT(socket), OnClosed, this);
}

bool RequestWatch::Wake(GSocket* socket) {
  if (idle_.erase(socket) == 0) return false;
  g_object_weak_unref(G_OBJECT(socket), OnClosed, this);
  return true;
}

// What waits for its answer, a long download say, is the last to go.
void RequestWatch::MakeRoom() {
  std::map<std::string, size_t> of_address;
  for (const auto& [message, request] : requests_) ++of_address[request.address];
  const auto most =
      std::ranges::max_element(of_address, {}, [](const auto& address) { return address.second; });
  const auto rank = [&](const auto& one) {
    const Request& request = one.second;
    return std::tuple(request.address != most->first, request.complete, request.since);
  };
  const auto victim = std::ranges::min_element(requests_, {}, rank);
  ShutDown(victim->second.socket);
  Drop(victim->first);
  ++ended_;
}

void RequestWatch::Sweep() {
  const int64_t now = g_get_monotonic_time();
  for (const auto& [message, request] : requests_) {
    if (request.complete || now - request.since <= kPatience) continue;
    ShutDown(request.socket);
    ++ended_;
  }
  for (const auto& [socket, since] : idle_) {
    if (now - since > kPatience) ShutDown(socket);
  }
  if (ended_ > 0) Log("requests-ended", {{"count", ended_}});
  ended_ = 0;
}

}  // namespace room

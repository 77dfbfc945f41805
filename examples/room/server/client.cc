// libsoup queues without bound what a client does not read. So it gets a message only when the
// connection takes more; the others wait here, where they are counted.
#include "client.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "log.h"

namespace room {
namespace {

constexpr guint kKeepalive = 10;  // seconds between pings

template <typename Function>
GSource* OnIdle(Function function, gpointer data) {
  GSource* source = g_idle_source_new();
  g_source_set_callback(source, function, data, nullptr);
  g_source_attach(source, nullptr);
  return source;
}

void Drop(GSource** source) {
  if (*source == nullptr) return;
  g_source_destroy(*source);
  g_source_unref(*source);
  *source = nullptr;
}

GPollableOutputStream* Output(SoupWebsocketConnection* socket) {
  GIOStream* stream = soup_websocket_connection_get_io_stream(socket);
  return G_POLLABLE_OUTPUT_STREAM(g_io_stream_get_output_stream(stream));
}

}  // namespace

Client::Client(SoupWebsocketConnection* socket, GSocket* connection, int max_message)
    : socket_(SOUP_WEBSOCKET_CONNECTION(g_object_ref(socket))),
      connection_(G_SOCKET(g_object_ref(connection))),
      opened_(g_get_monotonic_time()),
      last_heard_(opened_) {
  soup_websocket_connection_set_max_incoming_payload_size(socket_,
                                                          static_cast<guint64>(max_message));
  soup_websocket_connection_set_keepalive_interval(socket_, kKeepalive);
}

void Client::Start(Callbacks callbacks) {
  callbacks_ = std::move(callbacks);
  // NOLINTBEGIN(bugprone-casting-through-void): what G_CALLBACK is made of
  g_signal_connect(socket_, "message",
                   G_CALLBACK(+[](SoupWebsocketConnection*, int type, GBytes* bytes, Client* self) {
                     self->Receive(type, bytes);
                   }),
                   this);
  g_signal_connect(socket_, "pong",
                   G_CALLBACK(+[](SoupWebsocketConnection*, GBytes*, Client* self) {
                     self->last_heard_ = g_get_monotonic_time();
                   }),
                   this);
  g_signal_connect(socket_, "error",
                   G_CALLBACK(+[](SoupWebsocketConnection*, GError* error, Client* self) {
                     const int code = error->domain == SOUP_WEBSOCKET_ERROR
                                          ? error->code
                                          : int{SOUP_WEBSOCKET_CLOSE_PROTOCOL_ERROR};
                     if (code == SOUP_WEBSOCKET_CLOSE_TOO_BIG) self->RefuseTooBig();
                     self->CutOff(static_cast<unsigned short>(code), error->message);
                   }),
                   this);
  g_signal_connect(socket_, "closed", G_CALLBACK(+[](SoupWebsocketConnection*, Client* self) {
                     self->CutOff(SOUP_WEBSOCKET_CLOSE_NORMAL, "closed");
                   }),
                   this);
  // NOLINTEND(bugprone-casting-through-void)
}

Client::~Client() {
  Drop(&writable_);
  Drop(&ending_);
  g_signal_handlers_disconnect_by_data(socket_, this);
  if (soup_websocket_connection_get_state(socket_) == SOUP_WEBSOCKET_STATE_OPEN) {
    soup_websocket_connection_close(socket_, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, "the server ends");
  }
  // Who does not answer the goodbye is not waited for.
  g_io_stream_close(soup_websocket_connection_get_io_stream(socket_), nullptr, nullptr);
  g_object_unref(socket_);
  g_object_unref(connection_);
}

void Client::Receive(int type, GBytes* bytes) {
  if (ending_ != nullptr) return;
  last_heard_ = g_get_monotonic_time();
  if (!rate_.Take(last_heard_)) {
    return CutOff(SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, "too many messages");
  }
  if (type != SOUP_WEBSOCKET_DATA_TEXT) {
    return CutOff(SOUP_WEBSOCKET_CLOSE_UNSUPPORTED_DATA, "messages are text");
  }
  gsize size = 0;
  const auto* text = static_cast<const char*>(g_bytes_get_data(bytes, &size));
  callbacks_.on_message(std::string_view(text, size));
}

void Client::Send(const std::string& text) {
  // libsoup may have closed the socket, and not said so yet: nothing can be waited for on it.
  const bool open = soup_websocket_connection_get_state(socket_) == SOUP_WEBSOCKET_STATE_OPEN;
  if (ending_ != nullptr || !open) return;
  waiting_bytes_ += text.size();
  if (waiting_bytes_ > kMaxWaiting) {
    return CutOff(SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, "does not read");
  }
  waiting_.push_back(text);
  WaitUntilWritable();
}

void Client::WaitUntilWritable() {
  if (writable_ != nullptr) return;
  writable_ = g_pollable_output_stream_create_source(Output(socket_), nullptr);
  const auto send = +[](GObject*, gpointer self) -> gboolean {
    static_cast<Client*>(self)->SendWaiting();
    return G_SOURCE_REMOVE;
  };
  // NOLINTNEXTLINE(bugprone-casting-through-void): the source calls a GPollableSourceFunc
  g_source_set_callback(writable_, G_SOURCE_FUNC(send), this, nullptr);
  g_source_attach(writable_, nullptr);
}

void Client::SendWaiting() {
  Drop(&writable_);
  if (soup_websocket_connection_get_state(socket_) != SOUP_WEBSOCKET_STATE_OPEN) return;
  const std::string text = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= text.size();
  soup_websocket_connection_send_text(socket_, text.c_str());
  if (!waiting_.empty()) WaitUntilWritable();
}

void Client::CutOff(unsigned short code, const std::string& reason) {
  if (ending_ != nullptr || closed_) return;
  code_ = code;
  reason_ = reason;
  waiting_.clear();
  Drop(&writable_);
  ending_ = OnIdle(
      +[](gpointer self) -> gboolean {
        static_cast<Client*>(self)->EndNow();
        return G_SOURCE_REMOVE;
      },
      this);
}

void Client::EndNow() {
  closed_ = true;
  ended_ = g_get_monotonic_time();
  const bool open = soup_websocket_connection_get_state(socket_) == SOUP_WEBSOCKET_STATE_OPEN;
  if (open || drain_) Log("cut-off", {{"code", code_}, {"reason", reason_}});
  if (drain_) {
    drain_->EndWriting();
  } else if (open) {
    soup_websocket_connection_close(socket_, code_, reason_.c_str());
  }
  callbacks_.on_closed();
}

// After such a message libsoup closes the connection without a word. So the close frame (RFC 6455,
// section 5.5.1) is written past it; where the client reads so little that there is no place for
// it, it goes without.
void Client::RefuseTooBig() {
  constexpr std::array<unsigned char, 4> kCloseFrame = {0x88, 2, SOUP_WEBSOCKET_CLOSE_TOO_BIG >> 8,
                                                        SOUP_WEBSOCKET_CLOSE_TOO_BIG & 0xff};
  g_pollable_output_stream_write_nonblocking(Output(socket_), kCloseFrame.data(),
                                             kCloseFrame.size(), nullptr, nullptr);
  drain_.emplace(connection_);
}

}  // namespace room

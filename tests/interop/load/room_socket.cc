#include "room_socket.h"

#include <utility>

namespace load {

RoomSocket::RoomSocket(SoupSession* session, const std::string& url, std::function<void()> ready,
                       OnNotification heard, OnFailure failed)
    : session_(session),
      ready_(std::move(ready)),
      heard_(std::move(heard)),
      failed_(std::move(failed)) {
  SoupMessage* message = soup_message_new("GET", url.c_str());
  soup_session_websocket_connect_async(
      session_, message, nullptr, nullptr, G_PRIORITY_DEFAULT, nullptr,
      [](GObject*, GAsyncResult* result, gpointer self) {
        static_cast<RoomSocket*>(self)->OnConnected(result);
      },
      this);
  g_object_unref(message);
}

RoomSocket::~RoomSocket() {
  if (socket_ == nullptr) return;
  g_signal_handlers_disconnect_by_data(socket_, this);
  g_object_unref(socket_);
}

void RoomSocket::OnConnected(GAsyncResult* result) {
  GError* error = nullptr;
  socket_ = soup_session_websocket_connect_finish(session_, result, &error);
  if (socket_ == nullptr) {
    failed_(error->message);
    g_error_free(error);
    return;
  }
  g_signal_connect(socket_, "message",
                   G_CALLBACK(+[](SoupWebsocketConnection*, gint, GBytes* bytes, RoomSocket* self) {
                     self->OnMessage(bytes);
                   }),
                   this);
  g_signal_connect(
      socket_, "closed", G_CALLBACK(+[](SoupWebsocketConnection* socket, RoomSocket* self) {
        self->failed_("closed with " +
                      std::to_string(soup_websocket_connection_get_close_code(socket)));
      }),
      this);
  ready_();
}

void RoomSocket::Request(const std::string& method, const Json& data, OnAnswer answered) {
  const int64_t id = ++last_id_;
  waiting_[id] = {method, std::move(answered)};
  const Json request = {{"id", id}, {"method", method}, {"data", data}};
  soup_websocket_connection_send_text(socket_, request.dump().c_str());
}

void RoomSocket::OnMessage(GBytes* bytes) {
  gsize size = 0;
  const auto* text = static_cast<const char*>(g_bytes_get_data(bytes, &size));
  const Json message = Json::parse(text, text + size);
  if (message.contains("method")) return heard_(message["method"], message["data"]);
  auto waiting = waiting_.extract(message["id"].get<int64_t>());
  const auto& [method, answered] = waiting.mapped();
  if (message.contains("error")) return failed_(method + ": " + message["error"].dump());
  if (answered) answered(message.value("data", Json::object()));
}

}  // namespace load

// libsoup calls everything on the thread of the main loop.
#include "echo_server.h"

#include <stdexcept>

namespace {

// The files of the page, and nothing else that lies in their folder.
const std::map<std::string, const char*> kFiles = {
    {"/index.html", "text/html"},
    {"/echo.js", "text/javascript"},
};

void Send(SoupWebsocketConnection* socket, const Json& message) {
  if (soup_websocket_connection_get_state(socket) != SOUP_WEBSOCKET_STATE_OPEN) return;
  soup_websocket_connection_send_text(socket, message.dump().c_str());
}

}  // namespace

EchoServer::EchoServer(const Room& room, const std::string& page, guint port)
    : room_(room), page_(page), server_(soup_server_new(nullptr, nullptr)) {
  soup_server_add_handler(
      server_, nullptr,
      [](SoupServer*, SoupServerMessage* message, const char* path, GHashTable*, gpointer self) {
        static_cast<EchoServer*>(self)->Serve(message, path);
      },
      this, nullptr);
  soup_server_add_websocket_handler(
      server_, "/ws", nullptr, nullptr,
      [](SoupServer*, SoupServerMessage*, const char*, SoupWebsocketConnection* socket,
         gpointer self) { static_cast<EchoServer*>(self)->Accept(socket); },
      this, nullptr);
  GError* error = nullptr;
  if (soup_server_listen_local(server_, port, SOUP_SERVER_LISTEN_IPV4_ONLY, &error)) return;
  const std::string text = error->message;
  g_error_free(error);
  g_object_unref(server_);
  throw std::runtime_error(text);
}

EchoServer::~EchoServer() {
  while (!connections_.empty()) Drop(connections_.begin()->first);
  soup_server_disconnect(server_);
  g_object_unref(server_);
}

guint EchoServer::port() const {
  GSList* uris = soup_server_get_uris(server_);
  const int port = g_uri_get_port(static_cast<GUri*>(uris->data));
  g_slist_free_full(uris, reinterpret_cast<GDestroyNotify>(g_uri_unref));
  return static_cast<guint>(port);
}

void EchoServer::Serve(SoupServerMessage* message, const std::string& path) const {
  const auto file = kFiles.find(path == "/" ? "/index.html" : path);
  gchar* content = nullptr;
  gsize size = 0;
  if (file == kFiles.end() ||
      !g_file_get_contents((page_ + file->first).c_str(), &content, &size, nullptr)) {
    soup_server_message_set_status(message, SOUP_STATUS_NOT_FOUND, nullptr);
    return;
  }
  soup_server_message_set_status(message, SOUP_STATUS_OK, nullptr);
  soup_server_message_set_response(message, file->second, SOUP_MEMORY_TAKE, content, size);
}

void EchoServer::Accept(SoupWebsocketConnection* socket) {
  g_object_ref(socket);
  connections_[socket] = std::make_unique<Connection>(socket, room_);
  g_signal_connect(
      socket, "message",
      G_CALLBACK(+[](SoupWebsocketConnection* from, int type, GBytes* bytes, EchoServer* self) {
        gsize size = 0;
        const auto* text = static_cast<const char*>(g_bytes_get_data(bytes, &size));
        if (type != SOUP_WEBSOCKET_DATA_TEXT) return;
        self->Receive(*self->connections_.at(from), std::string(text, size));
      }),
      this);
  g_signal_connect(
      socket, "closed",
      G_CALLBACK(+[](SoupWebsocketConnection* from, EchoServer* self) { self->Drop(from); }), this);
  Send(socket, {{"type", "connection-success"}, {"data", Json::object()}});
}

// The answer has the id of the message, and data or error. What has no id is told of as an event.
void EchoServer::Receive(Connection& connection, const std::string& text) const {
  Json answer = Json::object();
  try {
    const Json message = Json::parse(text);
    answer["id"] = message.at("id");
    answer["data"] = connection.participant.Handle(message.at("type"), message.at("data"));
  } catch (const std::exception& error) {
    answer["error"] = error.what();
    if (!answer.contains("id")) answer["type"] = "error";
  }
  Send(connection.socket, answer);
}

void EchoServer::Drop(SoupWebsocketConnection* socket) {
  g_signal_handlers_disconnect_by_data(socket, this);
  connections_.erase(socket);
  g_object_unref(socket);
}

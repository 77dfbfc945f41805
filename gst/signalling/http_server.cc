// The server. We accept the connections ourselves, for libsoup neither counts nor times them.
#include "signalling/http_server.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sfu::signalling {
namespace {

constexpr guint kSweepInterval = 1000;  // ms
// After a failed accept: when there are no descriptors left, some may be given back meanwhile.
constexpr guint kRetryInterval = 1000;  // ms

// Callbacks outlive the server by a turn of the loop when they are cancelled.
bool WasCancelled(const GError* error) {
  return error != nullptr && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

std::string TextOf(const char* text) { return text == nullptr ? "" : text; }

std::string ClientOf(GSocketAddress* address) {
  constexpr size_t kNetwork = 8;  // bytes of an IPv6 address
  if (!G_IS_INET_SOCKET_ADDRESS(address)) return {};
  GInetAddress* ip = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address));
  const auto* bytes =
      static_cast<const char*>(static_cast<const void*>(g_inet_address_to_bytes(ip)));
  const size_t size = g_inet_address_get_native_size(ip);
  constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  const std::string_view whole(bytes, size);
  if (whole.starts_with(kMapped)) return std::string(whole.substr(kMapped.size()));
  return std::string(size > kNetwork ? whole.substr(0, kNetwork) : whole);
}

void OnChunk(SoupServerMessage* message, GBytes* chunk, gpointer size) {
  auto* total = static_cast<size_t*>(size);
  *total += g_bytes_get_size(chunk);
  if (*total < HttpServer::kMaxBody) return;
  soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
}

HttpRequest RequestOf(SoupServerMessage* message) {
  HttpRequest request;
  request.client = ClientOf(soup_server_message_get_remote_address(message));
  request.method = TextOf(soup_server_message_get_method(message));
  request.path = TextOf(g_uri_get_path(soup_server_message_get_uri(message)));
  SoupMessageHeaders* headers = soup_server_message_get_request_headers(message);
  request.content_type = TextOf(soup_message_headers_get_one(headers, "Content-Type"));
  request.accept = TextOf(soup_message_headers_get_list(headers, "Accept"));
  request.authorization = TextOf(soup_message_headers_get_one(headers, "Authorization"));
  const char* if_match = soup_message_headers_get_list(headers, "If-Match");
  if (if_match != nullptr) request.if_match = if_match;
  const auto* size = static_cast<const size_t*>(g_object_get_data(G_OBJECT(message), "body-size"));
  if (size != nullptr && *size >= HttpServer::kMaxBody) {
    request.body.assign(HttpServer::kMaxBody, ' ');
    return request;
  }
  GBytes* body = soup_message_body_flatten(soup_server_message_get_request_body(message));
  gsize length = 0;
  const auto* bytes = static_cast<const char*>(g_bytes_get_data(body, &length));
  if (bytes != nullptr) request.body.assign(bytes, length);
  g_bytes_unref(body);
  return request;
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::Listen(GMainContext* context,
                                                       const std::string& address, uint16_t port,
                                                       Handler handler) {
  std::unique_ptr<HttpServer> server(new HttpServer(context, std::move(handler)));
  g_main_context_push_thread_default(context);
  Status opened = server->Open(address, port);
  g_main_context_pop_thread_default(context);
  if (!opened) return opened.error();
  return server;
}

HttpServer::HttpServer(GMainContext* context, Handler handler)
    : context_(g_main_context_ref(context)),
      handler_(std::move(handler)),
      listener_(g_socket_listener_new()),
      cancellable_(g_cancellable_new()) {}

HttpServer::~HttpServer() {
  for (GSource* source : {sweep_, retry_}) {
    if (source == nullptr) continue;
    g_source_destroy(source);
    g_source_unref(source);
  }
  g_main_context_push_thread_default(context_);
  g_cancellable_cancel(cancellable_.get());
  g_socket_listener_close(listener_.get());
  if (soup_ != nullptr) soup_server_disconnect(soup_.get());
  connections_.clear();
  soup_.reset();
  // The accept that was cancelled comes back now.
  while (g_main_context_iteration(context_, FALSE) != FALSE) {
  }
  g_main_context_pop_thread_default(context_);
  g_main_context_unref(context_);
}

Status HttpServer::Open(const std::string& address, uint16_t port) {
  const Ref<GInetAddress> ip(g_inet_address_new_from_string(address.c_str()));
  if (ip == nullptr) return Error{"address", "'" + address + "' is no IP address"};
  const Ref<GSocketAddress> wanted(g_inet_socket_address_new(ip.get(), port));
  GSocketAddress* effective = nullptr;
  GError* error = nullptr;
  if (g_socket_listener_add_address(listener_.get(), wanted.get(), G_SOCKET_TYPE_STREAM,
                                    G_SOCKET_PROTOCOL_TCP, nullptr, &effective, &error) == FALSE) {
    const std::string reason = error->message;
    g_error_free(error);
    return Error{"port", address + ":" + std::to_string(port) + ": " + reason};
  }
  port_ = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(effective));
  g_object_unref(effective);

  soup_.reset(soup_server_new("server-header", "gst-sfu", nullptr));
  // NOLINTBEGIN(bugprone-casting-through-void): what G_CALLBACK is made of
  soup_server_add_early_handler(
      soup_.get(), nullptr,
      [](SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer) {
        auto* size = g_new0(size_t, 1);
        g_object_set_data_full(G_OBJECT(message), "body-size", size, g_free);
        g_signal_connect(message, "got-chunk", G_CALLBACK(OnChunk), size);
        // libsoup would copy the response for each range that is asked for, however many they are
        // and whether or not they overlap. Nobody needs to honour it (RFC 9110, section 14.2).
        soup_message_headers_remove(soup_server_message_get_request_headers(message), "Range");
      },
      nullptr, nullptr);
  soup_server_add_handler(
      soup_.get(), nullptr,
      [](SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer self) {
        static_cast<HttpServer*>(self)->Answer(message);
      },
      this, nullptr);
  const auto give_time = +[](SoupServer*, SoupServerMessage* message, gpointer self) {
    static_cast<HttpServer*>(self)->GiveTime(message);
  };
  g_signal_connect(soup_.get(), "request-read", G_CALLBACK(give_time), this);
  // NOLINTEND(bugprone-casting-through-void)
  sweep_ = AddTimer(kSweepInterval, [](gpointer self) -> gboolean {
    static_cast<HttpServer*>(self)->CloseLate();
    return G_SOURCE_CONTINUE;
  });
  AcceptNext();
  return OkStatus();
}

GSource* HttpServer::AddTimer(guint milliseconds, GSourceFunc function) {
  GSource* source = g_timeout_source_new(milliseconds);
  g_source_set_callback(source, function, this, nullptr);
  g_source_attach(source, context_);
  return source;
}

void HttpServer::AcceptNext() {
  g_socket_listener_accept_async(
      listener_.get(), cancellable_.get(),
      [](GObject* listener, GAsyncResult* result, gpointer data) {
        GError* error = nullptr;
        const Ref<GSocketConnection> stream(
            g_socket_listener_accept_finish(G_SOCKET_LISTENER(listener), result, nullptr, &error));
        const bool cancelled = WasCancelled(error);
        g_clear_error(&error);
        if (cancelled) return;
        auto* self = static_cast<HttpServer*>(data);
        if (stream == nullptr) {
          if (self->retry_ != nullptr) g_source_unref(self->retry_);
          self->retry_ = self->AddTimer(kRetryInterval, [](gpointer server) -> gboolean {
            static_cast<HttpServer*>(server)->AcceptNext();
            return G_SOURCE_REMOVE;
          });
          return;
        }
        self->OnAccepted(stream.get());
        self->AcceptNext();
      },
      this);
}

void HttpServer::OnAccepted(GSocketConnection* stream) {
  MakeRoom();
  const Ref<GSocketAddress> local(g_socket_connection_get_local_address(stream, nullptr));
  const Ref<GSocketAddress> remote(g_socket_connection_get_remote_address(stream, nullptr));
  if (local == nullptr || remote == nullptr) return;  // it has gone already
  GSocket* socket = g_socket_connection_get_socket(stream);
  Connection& connection = connections_[socket];
  connection.stream.reset(G_SOCKET_CONNECTION(g_object_ref(stream)));
  connection.client = ClientOf(remote.get());
  connection.deadline = g_get_monotonic_time() + kPatience;
  if (soup_server_accept_iostream(soup_.get(), G_IO_STREAM(stream), local.get(), remote.get(),
                                  nullptr) == FALSE) {
    connections_.erase(socket);
  }
}

void HttpServer::MakeRoom() {
  std::erase_if(connections_, [](const auto& item) {
    return g_io_stream_is_closed(G_IO_STREAM(item.second.stream.get())) != FALSE;
  });
  if (connections_.size() < kMaxConnections) return;
  std::map<std::string_view, size_t> counts;
  for (const auto& [socket, connection] : connections_) ++counts[connection.client];
  const auto first = std::ranges::max_element(connections_, {}, [&](const auto& item) {
    return std::pair(counts[item.second.client], -item.second.deadline);
  });
  g_socket_shutdown(first->first, TRUE, TRUE, nullptr);
  connections_.erase(first);
}

// libsoup then reads the end of the stream and closes it.
void HttpServer::CloseLate() {
  const int64_t now = g_get_monotonic_time();
  for (auto it = connections_.begin(); it != connections_.end();) {
    const bool late = it->second.deadline < now;
    if (late) g_socket_shutdown(it->first, TRUE, TRUE, nullptr);
    const bool closed = g_io_stream_is_closed(G_IO_STREAM(it->second.stream.get())) != FALSE;
    it = late || closed ? connections_.erase(it) : std::next(it);
  }
}

void HttpServer::GiveTime(SoupServerMessage* message) {
  const auto found = connections_.find(soup_server_message_get_socket(message));
  if (found != connections_.end()) found->second.deadline = g_get_monotonic_time() + kPatience;
}

void HttpServer::Answer(SoupServerMessage* message) {
  const HttpResponse response = handler_(RequestOf(message));
  SoupMessageHeaders* headers = soup_server_message_get_response_headers(message);
  // libsoup keeps only connections that it has accepted itself.
  soup_message_headers_append(headers, "Connection", "close");
  for (const auto& [name, value] : response.headers) {
    soup_message_headers_append(headers, name.c_str(), value.c_str());
  }
  soup_server_message_set_status(message, static_cast<guint>(response.status), nullptr);
  if (!response.content_type.empty()) {
    soup_server_message_set_response(message, response.content_type.c_str(), SOUP_MEMORY_COPY,
                                     response.body.data(), response.body.size());
  }
}

}  // namespace sfu::signalling

#include "web_server.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "api/soup_exchange.h"
#include "log.h"
#include "page_files.h"
#include "self_signed.h"

namespace room {
namespace {

constexpr guint kSweepInterval = 1000;  // ms
constexpr int64_t kGoodbye = 500'000;   // µs in which clients are told that the server ends

// Nothing from elsewhere runs in the page, and the page in no frame of others.
constexpr char kContentSecurity[] =
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; "
    "media-src 'self' blob: mediastream:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

[[noreturn]] void Throw(GError* error) {
  const std::string reason = error->message;
  g_error_free(error);
  throw std::runtime_error(reason);
}

// Only our own page may open the WebSocket.
bool IsOurPage(SoupServerMessage* message) {
  SoupMessageHeaders* headers = soup_server_message_get_request_headers(message);
  const char* origin = soup_message_headers_get_one(headers, "Origin");
  const char* host = soup_message_headers_get_one(headers, "Host");
  return IsOwnOrigin(origin == nullptr ? "" : origin, host == nullptr ? "" : host);
}

GTlsCertificate* Certificate(const Options& options) {
  GError* error = nullptr;
  GTlsCertificate* certificate = nullptr;
  if (options.self_signed) {
    const std::string pem = MakeSelfSigned();
    certificate =
        g_tls_certificate_new_from_pem(pem.c_str(), static_cast<gssize>(pem.size()), &error);
  } else {
    certificate = g_tls_certificate_new_from_files(options.certificate.c_str(),
                                                   options.private_key.c_str(), &error);
  }
  if (certificate == nullptr) Throw(error);
  return certificate;
}

}  // namespace

WebServer::WebServer(Conferences* conferences, const Routes* routes, const Options& options)
    : conferences_(conferences),
      routes_(routes),
      options_(options),
      soup_(soup_server_new("server-header", "sfu-room", nullptr)) {
  try {
    Listen();
  } catch (...) {
    g_object_unref(soup_);
    throw;
  }
  requests_ = std::make_unique<RequestWatch>(soup_);
  // A few compressed bytes would become a message far beyond --max-message.
  soup_server_remove_websocket_extension(soup_, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  soup_server_add_early_handler(
      soup_, nullptr,
      [](SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer) {
        CollectBody(message);
      },
      nullptr, nullptr);
  soup_server_add_handler(
      soup_, nullptr,
      [](SoupServer*, SoupServerMessage* message, const char* path, GHashTable* query,
         gpointer self) { static_cast<WebServer*>(self)->Answer(message, path, query); },
      this, nullptr);
  soup_server_add_websocket_handler(
      soup_, "/ws", nullptr, nullptr,
      [](SoupServer*, SoupServerMessage* message, const char*, SoupWebsocketConnection* socket,
         gpointer self) { static_cast<WebServer*>(self)->Accept(message, socket); },
      this, nullptr);
  sweep_ = g_timeout_add(
      kSweepInterval,
      [](gpointer self) -> gboolean {
        static_cast<WebServer*>(self)->CutOffSilent();
        return G_SOURCE_CONTINUE;
      },
      this);
}

WebServer::~WebServer() {
  g_source_remove(sweep_);
  for (const auto& [client, connection] : connections_) {
    client->CutOff(SOUP_WEBSOCKET_CLOSE_GOING_AWAY, "the server ends");
  }
  const int64_t end = g_get_monotonic_time() + kGoodbye;
  while (!connections_.empty() && g_get_monotonic_time() < end) {
    g_main_context_iteration(nullptr, TRUE);
  }
  // The close messages are on their way when there is nothing left to do.
  while (g_main_context_iteration(nullptr, FALSE) != FALSE) {
  }
  connections_.clear();
  forgotten_.clear();
  soup_server_disconnect(soup_);
  listener_.reset();
  requests_.reset();
  g_object_unref(soup_);
}

void WebServer::Listen() {
  if (options_.tls()) {
    GTlsCertificate* certificate = Certificate(options_);
    soup_server_set_tls_certificate(soup_, certificate);
    g_object_unref(certificate);
  }
  listener_ = std::make_unique<Listener>(soup_, options_.address, options_.port, options_.tls());
}

std::string WebServer::url() const {
  GSList* uris = soup_server_get_uris(soup_);
  const int port = g_uri_get_port(static_cast<GUri*>(uris->data));
  g_slist_free_full(uris, reinterpret_cast<GDestroyNotify>(g_uri_unref));
  std::string host = options_.address;
  if (!options_.announced_address.empty()) {
    host = options_.announced_address.substr(0, options_.announced_address.find(','));
  } else if (host == "0.0.0.0" || host == "::") {
    host = "localhost";
  }
  if (options_.address == "127.0.0.1") host = options_.address;
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return (options_.tls() ? "https://" : "http://") + host + ":" + std::to_string(port) + "/";
}

void WebServer::Answer(SoupServerMessage* message, const char* path, GHashTable* query) const {
  const std::string_view method = soup_server_message_get_method(message);
  if (routes_->Has(path)) {
    SendResponse(message, routes_->Handle(ReadRequest(message, path, query)));
  } else if (method != "GET" && method != "HEAD") {
    soup_server_message_set_status(message, SOUP_STATUS_METHOD_NOT_ALLOWED, nullptr);
  } else {
    SendFile(message, path);
  }
}

void WebServer::SendFile(SoupServerMessage* message, const std::string& path) const {
  const auto file = FindPageFile(options_.page, path);
  gchar* content = nullptr;
  gsize size = 0;
  if (!file || g_file_get_contents(file->c_str(), &content, &size, nullptr) == FALSE) {
    soup_server_message_set_status(message, SOUP_STATUS_NOT_FOUND, nullptr);
    return;
  }
  SoupMessageHeaders* headers = soup_server_message_get_response_headers(message);
  soup_message_headers_append(headers, "Content-Security-Policy", kContentSecurity);
  soup_message_headers_append(headers, "X-Content-Type-Options", "nosniff");
  soup_message_headers_append(headers, "Referrer-Policy", "no-referrer");
  soup_message_headers_append(headers, "Cache-Control", "no-cache");
  soup_server_message_set_status(message, SOUP_STATUS_OK, nullptr);
  soup_server_message_set_response(message, ContentType(*file), SOUP_MEMORY_TAKE, content, size);
}

void WebServer::Accept(SoupServerMessage* message, SoupWebsocketConnection* socket) {
  if (!IsOurPage(message)) {
    return soup_websocket_connection_close(socket, SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION,
                                           "from another page");
  }
  if (connections_.size() + forgotten_.size() >= kMaxClients) {
    return soup_websocket_connection_close(socket, SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION,
                                           "too many connections");
  }
  auto made = std::make_unique<Client>(socket, soup_server_message_get_socket(message),
                                       options_.limits.max_message);
  Client* client = made.get();
  Connection& connection = connections_[client];
  connection.signalling = std::make_unique<Signalling>(conferences_, client);
  connection.client = std::move(made);
  Signalling* signalling = connection.signalling.get();
  client->Start({[signalling](std::string_view text) { signalling->Receive(text); },
                 [this, client] { Forget(client); }});
}

// The person leaves at once; the client's code is still running.
void WebServer::Forget(Client* client) {
  auto node = connections_.extract(client);
  node.mapped().signalling.reset();
  forgotten_.push_back(std::move(node.mapped()));
}

void WebServer::CutOffSilent() {
  requests_->Sweep();
  listener_->Check(requests_->connections());
  const int64_t now = g_get_monotonic_time();
  std::erase_if(forgotten_, [&](const Connection& one) { return one.client->Gone(now); });
  for (const auto& [client, connection] : connections_) {
    if (!connection.signalling->joined() && now - client->opened() > kJoinPatience) {
      client->CutOff(SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, "did not join");
    } else if (now - client->last_heard() > kSilencePatience) {
      client->CutOff(SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, "is silent");
    }
  }
}

}  // namespace room

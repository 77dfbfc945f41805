#include "soup_exchange.h"

#include <memory>
#include <utility>

#include "file_body.h"

namespace room {
namespace {

constexpr char kBody[] = "room-body";  // the Body that hangs on a message

struct Body {
  std::string text;
  bool too_large = false;
};

void TakeChunk(SoupServerMessage*, GBytes* chunk, Body* body) {
  gsize size = 0;
  const auto* data = static_cast<const char*>(g_bytes_get_data(chunk, &size));
  if (body->too_large || size > kMaxBody - body->text.size()) {
    body->too_large = true;
    body->text.clear();
  } else {
    body->text.append(data, size);
  }
}

std::string SmallLetters(const char* text) {
  const std::unique_ptr<gchar, decltype(&g_free)> lower(g_ascii_strdown(text, -1), &g_free);
  return lower.get();
}

void SendShared(SoupServerMessage* message, const HttpResponse& response) {
  using Shared = std::shared_ptr<const std::string>;
  auto owned = std::make_unique<Shared>(response.shared);
  const std::string& text = *response.shared;
  GBytes* bytes = g_bytes_new_with_free_func(
      text.data(), text.size(), [](gpointer shared) { delete static_cast<Shared*>(shared); },
      owned.release());
  soup_message_headers_set_content_type(soup_server_message_get_response_headers(message),
                                        response.type.c_str(), nullptr);
  soup_message_body_append_bytes(soup_server_message_get_response_body(message), bytes);
  g_bytes_unref(bytes);
}

}  // namespace

void CollectBody(SoupServerMessage* message) {
  soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
  auto body = std::make_unique<Body>();
  // NOLINTNEXTLINE(bugprone-casting-through-void): what G_CALLBACK is made of
  g_signal_connect(message, "got-chunk", G_CALLBACK(TakeChunk), body.get());
  g_object_set_data_full(G_OBJECT(message), kBody, body.release(),
                         [](gpointer data) { delete static_cast<Body*>(data); });
}

HttpRequest ReadRequest(SoupServerMessage* message, const char* path, GHashTable* query) {
  HttpRequest request;
  const char* client = soup_server_message_get_remote_host(message);
  request.client = client == nullptr ? "" : client;
  request.method = soup_server_message_get_method(message);
  request.path = path;
  soup_message_headers_foreach(
      soup_server_message_get_request_headers(message),
      [](const char* name, const char* value, gpointer headers) {
        (*static_cast<std::map<std::string, std::string>*>(headers))[SmallLetters(name)] = value;
      },
      &request.headers);
  if (query != nullptr) {
    g_hash_table_foreach(
        query,
        [](gpointer name, gpointer value, gpointer all) {
          (*static_cast<std::map<std::string, std::string>*>(all))[static_cast<const char*>(name)] =
              static_cast<const char*>(value);
        },
        &request.query);
  }
  auto* body = static_cast<Body*>(g_object_get_data(G_OBJECT(message), kBody));
  request.body_too_large = body->too_large;
  request.body = std::move(body->text);
  return request;
}

void SendResponse(SoupServerMessage* message, const HttpResponse& response) {
  SoupMessageHeaders* headers = soup_server_message_get_response_headers(message);
  for (const auto& [name, value] : response.headers) {
    soup_message_headers_append(headers, name.c_str(), value.c_str());
  }
  soup_server_message_set_status(message, response.status, nullptr);
  if (!response.file.empty()) return SendFileBody(message, response.type, response.file);
  if (response.type.empty()) return;
  if (response.shared != nullptr) return SendShared(message, response);
  soup_server_message_set_response(message, response.type.c_str(), SOUP_MEMORY_COPY,
                                   response.body.data(), response.body.size());
}

}  // namespace room

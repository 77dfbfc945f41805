// An HTTP client that writes and reads bytes as it is told, with a limit on how long it waits.
#pragma once

#include <gio/gio.h>

#include <cstdint>
#include <string>

namespace sfu {

class HttpClient {
 public:
  // Connects to 127.0.0.1, from the IP address `from`, if it matters.
  explicit HttpClient(uint16_t port, const char* from = nullptr) : client_(g_socket_client_new()) {
    g_socket_client_set_timeout(client_, 20);
    if (from != nullptr) {
      GSocketAddress* own = g_inet_socket_address_new_from_string(from, 0);
      g_socket_client_set_local_address(client_, own);
      g_object_unref(own);
    }
    connection_ = g_socket_client_connect_to_host(client_, "127.0.0.1", port, nullptr, nullptr);
  }
  ~HttpClient() {
    if (connection_ != nullptr) g_object_unref(connection_);
    g_object_unref(client_);
  }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  bool connected() const { return connection_ != nullptr; }
  bool Write(const std::string& text) {
    GOutputStream* out = g_io_stream_get_output_stream(G_IO_STREAM(connection_));
    return g_output_stream_write_all(out, text.data(), text.size(), nullptr, nullptr, nullptr) !=
           FALSE;
  }
  // What came until the text has, or until the end or a time-out.
  std::string ReadUntil(const std::string& end) {
    GInputStream* in = g_io_stream_get_input_stream(G_IO_STREAM(connection_));
    std::string text;
    while (end.empty() || text.find(end) == std::string::npos) {
      char piece[1000];
      const gssize size = g_input_stream_read(in, piece, sizeof(piece), nullptr, nullptr);
      if (size <= 0) break;
      text.append(piece, static_cast<size_t>(size));
    }
    return text;
  }
  std::string Ask(const std::string& request, const std::string& end = {}) {
    return connected() && Write(request) ? ReadUntil(end) : "";
  }

 private:
  GSocketClient* client_;
  GSocketConnection* connection_ = nullptr;
};

}  // namespace sfu

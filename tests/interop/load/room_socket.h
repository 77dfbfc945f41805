// A client's WebSocket to sfu-room: requests and notifications. Belongs to the thread of the
// default main context.
#pragma once

#include <libsoup/soup.h>

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace load {

using Json = nlohmann::json;

class RoomSocket {
 public:
  using OnAnswer = std::function<void(const Json& data)>;
  using OnNotification = std::function<void(const std::string& method, const Json& data)>;
  using OnFailure = std::function<void(const std::string& why)>;

  // Connects; `ready` is called then. `failed`: it could not, the server has refused something, or
  // the connection has ended. Must stay until the main loop has ended.
  RoomSocket(SoupSession* session, const std::string& url, std::function<void()> ready,
             OnNotification heard, OnFailure failed);
  ~RoomSocket();
  RoomSocket(const RoomSocket&) = delete;
  RoomSocket& operator=(const RoomSocket&) = delete;

  void Request(const std::string& method, const Json& data, OnAnswer answered = {});

 private:
  void OnConnected(GAsyncResult* result);
  void OnMessage(GBytes* bytes);

  SoupSession* const session_;
  SoupWebsocketConnection* socket_ = nullptr;
  std::function<void()> ready_;
  OnNotification heard_;
  OnFailure failed_;
  int64_t last_id_ = 0;
  std::map<int64_t, std::pair<std::string, OnAnswer>> waiting_;
};

}  // namespace load

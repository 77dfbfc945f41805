// One WebSocket, with bounds on what its client may say and leave unread. For the thread of the
// main loop.
#pragma once

#include <libsoup/soup.h>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "drain.h"
#include "limits.h"
#include "outlet.h"

namespace room {

class Client final : public Outlet {
 public:
  struct Callbacks {
    std::function<void(std::string_view)> on_message;
    // Once; the Client may be deleted when the call has returned, and should not be before Gone().
    std::function<void()> on_closed;
  };

  // Takes references of both; `connection` is what `socket` lives on. Messages may have
  // `max_message` bytes.
  Client(SoupWebsocketConnection* socket, GSocket* connection, int max_message);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() override;

  // From now on it is heard. The calls come from the main loop.
  void Start(Callbacks callbacks);

  void Send(const std::string& text) override;
  void CutOff(unsigned short code, const std::string& reason) override;

  // µs of g_get_monotonic_time().
  int64_t opened() const { return opened_; }
  int64_t last_heard() const { return last_heard_; }
  // Whether on_closed() was called so long ago that the goodbye has arrived.
  bool Gone(int64_t now) const { return closed_ && now - ended_ > kGoodbyePatience; }

 private:
  void Receive(int type, GBytes* bytes);
  bool TakeOne();
  void WaitUntilWritable();
  void SendWaiting();
  void EndNow();
  void RefuseTooBig();

  SoupWebsocketConnection* const socket_;
  GSocket* const connection_;
  Callbacks callbacks_;
  const int64_t opened_;
  int64_t last_heard_;
  MessageRate rate_{kMessagesPerSecond, kMessageBurst};
  std::deque<std::string> waiting_;
  size_t waiting_bytes_ = 0;
  GSource* writable_ = nullptr;
  GSource* ending_ = nullptr;
  unsigned short code_ = 0;
  std::string reason_;
  bool closed_ = false;
  int64_t ended_ = 0;
  std::optional<Drain> drain_;
};

}  // namespace room

// The way to one client.
#pragma once

#include <string>

namespace room {

class Outlet {
 public:
  virtual ~Outlet() = default;
  // Sends a message. What becomes of it, the caller hears nothing of it before he returns to the
  // main loop: so a list of outlets does not change while it is gone through.
  virtual void Send(const std::string& text) = 0;
  // Ends the connection, likewise later. `code`: of the WebSocket.
  virtual void CutOff(unsigned short code, const std::string& reason) = 0;
};

// For guests, who hear nothing of what goes on in the room.
class DeafOutlet final : public Outlet {
 public:
  void Send(const std::string&) override {}
  void CutOff(unsigned short, const std::string&) override {}
};

}  // namespace room

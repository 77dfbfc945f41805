// What one client says, and who it is: nobody until it has joined, then a person in a room.
#pragma once

#include <string_view>

#include "conferences.h"
#include "outlet.h"

namespace room {

class Signalling {
 public:
  // Both outlive it.
  Signalling(Conferences* conferences, Outlet* outlet)
      : conferences_(conferences), outlet_(outlet) {}
  Signalling(const Signalling&) = delete;
  Signalling& operator=(const Signalling&) = delete;
  // Leaves the room.
  ~Signalling() { conferences_->Leave(place_); }

  // Does what a message asks for, and answers it.
  void Receive(std::string_view text);
  bool joined() const { return place_.conference != nullptr; }

 private:
  Json Handle(const Request& request);

  Conferences* const conferences_;
  Outlet* const outlet_;
  Conferences::Place place_;
};

}  // namespace room

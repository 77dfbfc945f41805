// What one client, room or server may cost. Knows no GStreamer and no network.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace room {

constexpr size_t kMaxNameBytes = 64;           // of a person
constexpr size_t kMaxRoomBytes = 64;           // the name of a room
constexpr size_t kMaxIdBytes = 64;             // ids of producers, consumers, transports; sessions
constexpr size_t kMaxAddressBytes = 64;        // an IP address
constexpr size_t kMaxChatBytes = 2000;         // one line of chat
constexpr size_t kMaxTranscoders = 8;          // of a room; each takes a good part of a core
constexpr size_t kMaxChatLines = 50;           // that who joins later is told
constexpr size_t kMaxWaiting = 1 << 20;        // bytes that wait for a client that does not read
constexpr size_t kMaxClients = 4096;           // WebSockets, joined or not
constexpr unsigned kMaxWhipSessions = 1000;    // by WHIP and WHEP, in all rooms
constexpr int64_t kJoinPatience = 15'000'000;  // µs that a WebSocket may be there without joining
constexpr int64_t kSilencePatience = 30'000'000;  // µs without a word or a pong
constexpr int64_t kGoodbyePatience = 2'000'000;   // µs in which a client hears why it was cut off

// What an administrator may set.
struct Limits {
  int max_peers = 50;  // per room
  int max_rooms = 200;
  int max_message = 65'536;  // bytes of one message of a client
  int max_recordings = 10;   // at the same time
  int max_broadcasts = 4;    // as well
};

// Lets through `rate` messages per second, and `burst` at once. Times are µs of any one clock.
class MessageRate {
 public:
  MessageRate(double rate, double burst) : rate_(rate), burst_(burst), left_(burst) {}

  // Whether one more is within bounds at `now`.
  bool Take(int64_t now) {
    if (last_ != 0) {
      left_ = std::min(burst_, left_ + rate_ * static_cast<double>(now - last_) / 1e6);
    }
    last_ = now;
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  const double rate_;
  const double burst_;
  double left_;
  int64_t last_ = 0;
};

// Joining a full room takes two requests for each stream; a person at work sends one now and then.
constexpr double kMessagesPerSecond = 50;
constexpr double kMessageBurst = 300;

// Which Worker a room is put on: that with the fewest people, the first of several.
class WorkerLoads {
 public:
  explicit WorkerLoads(size_t workers) : people_(std::max<size_t>(workers, 1)) {}

  size_t LeastLoaded() const {
    return static_cast<size_t>(std::ranges::min_element(people_) - people_.begin());
  }
  void Add(size_t worker) { ++people_.at(worker); }
  void Remove(size_t worker) { --people_.at(worker); }

 private:
  std::vector<int> people_;
};

}  // namespace room

// One broadcast of a room by HLS: from its start until it is stopped, or nobody is there who could
// be seen; its end stays for a while, so that players find it. For the thread of the main loop.
#pragma once

#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "../server/conference.h"
#include "../server/protocol.h"
#include "broadcaster.h"
#include "rendition.h"

namespace room {

// What a player reads.
struct HlsFile {
  const char* type = nullptr;
  SharedBytes bytes;
  bool changes = false;  // it is another one soon
};

class Broadcast : public StreamListener {
 public:
  // How long nobody may be in the room, or the participant away.
  static constexpr int64_t kEmptyPatience = 60'000'000;  // µs
  // How long the end stays.
  static constexpr int64_t kAfterglow = 30'000'000;  // µs

  struct Identity {
    std::string id;  // that nobody guesses
    std::string room;
    std::string kind;                   // composed or peer
    std::string peer;                   // of the latter: a name
    std::vector<Rendition> renditions;  // empty: one size, and no playlist of them
  };

  // `conference` stays until Stop() was called, by whomever. Throws std::runtime_error.
  Broadcast(Identity identity, Conference* conference);
  Broadcast(const Broadcast&) = delete;
  Broadcast& operator=(const Broadcast&) = delete;
  // Stops it, and waits until its threads have ended.
  ~Broadcast() override;

  const Identity& identity() const { return identity_; }
  bool running() const { return conference_ != nullptr; }
  // Its end has been there for long enough.
  bool expired() const;

  // Often: looks after it.
  void Tick();
  void Stop();
  // For the REST API.
  Json Describe() const;
  // Throws RequestError if there is no such file.
  HlsFile Find(const std::string& file) const;

  void OnProducer(const Peer& peer, const std::string& id, const Producer& producer) override;
  void OnProducerClosed(const std::string& id) override;
  Json Output() const override;

 private:
  void MakeStreams(LiveStream::Settings settings);
  std::string MainPlaylist() const;

  const Identity identity_;
  Conference* conference_;  // null: it is stopped
  LiveStreams streams_;
  std::unique_ptr<Broadcaster> broadcaster_;  // null: it is stopped
  std::string picture_;
  const int64_t began_;      // ms since 1970
  int64_t stopped_ = 0;      // µs
  int64_t empty_since_ = 0;  // µs; 0: somebody is there
  std::future<void> closing_;
};

}  // namespace room

// What the forwarding benchmark plays: who sends what, and who gets it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace sfu::bench {

// One burst of one stream: the packets of a video frame, or one packet of sound.
struct MediaBurst {
  bool audio = false;
  bool key_frame = false;
  std::vector<uint16_t> sizes;  // bytes of each packet, RTP header included
  TimeDelta gap;                // until the next burst
};

// Every sending peer plays `cycle` again and again. The streams of a peer are its sound, its
// picture, or both.
struct Scenario {
  std::vector<MediaBurst> cycle;
  size_t rooms = 1;
  size_t peers = 1;       // per room, those that receive
  bool all_send = false;  // each peer sends to all others; else one more peer sends to all
  bool has_audio = false;
  bool has_video = false;

  size_t sender_count() const { return rooms * (all_send ? peers : 1); }
  // Peers that one burst goes to.
  size_t receivers_per_burst() const { return all_send ? peers - 1 : peers; }
  // Sockets at the far end, and whose they are.
  size_t endpoints_per_room() const { return all_send ? peers : peers + 1; }
  size_t endpoints() const { return rooms * endpoints_per_room(); }
  bool sends(size_t endpoint) const { return all_send || endpoint % endpoints_per_room() == 0; }
  bool receives(size_t endpoint) const { return all_send || !sends(endpoint); }
};

// By name: "main" (300 packets/s of 1200 bytes in bursts of 10), "audio" (50 packets/s of 160
// bytes), "encoder" (a real encoder's frames, each cut into packets whose sizes differ by a byte at
// most) to `consumers` peers; "rooms" (10 rooms of 8, sound and picture, all to all).
std::optional<Scenario> FindScenario(std::string_view name, size_t consumers);

}  // namespace sfu::bench

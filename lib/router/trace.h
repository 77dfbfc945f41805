// Trace events: what an application may watch of a Producer or Consumer, packet by packet
// (mediasoup's enableTraceEvent).
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/time.h"
#include "rtp/sequence.h"

namespace sfu {

enum class TraceType : uint8_t { kRtp, kKeyFrame, kNack, kPli, kFir, kSr };

constexpr std::string_view TraceTypeName(TraceType type) {
  constexpr std::string_view kNames[] = {"rtp", "keyframe", "nack", "pli", "fir", "sr"};
  return kNames[static_cast<size_t>(type)];
}

struct TraceEvent {
  TraceType type = TraceType::kRtp;
  bool incoming = true;  // towards us; false: we sent it
  Timestamp time;
  Ssrc ssrc = 0;
  uint16_t sequence_number = 0;  // rtp, keyframe: of the packet; nack: the first of the list
  uint32_t rtp_timestamp = 0;    // rtp, keyframe, sr
  uint32_t size = 0;             // rtp, keyframe: bytes; nack: how many packets are asked for
};

// Hands events of the enabled types to one listener. Costs one test when nothing is enabled.
class Tracer {
 public:
  using Listener = std::function<void(const TraceEvent&)>;

  // `types` is a set of bits 1 << TraceType. The listener is called on the Worker.
  void Enable(uint32_t types, Listener listener) {
    types_ = listener ? types : 0;
    listener_ = std::move(listener);
  }
  bool enabled(TraceType type) const { return (types_ >> static_cast<int>(type) & 1) != 0; }
  void Emit(const TraceEvent& event) const {
    if (enabled(event.type)) listener_(event);
  }

 private:
  uint32_t types_ = 0;
  Listener listener_;
};

}  // namespace sfu

// What a participant of the load test sends: a small real stream of VP8 and one of Opus, encoded
// once for all. Each frame is one RTP packet, and ends with a stamp by which its receivers judge
// it; no decoder is at the other end.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace load {

using Frame = std::vector<uint8_t>;

struct Stamp {
  uint32_t number = 0;  // of the frame in its stream, from 0
  uint32_t count = 0;   // packets of the frame
  int64_t sent = 0;     // the frame, ns of CLOCK_MONOTONIC
};

inline constexpr int kVideoRate = 25;  // frames per second
inline constexpr int kAudioRate = 50;

struct Encoded {
  std::vector<Frame> video;  // the first one is a key frame; the others follow from those before
  std::vector<Frame> audio;
};

// Some seconds of each. Throws std::runtime_error.
Encoded EncodeFrames();

int64_t MonotonicNow();  // ns

// One stream as its sender sees it. Belongs to one thread, but for ForceKeyFrame().
class RtpFrames {
 public:
  RtpFrames(const std::vector<Frame>& frames, bool video, uint8_t payload_type, uint32_t ssrc)
      : frames_(frames), video_(video), payload_type_(payload_type), ssrc_(ssrc) {}

  // The packets of the next frame. `key_frame`: begin with the key frame again.
  std::vector<std::vector<uint8_t>> Next(bool key_frame, int64_t now);
  // Packets so far.
  uint32_t sent() const { return packets_; }

 private:
  const std::vector<Frame>& frames_;
  const bool video_;
  const uint8_t payload_type_;
  const uint32_t ssrc_;
  size_t next_ = 0;
  uint32_t number_ = 0;
  uint32_t packets_ = 0;
};

// The stamp at the end of a payload.
std::optional<Stamp> ReadStamp(std::span<const uint8_t> payload);

}  // namespace load

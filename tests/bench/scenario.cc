// The four scenarios.
#include "scenario.h"

#include <algorithm>

#include "encoder_frames.h"

namespace sfu::bench {
namespace {

constexpr TimeDelta kFrame = TimeDelta::Nanos(33'333'333);
constexpr TimeDelta kAudioPacket = TimeDelta::Millis(20);
constexpr uint16_t kVideoSize = 1200;
constexpr uint16_t kAudioSize = 160;
// Long enough that a pass of the cycle holds one key frame in a second.
constexpr size_t kFramesPerCycle = 30;
// RTP header and VP8 descriptor.
constexpr uint32_t kVideoOverhead = 18;

MediaBurst VideoBurst(bool key_frame, TimeDelta gap) {
  return {false, key_frame, std::vector<uint16_t>(10, kVideoSize), gap};
}

MediaBurst AudioBurst(TimeDelta gap) { return {true, false, {kAudioSize}, gap}; }

// As libwebrtc cuts a frame: as few packets as will do, all of the same size give or take a byte.
MediaBurst EncodedFrame(uint32_t bytes, bool key_frame) {
  MediaBurst burst{false, key_frame, {}, kFrame};
  const uint32_t room = kVideoSize - kVideoOverhead;
  const uint32_t count = (bytes + room - 1) / room;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t payload = bytes * (i + 1) / count - bytes * i / count;
    burst.sizes.push_back(static_cast<uint16_t>(std::max<uint32_t>(payload, 40) + kVideoOverhead));
  }
  return burst;
}

std::vector<MediaBurst> MainCycle() {
  std::vector<MediaBurst> cycle;
  for (size_t i = 0; i < kFramesPerCycle; ++i) cycle.push_back(VideoBurst(i == 0, kFrame));
  return cycle;
}

std::vector<MediaBurst> EncoderCycle() {
  std::vector<MediaBurst> cycle;
  for (const uint32_t size : kEncoderFrameSizes) {
    cycle.push_back(EncodedFrame(size, cycle.empty()));
  }
  return cycle;
}

// A second of 30 frames and 50 packets of sound, in the order in which they would come.
std::vector<MediaBurst> RoomsCycle() {
  std::vector<MediaBurst> cycle;
  TimeDelta video;
  TimeDelta audio;
  TimeDelta now;
  for (size_t frames = 0, packets = 0; frames < 30 || packets < 50;) {
    const bool next_is_audio = audio < video || frames == 30;
    TimeDelta& due = next_is_audio ? audio : video;
    if (!cycle.empty()) cycle.back().gap = due - now;
    now = due;
    cycle.push_back(next_is_audio ? AudioBurst(TimeDelta()) : VideoBurst(frames == 0, TimeDelta()));
    due += next_is_audio ? kAudioPacket : kFrame;
    ++(next_is_audio ? packets : frames);
  }
  cycle.back().gap = TimeDelta::Seconds(1) - now;
  return cycle;
}

}  // namespace

std::optional<Scenario> FindScenario(std::string_view name, size_t consumers) {
  Scenario scenario;
  scenario.peers = consumers;
  scenario.has_video = name != "audio";
  scenario.has_audio = name == "audio" || name == "rooms";
  if (name == "main") {
    scenario.cycle = MainCycle();
  } else if (name == "audio") {
    scenario.cycle = {AudioBurst(kAudioPacket)};
  } else if (name == "encoder") {
    scenario.cycle = EncoderCycle();
  } else if (name == "rooms") {
    scenario.cycle = RoomsCycle();
    scenario.rooms = 10;
    scenario.peers = 8;
    scenario.all_send = true;
  } else {
    return std::nullopt;
  }
  return scenario;
}

}  // namespace sfu::bench

#include "frames.h"

#include <gst/gst.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>

namespace load {
namespace {

constexpr uint32_t kMagic = 0x10adface;
constexpr size_t kStampBytes = 20;
// Of a frame in a packet: there is room for what transports add.
constexpr size_t kMaxFragment = 1100;
constexpr uint32_t kVideoClock = 90'000;
constexpr uint32_t kAudioClock = 48'000;

std::vector<Frame> Encode(const std::string& line) {
  GError* error = nullptr;
  GstElement* pipeline =
      gst_parse_launch((line + " ! appsink name=out sync=false").c_str(), &error);
  if (error != nullptr) throw std::runtime_error(error->message);
  GstElement* out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  std::vector<Frame> frames;
  for (;;) {
    GstSample* sample = nullptr;
    g_signal_emit_by_name(out, "pull-sample", &sample);
    if (sample == nullptr) break;
    GstBuffer* buffer = gst_sample_get_buffer(sample);
    Frame frame(gst_buffer_get_size(buffer));
    gst_buffer_extract(buffer, 0, frame.data(), frame.size());
    gst_sample_unref(sample);
    frames.push_back(std::move(frame));
  }
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(out);
  gst_object_unref(pipeline);
  if (frames.size() < 10) throw std::runtime_error("nothing was encoded");
  return frames;
}

void Append(std::vector<uint8_t>* bytes, uint64_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    bytes->push_back(static_cast<uint8_t>(value >> shift));
  }
}

uint64_t Read(std::span<const uint8_t> bytes) {
  uint64_t value = 0;
  for (const uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

}  // namespace

Encoded EncodeFrames() {
  return {.video = Encode("videotestsrc num-buffers=75 pattern=zone-plate kx2=20 ky2=20 kt=2 ! "
                          "video/x-raw,width=320,height=240,framerate=25/1 ! "
                          "vp8enc deadline=1 cpu-used=8 end-usage=cbr target-bitrate=300000 "
                          "keyframe-max-dist=9999"),
          .audio = Encode("audiotestsrc num-buffers=50 samplesperbuffer=960 ! "
                          "audio/x-raw,rate=48000,channels=1 ! opusenc bitrate=32000")};
}

int64_t MonotonicNow() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::vector<std::vector<uint8_t>> RtpFrames::Next(bool key_frame, int64_t now) {
  if (key_frame || next_ == frames_.size()) next_ = 0;
  const std::span<const uint8_t> frame = frames_[next_++];
  const uint32_t ticks = video_ ? kVideoClock / kVideoRate : kAudioClock / kAudioRate;
  std::vector<std::vector<uint8_t>> packets((frame.size() + kMaxFragment - 1) / kMaxFragment);
  for (size_t i = 0; i < packets.size(); ++i) {
    std::vector<uint8_t>& packet = packets[i];
    packet.reserve(kMaxFragment + 100);
    const bool marker = video_ && i + 1 == packets.size();
    packet.push_back(0x80);
    packet.push_back(static_cast<uint8_t>(payload_type_ | (marker ? 0x80 : 0)));
    Append(&packet, packets_++ & 0xffff, 2);
    Append(&packet, number_ * ticks, 4);
    Append(&packet, ssrc_, 4);
    if (video_) {
      // RFC 7741 4.2: whether partition 0 begins here, and a picture id of 15 bits.
      Append(&packet, i == 0 ? 0x9080 : 0x8080, 2);
      Append(&packet, 0x8000 | (number_ & 0x7fff), 2);
    }
    const auto part = frame.subspan(i * kMaxFragment);
    packet.insert(packet.end(), part.begin(),
                  part.begin() + static_cast<ptrdiff_t>(std::min(part.size(), kMaxFragment)));
    Append(&packet, kMagic, 4);
    Append(&packet, number_, 4);
    Append(&packet, packets.size(), 4);
    Append(&packet, static_cast<uint64_t>(now), 8);
  }
  ++number_;
  return packets;
}

std::optional<Stamp> ReadStamp(std::span<const uint8_t> payload) {
  if (payload.size() < kStampBytes) return std::nullopt;
  const auto stamp = payload.last(kStampBytes);
  if (Read(stamp.first(4)) != kMagic) return std::nullopt;
  return Stamp{.number = static_cast<uint32_t>(Read(stamp.subspan(4, 4))),
               .count = static_cast<uint32_t>(Read(stamp.subspan(8, 4))),
               .sent = static_cast<int64_t>(Read(stamp.last(8)))};
}

}  // namespace load

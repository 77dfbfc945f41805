// Builds RTP packets for tests: single ones with every header field at will, and whole streams that
// look like those of an encoder.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "rtp/codecs/payload_info.h"
#include "rtp/rtp_packet.h"

namespace sfu::test {

using Bytes = std::vector<uint8_t>;

// One packet, field by field.
struct PacketSpec {
  Ssrc ssrc = 0x1111'1111;
  uint8_t payload_type = 96;
  uint16_t sequence_number = 0;
  uint32_t timestamp = 0;
  bool marker = false;
  std::vector<uint32_t> csrcs = {};  // at most 15
  uint16_t extension_profile = 0xBEDE;
  Bytes extension = {};  // the elements; filled up with zeros to whole words
  Bytes payload = {};
  uint8_t padding = 0;  // bytes, the count byte included
};

Bytes BuildRtpPacket(const PacketSpec& spec);

// The packet as the Receive station leaves it: parsed, with `index` as its place in the ring. Null
// if the bytes are no RTP packet.
RtpPacketRef PoolPacket(RtpPacketPool& pool, ByteView bytes, int64_t index, Timestamp arrival,
                        const PayloadInfo& info = {});

// What a test needs to know of a packet that a source below made.
struct BuiltPacket {
  Bytes bytes;
  PayloadInfo info;  // as a parser would find it
  int64_t index = 0;
  Timestamp capture;
};

struct Vp8SourceOptions {
  Ssrc ssrc = 0x2222'2222;
  uint8_t payload_type = 96;
  uint16_t first_sequence = 1000;
  uint32_t first_timestamp = 90'000;
  uint16_t first_picture_id = 10;
  uint8_t first_tl0_pic_idx = 5;
  int frames_per_second = 30;
  int key_frame_interval = 0;  // frames; 0: only the first frame is one
  int temporal_layers = 1;     // 1 or 2: with 2 every second frame is of layer 1
  size_t packets_per_frame = 3;
  size_t payload_size = 1100;  // of the first packet of a frame; the next are a byte smaller
};

// A VP8 stream (RFC 7741) with 15-bit picture ids, TL0PICIDX and TID. Payloads are filled with
// bytes that depend on sequence number and place, so that every packet is different.
class Vp8Source {
 public:
  explicit Vp8Source(const Vp8SourceOptions& options = {});

  // The packets of the next frame, captured at `capture`.
  std::vector<BuiltPacket> NextFrame(Timestamp capture);
  // The next frame will be a key frame.
  void ForceKeyFrame() { key_frame_wanted_ = true; }
  TimeDelta frame_interval() const { return TimeDelta::Seconds(1) / options_.frames_per_second; }

 private:
  BuiltPacket BuildOne(size_t position, bool key_frame, int temporal_layer, Timestamp capture);

  const Vp8SourceOptions options_;
  int64_t index_;
  uint32_t timestamp_;
  uint16_t picture_id_;
  uint8_t tl0_pic_idx_;
  int64_t frames_ = 0;
  bool key_frame_wanted_ = true;
};

// An Opus-like stream: one packet of `payload_size` bytes each 20 ms of 48 kHz.
class OpusSource {
 public:
  explicit OpusSource(Ssrc ssrc = 0x3333'3333, uint16_t first_sequence = 500,
                      size_t payload_size = 120)
      : ssrc_(ssrc), index_(first_sequence), payload_size_(payload_size) {}
  BuiltPacket Next(Timestamp capture);

 private:
  const Ssrc ssrc_;
  int64_t index_;
  const size_t payload_size_;
  uint32_t timestamp_ = 0;
};

// A pooled packet of what a source made.
RtpPacketRef PoolPacket(RtpPacketPool& pool, const BuiltPacket& built, Timestamp arrival);

}  // namespace sfu::test

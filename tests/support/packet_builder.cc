// Packets and streams for tests.
#include "tests/support/packet_builder.h"

#include <cstring>

namespace sfu::test {
namespace {

constexpr size_t kVp8DescriptorSize = 6;
constexpr uint8_t kVp8PictureIdOffset = 2;
constexpr uint8_t kVp8Tl0Offset = 4;

// Bytes that are the same for the same packet only.
void Fill(Bytes& payload, size_t from, int64_t index) {
  for (size_t i = from; i < payload.size(); ++i) {
    payload[i] = static_cast<uint8_t>(static_cast<size_t>(index) * 31 + i * 7);
  }
}

}  // namespace

Bytes BuildRtpPacket(const PacketSpec& spec) {
  const size_t words = (spec.extension.size() + 3) / 4;
  Bytes bytes(kRtpFixedHeaderSize);
  RtpHeader header;
  header.marker = spec.marker;
  header.payload_type = spec.payload_type;
  header.sequence_number = spec.sequence_number;
  header.timestamp = spec.timestamp;
  header.ssrc = spec.ssrc;
  WriteRtpFixedHeader(bytes, header);
  bytes[0] |= static_cast<uint8_t>(spec.csrcs.size() & 0x0F);
  for (const uint32_t csrc : spec.csrcs) {
    bytes.resize(bytes.size() + 4);
    StoreBe32(&bytes[bytes.size() - 4], csrc);
  }
  if (!spec.extension.empty()) {
    bytes[0] |= 0x10;
    const size_t at = bytes.size();
    bytes.resize(at + 4 + words * 4);
    StoreBe16(&bytes[at], spec.extension_profile);
    StoreBe16(&bytes[at + 2], static_cast<uint16_t>(words));
    std::memcpy(&bytes[at + 4], spec.extension.data(), spec.extension.size());
  }
  bytes.insert(bytes.end(), spec.payload.begin(), spec.payload.end());
  if (spec.padding > 0) {
    bytes[0] |= 0x20;
    bytes.resize(bytes.size() + spec.padding);
    bytes.back() = spec.padding;
  }
  return bytes;
}

RtpPacketRef PoolPacket(RtpPacketPool& pool, ByteView bytes, int64_t index, Timestamp arrival,
                        const PayloadInfo& info) {
  const auto header = ParseRtpHeader(bytes);
  RtpPacketRef packet = pool.Allocate(bytes.size());
  if (!header || !packet) return RtpPacketRef();
  std::memcpy(packet->mutable_bytes().data(), bytes.data(), bytes.size());
  packet->header = *header;
  packet->info = info;
  packet->index = index;
  packet->arrival = arrival;
  packet->capture = arrival;
  return packet;
}

RtpPacketRef PoolPacket(RtpPacketPool& pool, const BuiltPacket& built, Timestamp arrival) {
  RtpPacketRef packet = PoolPacket(pool, built.bytes, built.index, arrival, built.info);
  if (packet) packet->capture = built.capture;
  return packet;
}

Vp8Source::Vp8Source(const Vp8SourceOptions& options)
    : options_(options),
      index_(options.first_sequence),
      timestamp_(options.first_timestamp),
      picture_id_(options.first_picture_id),
      tl0_pic_idx_(options.first_tl0_pic_idx) {}

std::vector<BuiltPacket> Vp8Source::NextFrame(Timestamp capture) {
  const bool due = options_.key_frame_interval > 0 && frames_ % options_.key_frame_interval == 0;
  const bool key_frame = key_frame_wanted_ || due;
  const int layer = !key_frame && options_.temporal_layers == 2 && frames_ % 2 == 1 ? 1 : 0;
  if (frames_ > 0) {
    picture_id_ = (picture_id_ + 1) & 0x7FFF;
    timestamp_ += static_cast<uint32_t>(90'000 / options_.frames_per_second);
    if (layer == 0) ++tl0_pic_idx_;
  }
  key_frame_wanted_ = false;
  ++frames_;
  std::vector<BuiltPacket> packets;
  for (size_t i = 0; i < options_.packets_per_frame; ++i) {
    packets.push_back(BuildOne(i, key_frame, layer, capture));
  }
  return packets;
}

BuiltPacket Vp8Source::BuildOne(size_t position, bool key_frame, int temporal_layer,
                                Timestamp capture) {
  const bool first = position == 0;
  PacketSpec spec;
  spec.ssrc = options_.ssrc;
  spec.payload_type = options_.payload_type;
  spec.sequence_number = static_cast<uint16_t>(index_);
  spec.timestamp = timestamp_;
  spec.marker = position + 1 == options_.packets_per_frame;
  spec.payload.resize(options_.payload_size - (first ? 0 : 1));
  spec.payload[0] = first ? 0x90 : 0x80;  // X, S
  spec.payload[1] = 0xE0;                 // I, L, T
  StoreBe16(&spec.payload[kVp8PictureIdOffset], picture_id_ | 0x8000);
  spec.payload[kVp8Tl0Offset] = tl0_pic_idx_;
  spec.payload[5] = static_cast<uint8_t>(temporal_layer << 6 | (temporal_layer > 0 ? 0x20 : 0));
  Fill(spec.payload, kVp8DescriptorSize, index_);
  if (first && key_frame) {
    const uint8_t frame_header[] = {0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x01};
    std::memcpy(&spec.payload[kVp8DescriptorSize], frame_header, sizeof(frame_header));
  } else if (first) {
    spec.payload[kVp8DescriptorSize] |= 0x01;
  }
  BuiltPacket built;
  built.bytes = BuildRtpPacket(spec);
  built.index = index_++;
  built.capture = capture;
  built.info.valid = true;
  built.info.key_frame = key_frame && first;
  built.info.frame_start = first;
  built.info.has_temporal = true;
  built.info.layer_sync = temporal_layer > 0;
  built.info.temporal_layer = static_cast<uint8_t>(temporal_layer);
  built.info.picture_id_offset = kVp8PictureIdOffset;
  built.info.tl0_pic_idx_offset = kVp8Tl0Offset;
  built.info.picture_id_is_15_bit = true;
  built.info.tl0_pic_idx = tl0_pic_idx_;
  built.info.picture_id = picture_id_;
  return built;
}

BuiltPacket OpusSource::Next(Timestamp capture) {
  PacketSpec spec;
  spec.ssrc = ssrc_;
  spec.payload_type = 111;
  spec.sequence_number = static_cast<uint16_t>(index_);
  spec.timestamp = timestamp_;
  spec.payload.resize(payload_size_);
  spec.payload[0] = 0x78;  // CELT, 20 ms, mono, one frame (RFC 6716, section 3.1)
  Fill(spec.payload, 1, index_);
  timestamp_ += 960;
  BuiltPacket built;
  built.bytes = BuildRtpPacket(spec);
  built.index = index_++;
  built.capture = capture;
  built.info.valid = true;
  built.info.frame_start = true;
  return built;
}

}  // namespace sfu::test

// Packets of equal size leave as one segmented message, others by sendmmsg.
#include "feeder.h"

#include <netinet/udp.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/bytes.h"
#include "cpu.h"
#include "rtp/rtp_header.h"

namespace sfu::bench {
namespace {

constexpr size_t kMaxBurst = 128;

bool SameSizes(const std::vector<uint16_t>& sizes) {
  return std::all_of(sizes.begin(), sizes.end(), [&](uint16_t size) { return size == sizes[0]; });
}

}  // namespace

Feeder::Feeder(int fd, const SocketAddress& to, uint32_t index)
    : fd_(fd), audio_{0x1000'0000 + index}, video_{0x2000'0000 + index} {
  ToKernel(to, false, &to_);
  bytes_.reserve(kMaxBurst * kMaxDatagramSize);
}

void Feeder::Send(const MediaBurst& burst) {
  Build(burst);
  // 64 segments and 65,507 bytes are the kernel's bounds.
  if (SameSizes(burst.sizes) && burst.sizes.size() <= 50) {
    SendAsOne(burst.sizes[0]);
  } else {
    SendOneByOne(burst);
  }
}

void Feeder::Build(const MediaBurst& burst) {
  Stream& stream = burst.audio ? audio_ : video_;
  size_t total = 0;
  for (const uint16_t size : burst.sizes) total += size;
  bytes_.assign(total, 0x5a);
  const auto now = stamping_ ? static_cast<uint64_t>(ReadClock(CLOCK_REALTIME).ns()) : 0;
  uint8_t* packet = bytes_.data();
  for (size_t i = 0; i < burst.sizes.size(); ++i) {
    RtpHeader header;
    header.marker = i + 1 == burst.sizes.size();
    header.payload_type = burst.audio ? kAudioPayloadType : kVideoPayloadType;
    header.sequence_number = stream.sequence++;
    header.timestamp = stream.timestamp;
    header.ssrc = stream.ssrc;
    WriteRtpFixedHeader({packet, burst.sizes[i]}, header);
    if (!burst.audio) BuildVp8Descriptor(burst, i == 0, packet + kRtpFixedHeaderSize);
    StoreBe64(packet + kStampOffset, now);
    packet += burst.sizes[i];
  }
  stream.timestamp += burst.audio ? 960 : 3000;
  if (!burst.audio) picture_id_ = (picture_id_ + 1) & 0x7FFF;
}

// RFC 7741, section 4.2: a picture id of 15 bits, TL0PICIDX and TID.
void Feeder::BuildVp8Descriptor(const MediaBurst& burst, bool first, uint8_t* payload) const {
  payload[0] = first ? 0x90 : 0x80;
  payload[1] = 0xE0;
  StoreBe16(payload + 2, picture_id_ | 0x8000);
  payload[4] = static_cast<uint8_t>(picture_id_);
  payload[5] = 0;
  constexpr std::array<uint8_t, 10> kKeyFrame = {0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x80, 2, 0xE0, 1};
  if (first && burst.key_frame) {
    std::memcpy(payload + 6, kKeyFrame.data(), kKeyFrame.size());
  } else {
    payload[6] = 0x11;
  }
}

void Feeder::SendAsOne(uint16_t segment) {
  struct alignas(cmsghdr) Control {
    std::array<uint8_t, CMSG_SPACE(sizeof(uint16_t))> bytes{};
  } control;
  iovec piece{bytes_.data(), bytes_.size()};
  msghdr message{};
  message.msg_name = &to_.v4;
  message.msg_namelen = sizeof(to_.v4);
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (bytes_.size() > segment) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_UDP;
    header->cmsg_type = UDP_SEGMENT;
    header->cmsg_len = CMSG_LEN(sizeof(segment));
    std::memcpy(CMSG_DATA(header), &segment, sizeof(segment));
  }
  sendmsg(fd_, &message, 0);
}

void Feeder::SendOneByOne(const MediaBurst& burst) {
  std::array<mmsghdr, kMaxBurst> messages{};
  std::array<iovec, kMaxBurst> pieces{};
  const size_t count = std::min(burst.sizes.size(), kMaxBurst);
  size_t offset = 0;
  for (size_t i = 0; i < count; ++i) {
    pieces[i] = {bytes_.data() + offset, burst.sizes[i]};
    offset += burst.sizes[i];
    messages[i].msg_hdr.msg_name = &to_.v4;
    messages[i].msg_hdr.msg_namelen = sizeof(to_.v4);
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  for (size_t i = 0; i < count;) {
    const int sent = sendmmsg(fd_, &messages[i], static_cast<unsigned>(count - i), 0);
    i += static_cast<size_t>(std::max(sent, 1));
  }
}

}  // namespace sfu::bench

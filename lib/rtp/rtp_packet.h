// One received RTP packet: its bytes, what parsing found, and when it came; pooled and ref-counted.
//
// A packet is filled by the Receive station while it alone holds it and is immutable from then on.
// References may be dropped on any thread; everything else belongs to the Worker.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/time.h"
#include "rtp/codecs/payload_info.h"
#include "rtp/extension_places.h"
#include "rtp/header_extension.h"
#include "rtp/ntp_time.h"
#include "rtp/rtp_header.h"

namespace sfu {

class PoolCore;
class RtpPacketPool;
class RtpPacketRef;

class RtpPacket {
 public:
  RtpPacket(const RtpPacket&) = delete;
  RtpPacket& operator=(const RtpPacket&) = delete;

  ByteView bytes() const { return {Data(), size_}; }
  ByteView payload() const { return bytes().subspan(header.header_size, header.payload_size); }
  // The header extension block.
  HeaderExtensionView extensions() const {
    return {header.extension_profile,
            bytes().subspan(header.extension_offset, header.extension_size)};
  }
  // The bytes of an extension that FindExtensions() found; nothing if there was none.
  std::optional<ByteView> extension(ExtensionType type) const {
    return places.Find(type, header, bytes());
  }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }

  // For the Receive station only, before the packet is shared.
  MutableBytes mutable_bytes() { return {Data(), capacity_}; }
  void set_size(size_t size) { size_ = static_cast<uint16_t>(size); }
  // Looks for the extensions by the ids of the packet's sender, once the header is parsed.
  void FindExtensions(const ExtensionIds& ids) { places = ExtensionPlaces(header, bytes(), ids); }

  RtpHeader header;
  PayloadInfo info;
  ExtensionPlaces places;
  // The sequence number unwrapped to 64 bits; the packet's place in its PacketRing.
  int64_t index = 0;
  Timestamp arrival;       // of this packet, or of the RTX packet that repaired it
  Timestamp capture;       // on the SFU clock; equal for all packets of one RTP timestamp
  NtpTime ntp;             // of the capture, by the sender's reports; zero: not known
  bool recovered = false;  // it came as an answer to a NACK, as itself or by RTX

 private:
  friend class PoolCore;
  friend class RtpPacketPool;
  friend class RtpPacketRef;
  RtpPacket() = default;
  ~RtpPacket() = default;
  uint8_t* Data() const { return reinterpret_cast<uint8_t*>(const_cast<RtpPacket*>(this) + 1); }

  mutable std::atomic<uint32_t> references_{0};
  uint16_t size_ = 0;
  uint16_t capacity_ = 0;
  RtpPacket* next_free_ = nullptr;
  PoolCore* core_ = nullptr;
};

// A counted reference to a packet.
class RtpPacketRef {
 public:
  RtpPacketRef() = default;
  explicit RtpPacketRef(const RtpPacket* packet) : packet_(const_cast<RtpPacket*>(packet)) {
    if (packet_ != nullptr) packet_->references_.fetch_add(1, std::memory_order_relaxed);
  }
  RtpPacketRef(const RtpPacketRef& o) : RtpPacketRef(o.packet_) {}
  RtpPacketRef(RtpPacketRef&& o) noexcept : packet_(std::exchange(o.packet_, nullptr)) {}
  RtpPacketRef& operator=(RtpPacketRef o) noexcept {
    std::swap(packet_, o.packet_);
    return *this;
  }
  ~RtpPacketRef() { Reset(); }

  RtpPacket* operator->() const { return packet_; }
  RtpPacket& operator*() const { return *packet_; }
  RtpPacket* get() const { return packet_; }
  explicit operator bool() const { return packet_ != nullptr; }
  void Reset();

 private:
  RtpPacket* packet_ = nullptr;
};

// Makes packets, on one thread, out of slabs that are kept for the next ones. Two sizes: audio-like
// and full. Packets may outlive their pool.
class RtpPacketPool {
 public:
  // A pool holds no more packets than this at a time (about 128 MiB of full ones); more than any
  // sane number of rings, and a bound on what an attack can pin.
  static constexpr size_t kMaxPackets = 65'536;

  RtpPacketPool();
  ~RtpPacketPool();
  RtpPacketPool(const RtpPacketPool&) = delete;
  RtpPacketPool& operator=(const RtpPacketPool&) = delete;

  // A blank packet with room for `size` bytes, at most kMaxDatagramSize; null beyond that and when
  // kMaxPackets are out.
  RtpPacketRef Allocate(size_t size);

 private:
  friend class PoolCore;
  static RtpPacket* Construct(void* slot, uint16_t capacity, PoolCore* core);

  PoolCore* small_;
  PoolCore* full_;
};

}  // namespace sfu

// The header extensions of one outgoing stream (RFC 8285): which elements its packets carry, under
// the ids that the receiver negotiated.
//
// What a sender says itself comes first, at places that are the same in every packet:
// transport-wide sequence number, abs-send-time, MID and RID. What the packet's own sender says of
// it comes behind, and is translated from its ids: audio level, video orientation, transmission
// offset, abs-capture- time, playout delay, dependency descriptor. Elements that libsfu does not
// know, or whose size is not what their specification says, are left out.
//
// The bytes of the first part are laid out once, so that a packet costs one copy and two patches.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "rtp/codec.h"
#include "rtp/extension_places.h"
#include "rtp/extension_values.h"
#include "rtp/header_extension.h"
#include "rtp/ntp_time.h"
#include "rtp/rtp_packet.h"

namespace sfu {

// The values that differ from packet to packet.
struct SendStamp {
  uint16_t transport_sequence = 0;
  AbsSendTime send_time;
};

class ExtensionLayout {
 public:
  // The longest MID and RID that are sent, in bytes.
  static constexpr size_t kMaxText = 32;

  // `ids` are the receiver's; `mid` and `rid` (at most kMaxText long, may be empty) are what it
  // knows the stream by. `ntp` is the clock of our sender reports.
  ExtensionLayout(const ExtensionIds& ids, std::string_view mid, std::string_view rid,
                  const NtpClock& ntp);
  // The same for the stream that repairs it: what names the stream is the repaired RID (RFC 8852).
  static ExtensionLayout ForRtx(const ExtensionIds& ids, std::string_view mid, std::string_view rid,
                                const NtpClock& ntp);

  bool has(ExtensionType type) const { return id(type) != 0; }

  // Bytes of the packet's block, profile and length included; 0: it has none. The same for all
  // packets that bring nothing to be translated.
  size_t SizeFor(const RtpPacket& packet) const {
    const ExtensionSet taken = packet.places.found() & forwarded_;
    return taken == 0 ? fixed_block_size_ : PlanFor(packet, taken).size;
  }
  // Fills the first SizeFor() bytes of `out`.
  void Write(const RtpPacket& packet, const SendStamp& stamp, MutableBytes out) const;

 private:
  uint8_t id(ExtensionType type) const { return ids_[static_cast<size_t>(type)]; }
  struct Plan {
    ExtensionForm form;
    size_t size;  // of the whole block
  };

  ExtensionLayout(const ExtensionIds& ids, const NtpClock& ntp) : ids_(ids), ntp_(ntp) {}
  void AddFixed(std::string_view mid, std::string_view name, ExtensionType name_type);
  Plan PlanFor(const RtpPacket& packet, ExtensionSet taken) const;
  void WriteTaken(const RtpPacket& packet, ExtensionSet taken, ExtensionForm form,
                  MutableBytes out) const;
  void AddTaken(const RtpPacket& packet, ExtensionType type, HeaderExtensionWriter* writer) const;
  void Stamp(const SendStamp& stamp, ExtensionForm form, uint8_t* out) const;

  // Profile and length, 2 elements of numbers, 2 of text, each with two bytes of head.
  static constexpr size_t kMaxFixed = 4 + (2 + 2) + (2 + 3) + 2 * (2 + kMaxText) + 3;

  ExtensionIds ids_;
  ExtensionSet forwarded_ = 0;
  ExtensionForm form_ = ExtensionForm::kOneByte;  // unless a packet needs more
  uint8_t fixed_block_size_ = 0;
  uint8_t fixed_size_ = 0;  // of the elements, without padding
  NtpClock ntp_;
  std::array<uint8_t, kMaxFixed> fixed_{};
};

}  // namespace sfu

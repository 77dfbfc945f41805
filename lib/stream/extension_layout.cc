// Laying out blocks. Most packets bring nothing of their own and take the block that was made once;
// the others are put together element by element, in the two-byte form if one of them needs it.
#include "stream/extension_layout.h"

#include <bit>
#include <cstring>
#include <optional>

namespace sfu {
namespace {

constexpr size_t kBlockHead = 4;  // profile and length

constexpr ExtensionSet kForwarded =
    SetOf(ExtensionType::kAudioLevel) | SetOf(ExtensionType::kVideoOrientation) |
    SetOf(ExtensionType::kTimeOffset) | SetOf(ExtensionType::kAbsCaptureTime) |
    SetOf(ExtensionType::kPlayoutDelay) | SetOf(ExtensionType::kDependencyDescriptor);

constexpr size_t HeadSize(ExtensionForm form) { return form == ExtensionForm::kOneByte ? 1 : 2; }

constexpr size_t Padded(size_t size) { return (size + 3) / 4 * 4; }

ExtensionType LowestOf(ExtensionSet set) {
  return static_cast<ExtensionType>(std::countr_zero(set));
}

constexpr ExtensionSet WithoutLowest(ExtensionSet set) {
  return static_cast<ExtensionSet>(set & (set - 1));
}

// The bytes that the element gets in our packet; 0: it is left out.
size_t ForwardedSize(ExtensionType type, const RtpPacket& packet) {
  const size_t size = packet.extension(type)->size();
  switch (type) {
    case ExtensionType::kAudioLevel:
      return size == AudioLevel::kSize ? size : 0;
    case ExtensionType::kVideoOrientation:
      return size == VideoOrientation::kSize ? size : 0;
    case ExtensionType::kTimeOffset:
      return size == TransmissionOffset::kSize ? size : 0;
    case ExtensionType::kPlayoutDelay:
      return size == PlayoutDelay::kSize ? size : 0;
    case ExtensionType::kAbsCaptureTime:
      // How far the capturer's clock is from ours is known only if the sender's is.
      if (size == AbsCaptureTime::kSize && packet.ntp == NtpTime()) {
        return AbsCaptureTime::kShortSize;
      }
      return size == AbsCaptureTime::kSize || size == AbsCaptureTime::kShortSize ? size : 0;
    default:
      return size;
  }
}

void StoreHead(ExtensionForm form, size_t block_size, uint8_t* out) {
  StoreBe16(out, ExtensionProfile(form));
  StoreBe16(out + 2, static_cast<uint16_t>((block_size - kBlockHead) / 4));
}

}  // namespace

ExtensionLayout::ExtensionLayout(const ExtensionIds& ids, std::string_view mid,
                                 std::string_view rid, const NtpClock& ntp)
    : ExtensionLayout(ids, ntp) {
  AddFixed(mid, rid, ExtensionType::kRid);
}

ExtensionLayout ExtensionLayout::ForRtx(const ExtensionIds& ids, std::string_view mid,
                                        std::string_view rid, const NtpClock& ntp) {
  ExtensionLayout layout(ids, ntp);
  layout.AddFixed(mid, rid, ExtensionType::kRepairedRid);
  return layout;
}

void ExtensionLayout::AddFixed(std::string_view mid, std::string_view name,
                               ExtensionType name_type) {
  struct Own {
    uint8_t id;
    ByteView data;
  };
  static constexpr std::array<uint8_t, AbsSendTime::kSize> kToBeStamped{};
  const Own own[] = {
      {id(ExtensionType::kTransportSequence),
       ByteView(kToBeStamped).first(TransportSequence::kSize)},
      {id(ExtensionType::kAbsSendTime), kToBeStamped},
      {id(ExtensionType::kMid), TextBytes(mid.substr(0, kMaxText))},
      {id(name_type), TextBytes(name.substr(0, kMaxText))},
  };
  // Ids above 14 and long names are only in the two-byte form.
  for (const auto& [id, data] : own) {
    if (id == 0 || data.empty()) continue;
    if (FormFor(id, data.size()) == ExtensionForm::kTwoByte) form_ = ExtensionForm::kTwoByte;
  }
  for (ExtensionSet rest = kForwarded; rest != 0; rest = WithoutLowest(rest)) {
    const ExtensionType type = LowestOf(rest);
    if (!has(type)) continue;
    forwarded_ |= SetOf(type);
    if (FormFor(id(type), 1) == ExtensionForm::kTwoByte) form_ = ExtensionForm::kTwoByte;
  }
  HeaderExtensionWriter writer(MutableBytes(fixed_).subspan(kBlockHead), form_);
  for (const auto& [id, data] : own) {
    if (id == 0 || data.empty() || !writer.Add(id, data)) continue;
    fixed_size_ = static_cast<uint8_t>(fixed_size_ + HeadSize(form_) + data.size());
  }
  if (fixed_size_ == 0) return;
  fixed_block_size_ = static_cast<uint8_t>(kBlockHead + writer.Finish());
  StoreHead(form_, fixed_block_size_, fixed_.data());
}

ExtensionLayout::Plan ExtensionLayout::PlanFor(const RtpPacket& packet, ExtensionSet taken) const {
  ExtensionForm form = form_;
  size_t bytes = fixed_size_;
  size_t elements = 0;
  for (; taken != 0; taken = WithoutLowest(taken)) {
    const size_t size = ForwardedSize(LowestOf(taken), packet);
    if (size == 0) continue;
    if (size > 16) form = ExtensionForm::kTwoByte;
    bytes += size;
    ++elements;
  }
  bytes += elements * HeadSize(form);
  if (form != form_) {
    const HeaderExtensionView fixed(ExtensionProfile(form_),
                                    ByteView(fixed_).subspan(kBlockHead, fixed_size_));
    for (auto it = fixed.begin(); it != fixed.end(); ++it) ++bytes;
  }
  return {form, bytes == 0 ? 0 : kBlockHead + Padded(bytes)};
}

void ExtensionLayout::Write(const RtpPacket& packet, const SendStamp& stamp,
                            MutableBytes out) const {
  const ExtensionSet taken = packet.places.found() & forwarded_;
  if (taken == 0) {
    if (fixed_block_size_ == 0) return;
    std::memcpy(out.data(), fixed_.data(), fixed_block_size_);
    Stamp(stamp, form_, out.data());
    return;
  }
  const Plan plan = PlanFor(packet, taken);
  if (plan.size == 0) return;
  WriteTaken(packet, taken, plan.form, out.first(plan.size));
  Stamp(stamp, plan.form, out.data());
}

void ExtensionLayout::WriteTaken(const RtpPacket& packet, ExtensionSet taken, ExtensionForm form,
                                 MutableBytes out) const {
  StoreHead(form, out.size(), out.data());
  HeaderExtensionWriter writer(out.subspan(kBlockHead), form);
  const HeaderExtensionView fixed(ExtensionProfile(form_),
                                  ByteView(fixed_).subspan(kBlockHead, fixed_size_));
  for (const HeaderExtension& element : fixed) writer.Add(element.id, element.data);
  for (; taken != 0; taken = WithoutLowest(taken)) AddTaken(packet, LowestOf(taken), &writer);
  writer.Finish();
}

void ExtensionLayout::AddTaken(const RtpPacket& packet, ExtensionType type,
                               HeaderExtensionWriter* writer) const {
  const size_t size = ForwardedSize(type, packet);
  if (size == 0) return;
  const ByteView data = packet.extension(type)->first(size);
  const auto out = writer->Reserve(id(type), size);
  if (!out) return;
  std::memcpy(out->data(), data.data(), size);
  if (type != ExtensionType::kAbsCaptureTime || size != AbsCaptureTime::kSize) return;
  // The offset says how far the capturer's clock is ahead of the sender's, who is now us. Whatever
  // it was, the sum wraps as the field does.
  const uint64_t from_ours = packet.ntp.value() - ntp_.ToNtp(packet.capture).value();
  uint8_t* offset = out->data() + AbsCaptureTime::kShortSize;
  StoreBe64(offset, LoadBe64(offset) + from_ours);
}

void ExtensionLayout::Stamp(const SendStamp& stamp, ExtensionForm form, uint8_t* out) const {
  const size_t head = HeadSize(form);
  out += kBlockHead;
  if (has(ExtensionType::kTransportSequence)) {
    StoreBe16(out + head, stamp.transport_sequence);
    out += head + TransportSequence::kSize;
  }
  if (has(ExtensionType::kAbsSendTime)) StoreBe24(out + head, stamp.send_time.value);
}

}  // namespace sfu

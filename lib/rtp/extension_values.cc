#include "rtp/extension_values.h"

#include <algorithm>
#include <utility>

namespace sfu {
namespace {

int32_t SignExtend24(uint32_t value) { return static_cast<int32_t>(value << 8) >> 8; }

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool IsRidChar(char c) { return IsAlphanumeric(c) || c == '-' || c == '_'; }

bool IsTokenChar(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`{|}~";
  return IsAlphanumeric(c) || kOthers.find(c) != std::string_view::npos;
}

template <typename Predicate>
std::optional<std::string_view> ParseText(ByteView data, Predicate allowed) {
  // Text is stored as bytes; char may alias them.
  std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
  text = text.substr(0, text.find('\0'));
  if (text.empty() || !std::all_of(text.begin(), text.end(), allowed)) return std::nullopt;
  return text;
}

}  // namespace

AbsSendTime AbsSendTime::FromTimestamp(Timestamp t) {
  // Taken modulo 64 s first, so that the product fits.
  constexpr int64_t kWrap = TimeDelta::Seconds(64).ns();
  const int64_t ns = (t.ns() % kWrap + kWrap) % kWrap;
  return {static_cast<uint32_t>((static_cast<uint64_t>(ns) << 18) / 1'000'000'000)};
}

std::optional<AbsSendTime> AbsSendTime::Parse(ByteView data) {
  if (data.size() != kSize) return std::nullopt;
  return AbsSendTime{LoadBe24(data.data())};
}

bool AbsSendTime::Write(MutableBytes out) const {
  if (out.size() != kSize) return false;
  StoreBe24(out.data(), value);
  return true;
}

TimeDelta AbsSendTime::Since(AbsSendTime earlier) const {
  const int64_t ticks = SignExtend24(value - earlier.value);
  return TimeDelta::Nanos(ticks * 1'000'000'000 / (1 << 18));
}

std::optional<TransportSequence> TransportSequence::Parse(ByteView data) {
  if (data.size() != kSize) return std::nullopt;
  return TransportSequence{LoadBe16(data.data())};
}

bool TransportSequence::Write(MutableBytes out) const {
  if (out.size() != kSize) return false;
  StoreBe16(out.data(), value);
  return true;
}

std::optional<AudioLevel> AudioLevel::Parse(ByteView data) {
  if (data.size() != kSize) return std::nullopt;
  return AudioLevel{(data[0] & 0x80) != 0, static_cast<uint8_t>(data[0] & 0x7F)};
}

bool AudioLevel::Write(MutableBytes out) const {
  if (out.size() != kSize) return false;
  out[0] = static_cast<uint8_t>((voice ? 0x80 : 0) | std::min<uint8_t>(minus_dbov, 127));
  return true;
}

std::optional<VideoOrientation> VideoOrientation::Parse(ByteView data) {
  if (data.size() != kSize) return std::nullopt;
  return VideoOrientation{(data[0] & 0x08) != 0, (data[0] & 0x04) != 0,
                          static_cast<uint16_t>((data[0] & 0x03) * 90)};
}

bool VideoOrientation::Write(MutableBytes out) const {
  if (out.size() != kSize) return false;
  out[0] = static_cast<uint8_t>((back_camera ? 0x08 : 0) | (flip ? 0x04 : 0) | (rotation / 90 & 3));
  return true;
}

std::optional<TransmissionOffset> TransmissionOffset::Parse(ByteView data) {
  if (data.size() != kSize) return std::nullopt;
  return TransmissionOffset{SignExtend24(LoadBe24(data.data()))};
}

bool TransmissionOffset::Write(MutableBytes out) const {
  if (out.size() != kSize) return false;
  StoreBe24(out.data(), static_cast<uint32_t>(std::clamp(ticks, -(1 << 23), (1 << 23) - 1)));
  return true;
}

std::optional<AbsCaptureTime> AbsCaptureTime::Parse(ByteView data) {
  if (data.size() != kShortSize && data.size() != kSize) return std::nullopt;
  AbsCaptureTime result{NtpTime(LoadBe64(data.data())), std::nullopt};
  if (data.size() == kSize) result.clock_offset = static_cast<int64_t>(LoadBe64(data.data() + 8));
  return result;
}

bool AbsCaptureTime::Write(MutableBytes out) const {
  if (out.size() != size()) return false;
  StoreBe64(out.data(), capture.value());
  if (clock_offset) StoreBe64(out.data() + 8, static_cast<uint64_t>(*clock_offset));
  return true;
}

std::optional<PlayoutDelay> PlayoutDelay::Parse(ByteView data) {
  if (data.size() != kSize) return std::nullopt;
  const uint32_t both = LoadBe24(data.data());
  const PlayoutDelay result{static_cast<uint16_t>(both >> 12), static_cast<uint16_t>(both & kMax)};
  if (result.min > result.max) return std::nullopt;
  return result;
}

bool PlayoutDelay::Write(MutableBytes out) const {
  if (out.size() != kSize) return false;
  StoreBe24(out.data(), static_cast<uint32_t>(std::min(min, kMax)) << 12 | std::min(max, kMax));
  return true;
}

std::optional<std::string_view> ParseMid(ByteView data) { return ParseText(data, IsTokenChar); }

std::optional<std::string_view> ParseRid(ByteView data) { return ParseText(data, IsRidChar); }

ByteView TextBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::optional<ExtensionType> ExtensionTypeFromUri(std::string_view uri) {
  constexpr std::pair<std::string_view, ExtensionType> kUris[] = {
      {kMidUri, ExtensionType::kMid},
      {kRidUri, ExtensionType::kRid},
      {kRepairedRidUri, ExtensionType::kRepairedRid},
      {AbsSendTime::kUri, ExtensionType::kAbsSendTime},
      {TransportSequence::kUri, ExtensionType::kTransportSequence},
      {AudioLevel::kUri, ExtensionType::kAudioLevel},
      {kDependencyDescriptorUri, ExtensionType::kDependencyDescriptor},
      {VideoOrientation::kUri, ExtensionType::kVideoOrientation},
      {TransmissionOffset::kUri, ExtensionType::kTimeOffset},
      {AbsCaptureTime::kUri, ExtensionType::kAbsCaptureTime},
      {PlayoutDelay::kUri, ExtensionType::kPlayoutDelay},
  };
  for (const auto& [known, type] : kUris) {
    if (known == uri) return type;
  }
  return std::nullopt;
}

}  // namespace sfu

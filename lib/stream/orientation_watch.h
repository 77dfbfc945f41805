// Follows how a received picture is to be turned (3GPP TS 26.114, section 7.4.5), and tells when
// that changes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "rtp/extension_values.h"
#include "rtp/rtp_packet.h"

namespace sfu {

class OrientationWatch {
 public:
  using Listener = std::function<void(const VideoOrientation&)>;

  // Hears of the first value and of each change, inside OnPacket().
  void SetListener(Listener listener) { listener_ = std::move(listener); }

  // The packet's extensions were found. One that came late says nothing about now.
  void OnPacket(const RtpPacket& packet) {
    const auto bytes = packet.extension(ExtensionType::kVideoOrientation);
    if (!bytes || (source_ == packet.header.ssrc && packet.index <= newest_)) return;
    const auto orientation = VideoOrientation::Parse(*bytes);
    if (!orientation) return;
    source_ = packet.header.ssrc;
    newest_ = packet.index;
    if (orientation == value_) return;
    value_ = orientation;
    if (listener_) listener_(*orientation);
  }

  // Nothing until a packet said it.
  const std::optional<VideoOrientation>& value() const { return value_; }

 private:
  std::optional<VideoOrientation> value_;
  std::optional<Ssrc> source_;
  int64_t newest_ = 0;
  Listener listener_;
};

}  // namespace sfu

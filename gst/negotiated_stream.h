// Streams of a transport that were negotiated by produce() and consume(), as its pads know them.
// Both are constant once they are made, so any thread may read them.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <memory>
#include <string>

#include "ortc/producer_parameters.h"
#include "ortc/requests.h"
#include "ortc/rtp_parameters.h"

namespace sfu::gst {

// What the peer sends, on a source pad.
struct ProducedStream {
  std::string id;
  ortc::ProducerDescription description;
  bool paused = false;                   // at first
  uint32_t key_frame_request_delay = 0;  // ms; 0: the default

  // Of its first codec, in the router's numbers; -1: none.
  int RouterPayloadType() const {
    const auto& codecs = description.consumable.codecs;
    return codecs.empty() ? -1 : codecs.front().payload_type;
  }
};
using ProducedStreamRef = std::shared_ptr<const ProducedStream>;

// The SSRC under which the best of several encodings goes to foreign elements.
inline Ssrc ChosenSsrc(const ProducedStream& stream) {
  return stream.description.mapping.encodings.front().mapped_ssrc;
}

// What the peer gets, on a sink pad.
struct ConsumedStream {
  std::string id;
  std::string producer_id;
  MediaKind kind = MediaKind::kAudio;
  ortc::ProducerType type = ortc::ProducerType::kSimple;
  ortc::RtpParameters parameters;  // in the receiver's numbers, with one encoding
  bool paused = false;             // at first
};
using ConsumedStreamRef = std::shared_ptr<const ConsumedStream>;

}  // namespace sfu::gst

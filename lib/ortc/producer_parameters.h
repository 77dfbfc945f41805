// A Producer: how its payload types, SSRCs and extension ids become those of the Router, and what
// Consumers can get of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "ortc/rtp_capabilities.h"
#include "ortc/rtp_parameters.h"

namespace sfu::ortc {

// From a Producer's numbers to the Router's.
struct RtpMapping {
  struct Codec {
    uint8_t payload_type = 0;
    uint8_t mapped_payload_type = 0;
    bool operator==(const Codec&) const = default;
  };
  struct Extension {
    std::string uri;
    uint8_t id = 0;
    uint8_t mapped_id = 0;
    bool operator==(const Extension&) const = default;
  };
  // In the order of the Producer's encodings. Found by SSRC or RID, whichever is known.
  struct Encoding {
    std::optional<Ssrc> ssrc;
    std::string rid;
    Ssrc mapped_ssrc = 0;
    bool operator==(const Encoding&) const = default;
  };

  std::vector<Codec> codecs;          // media, then RTX
  std::vector<Extension> extensions;  // those that the Router knows
  std::vector<Encoding> encodings;

  // Nothing for what is not mapped: such a packet, or such an extension, goes no further.
  std::optional<uint8_t> MapPayloadType(uint8_t payload_type) const;
  std::optional<uint8_t> MapExtensionId(uint8_t id) const;
};

enum class ProducerType : uint8_t { kSimple, kSimulcast, kSvc };

// "simple", "simulcast", "svc".
std::string ProducerTypeName(ProducerType type);

struct ProducerDescription {
  MediaKind kind = MediaKind::kAudio;
  ProducerType type = ProducerType::kSimple;
  // What the endpoint sends: as given, with one encoding if it gave none, the CNAME, and for H264
  // the profile-level-id that both sides agree on.
  RtpParameters parameters;
  RtpMapping mapping;
  // What Consumers are made of, in the Router's numbers (mediasoup's consumableRtpParameters).
  RtpParameters consumable;
};

struct ProducerOptions {
  // The CNAME of all Producers of a transport; empty: the endpoint's own.
  std::string cname;
  // Whether a single stream may have neither SSRC, RID nor MID. A plain transport then takes the
  // first that has the payload type; mediasoup does not allow it.
  bool allow_unknown_source = false;
};

// mediasoup's produce(). `random` draws the mapped SSRCs. An error names the field below
// "rtpParameters": what CheckRtpParameters() finds, a codec of another kind or not among
// `router`'s, RTX that the Router has not for the codec, several streams of audio.
Result<ProducerDescription> DescribeProducer(MediaKind kind, const RtpParameters& parameters,
                                             const RtpCapabilities& router,
                                             const ProducerOptions& options, Random* random);

}  // namespace sfu::ortc

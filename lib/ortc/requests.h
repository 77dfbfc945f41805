// What an application asks a transport for, and what it is told: the arguments of mediasoup's
// produce(), consume() and PlainTransport.connect(), and the answers to them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ortc/consumer_parameters.h"
#include "ortc/producer_parameters.h"
#include "ortc/rtp_capabilities.h"
#include "ortc/rtp_parameters.h"
#include "ortc/transport_parameters.h"

namespace sfu::ortc {

// The longest id that an application may give a Producer.
inline constexpr size_t kMaxIdSize = 128;

struct ProduceRequest {
  std::string id;  // empty: one is made up
  MediaKind kind = MediaKind::kAudio;
  RtpParameters parameters;
  bool paused = false;
  uint32_t key_frame_request_delay = 0;  // ms, 0..kMaxKeyFrameRequestDelay; 0: the default
};

// ms; who waits longer for a key frame has none.
inline constexpr uint32_t kMaxKeyFrameRequestDelay = 60'000;

// Both count from 0.
struct PreferredLayers {
  uint8_t spatial_layer = 0;
  std::optional<uint8_t> temporal_layer;

  bool operator==(const PreferredLayers&) const = default;
};

struct ConsumeRequest {
  std::string producer_id;
  RtpCapabilities capabilities;  // of the receiver
  bool paused = false;
  std::string mid;                 // empty: one is made up
  std::optional<bool> enable_rtx;  // unset: for video
  bool ignore_dtx = false;
  std::optional<PreferredLayers> preferred_layers;
  ConsumerNumbers numbers = ConsumerNumbers::kRouter;
};

// mediasoup's canConsume().
struct CanConsumeRequest {
  std::string producer_id;
  RtpCapabilities capabilities;
};

// As they are written; what they mean is for the SRTP code to say.
struct SrtpKeyText {
  std::string crypto_suite;
  std::string key_base64;

  bool operator==(const SrtpKeyText&) const = default;
};

struct PlainConnectRequest {
  std::string ip;          // empty: not given
  uint16_t port = 0;       // 0: not given, as the next
  uint16_t rtcp_port = 0;  // without rtcp-mux
  std::optional<SrtpKeyText> srtp_parameters;

  bool operator==(const PlainConnectRequest&) const = default;
};

// `pad`: the name of the transport's pad that carries the stream; `router_pad`: that of the
// router's pad that it is linked to, or empty.
struct ProduceAnswer {
  std::string id;
  MediaKind kind = MediaKind::kAudio;
  ProducerType type = ProducerType::kSimple;
  std::string pad;
  std::string router_pad;
};

struct ConsumeAnswer {
  std::string id;
  std::string producer_id;
  MediaKind kind = MediaKind::kAudio;
  RtpParameters parameters;
  ProducerType type = ProducerType::kSimple;
  std::string pad;
  std::string router_pad;
};

// Where a transport's datagrams come from and go to: mediasoup's TransportTuple.
struct TransportTuple {
  std::string local_address;
  uint16_t local_port = 0;
  std::string remote_ip;  // empty: not known yet
  uint16_t remote_port = 0;
  IceProtocol protocol = IceProtocol::kUdp;
};

// What connect() of a plain transport answers, and what is known of the transport at any time.
struct PlainTransportState {
  std::optional<TransportTuple> tuple;         // once the sockets are bound
  std::optional<TransportTuple> rtcp_tuple;    // likewise, without rtcp-mux
  std::optional<SrtpKeyText> srtp_parameters;  // what we protect with
};

}  // namespace sfu::ortc

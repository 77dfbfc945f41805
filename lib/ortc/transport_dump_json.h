// What there is on a transport, for whoever looks for a fault: mediasoup's transport.dump(), as
// JSON.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ortc/requests.h"
#include "ortc/transport_parameters.h"
#include "rtp/sequence.h"

namespace sfu::ortc {

// What a WebRTC transport has besides.
struct WebRtcDump {
  bool controlling = false;
  std::string ice_state;
  IceParameters ice_parameters;
  std::vector<IceCandidate> ice_candidates;
  std::optional<TransportTuple> ice_selected_tuple;
  std::string dtls_state;
  DtlsParameters dtls_parameters;
};

// What a plain transport has besides.
struct PlainDump {
  PlainTransportState state;
  bool rtcp_mux = true;
  bool comedia = false;
};

struct TransportDump {
  std::string id;
  std::vector<std::string> producer_ids;
  std::vector<std::string> consumer_ids;
  // To ids of Consumers.
  std::map<Ssrc, std::string> consumers;
  std::map<Ssrc, std::string> rtx_consumers;
  // To ids of Producers: what the peer's streams are told apart by. An SSRC is known once it was
  // signalled, or has sent.
  std::map<Ssrc, std::string> producers;
  std::map<std::string, std::string> mids;
  std::map<std::string, std::string> rids;
  // By mediasoup's names of header extensions: "mid", "absSendTime" …
  std::map<std::string, uint8_t> extension_ids;
  // One of them.
  std::optional<WebRtcDump> webrtc;
  std::optional<PlainDump> plain;
};

std::string ToJson(const TransportDump& dump);

}  // namespace sfu::ortc

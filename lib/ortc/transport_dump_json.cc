// Maps are lists of {key, value}, as in mediasoup.
#include "ortc/transport_dump_json.h"

#include "ortc/field_json.h"
#include "ortc/requests_json.h"
#include "ortc/transport_parameters_json.h"

namespace sfu::ortc {
namespace {

template <typename Key>
Json Pairs(const std::map<Key, std::string>& map) {
  Json list = Json::array();
  for (const auto& [key, value] : map) list.push_back({{"key", key}, {"value", value}});
  return list;
}

// What is written by its own ToJson().
template <typename Part>
Json Embed(const Part& part) {
  return Json::parse(ToJson(part));
}

void AddWebRtc(const WebRtcDump& webrtc, Json* json) {
  (*json)["iceRole"] = webrtc.controlling ? "controlling" : "controlled";
  (*json)["iceState"] = webrtc.ice_state;
  (*json)["iceParameters"] = Embed(webrtc.ice_parameters);
  (*json)["iceCandidates"] = Embed(webrtc.ice_candidates);
  if (webrtc.ice_selected_tuple) (*json)["iceSelectedTuple"] = Embed(*webrtc.ice_selected_tuple);
  (*json)["dtlsState"] = webrtc.dtls_state;
  (*json)["dtlsParameters"] = Embed(webrtc.dtls_parameters);
}

void AddPlain(const PlainDump& plain, Json* json) {
  json->update(Embed(plain.state));
  (*json)["rtcpMux"] = plain.rtcp_mux;
  (*json)["comedia"] = plain.comedia;
}

}  // namespace

std::string ToJson(const TransportDump& dump) {
  Json json = {{"id", dump.id},
               {"producerIds", dump.producer_ids},
               {"consumerIds", dump.consumer_ids},
               {"mapSsrcConsumerId", Pairs(dump.consumers)},
               {"mapRtxSsrcConsumerId", Pairs(dump.rtx_consumers)},
               {"recvRtpHeaderExtensions", Json(dump.extension_ids)},
               {"rtpListener",
                {{"ssrcTable", Pairs(dump.producers)},
                 {"midTable", Pairs(dump.mids)},
                 {"ridTable", Pairs(dump.rids)}}}};
  if (dump.webrtc) AddWebRtc(*dump.webrtc, &json);
  if (dump.plain) AddPlain(*dump.plain, &json);
  return JsonText(json);
}

}  // namespace sfu::ortc

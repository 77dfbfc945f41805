// Requests and answers as JSON.
#include "ortc/requests_json.h"

#include <utility>

#include "ortc/field_json.h"
#include "ortc/rtp_codec_json.h"
#include "ortc/rtp_objects_json.h"

namespace sfu::ortc {
namespace {

constexpr int64_t kMaxPort = 65'535;
constexpr WordTable<ConsumerNumbers, 2> kNumbersWords = {{
    {"router", ConsumerNumbers::kRouter},
    {"receiver", ConsumerNumbers::kReceiver},
}};

// Applications know the members of a request, not what we call it.
template <typename Read>
auto ReadRequest(std::string_view text, std::string_view name, const Read& read) {
  auto request = ReadJson(text, name, read);
  if (request) return request;
  Error error = request.error();
  const std::string prefix = std::string(name) + ".";
  if (error.field.starts_with(prefix)) error.field.erase(0, prefix.size());
  return decltype(request)(std::move(error));
}

PreferredLayers ReadPreferredLayers(const JsonField& field) {
  PreferredLayers layers;
  layers.spatial_layer = field.Member("spatialLayer").Number<uint8_t>(0, kMaxLayers - 1);
  layers.temporal_layer = field.Member("temporalLayer").OptionalNumber<uint8_t>(0, kMaxLayers - 1);
  return layers;
}

ProduceRequest ReadProduce(const JsonField& field) {
  ProduceRequest request;
  request.id = field.Member("id").TextOr("", kMaxIdSize);
  request.kind = ReadMediaKind(field.Member("kind"));
  request.parameters = ReadRtpParameters(field.Member("rtpParameters"));
  request.paused = field.Member("paused").BooleanOr(false);
  request.key_frame_request_delay = field.Member("keyFrameRequestDelay")
                                        .OptionalNumber<uint32_t>(0, kMaxKeyFrameRequestDelay)
                                        .value_or(0);
  return request;
}

ConsumeRequest ReadConsume(const JsonField& field) {
  ConsumeRequest request;
  request.producer_id = field.Member("producerId").Text(1, kMaxIdSize);
  request.capabilities = ReadRtpCapabilities(field.Member("rtpCapabilities"));
  request.paused = field.Member("paused").BooleanOr(false);
  const JsonField mid = field.Member("mid");
  request.mid = mid.TextOr("", kMaxMidSize);
  if (!request.mid.empty() && !IsMid(request.mid)) mid.Fail("must be a token");
  const JsonField rtx = field.Member("enableRtx");
  if (rtx.present()) request.enable_rtx = rtx.Boolean();
  request.ignore_dtx = field.Member("ignoreDtx").BooleanOr(false);
  const JsonField layers = field.Member("preferredLayers");
  if (layers.present()) request.preferred_layers = ReadPreferredLayers(layers);
  request.numbers = field.Member("numbers").ChoiceOr(kNumbersWords, ConsumerNumbers::kRouter);
  return request;
}

CanConsumeRequest ReadCanConsume(const JsonField& field) {
  CanConsumeRequest request;
  request.producer_id = field.Member("producerId").Text(1, kMaxIdSize);
  request.capabilities = ReadRtpCapabilities(field.Member("rtpCapabilities"));
  return request;
}

PlainConnectRequest ReadPlainConnect(const JsonField& field) {
  PlainConnectRequest request;
  request.ip = field.Member("ip").TextOr("");
  request.port = field.Member("port").OptionalNumber<uint16_t>(1, kMaxPort).value_or(0);
  request.rtcp_port = field.Member("rtcpPort").OptionalNumber<uint16_t>(1, kMaxPort).value_or(0);
  const JsonField srtp = field.Member("srtpParameters");
  if (srtp.present()) {
    request.srtp_parameters =
        SrtpKeyText{srtp.Member("cryptoSuite").Text(), srtp.Member("keyBase64").Text()};
  }
  return request;
}

Json WriteTuple(const TransportTuple& tuple) {
  Json json = {{"localAddress", tuple.local_address},
               {"localPort", tuple.local_port},
               {"protocol", tuple.protocol == IceProtocol::kUdp ? "udp" : "tcp"}};
  if (!tuple.remote_ip.empty()) {
    json["remoteIp"] = tuple.remote_ip;
    json["remotePort"] = tuple.remote_port;
  }
  return json;
}

Json WriteSrtp(const SrtpKeyText& parameters) {
  return {{"cryptoSuite", parameters.crypto_suite}, {"keyBase64", parameters.key_base64}};
}

Json WriteState(const PlainTransportState& state) {
  Json json = Json::object();
  if (state.tuple) json["tuple"] = WriteTuple(*state.tuple);
  if (state.rtcp_tuple) json["rtcpTuple"] = WriteTuple(*state.rtcp_tuple);
  if (state.srtp_parameters) json["srtpParameters"] = WriteSrtp(*state.srtp_parameters);
  return json;
}

}  // namespace

Result<ProduceRequest> ParseProduceRequest(std::string_view json, std::string_view name) {
  return ReadRequest(json, name, ReadProduce);
}

Result<ConsumeRequest> ParseConsumeRequest(std::string_view json, std::string_view name) {
  return ReadRequest(json, name, ReadConsume);
}

Result<CanConsumeRequest> ParseCanConsumeRequest(std::string_view json, std::string_view name) {
  return ReadRequest(json, name, ReadCanConsume);
}

Result<PlainConnectRequest> ParsePlainConnectRequest(std::string_view json, std::string_view name) {
  return ReadRequest(json, name, ReadPlainConnect);
}

std::string ToJson(const ProduceAnswer& answer) {
  Json json = {{"id", answer.id},
               {"kind", MediaKindName(answer.kind)},
               {"type", ProducerTypeName(answer.type)},
               {"pad", answer.pad}};
  if (!answer.router_pad.empty()) json["routerPad"] = answer.router_pad;
  return JsonText(json);
}

std::string ToJson(const ConsumeAnswer& answer) {
  Json json = {{"id", answer.id},
               {"producerId", answer.producer_id},
               {"kind", MediaKindName(answer.kind)},
               {"rtpParameters", WriteRtpParameters(answer.parameters)},
               {"type", ProducerTypeName(answer.type)},
               {"pad", answer.pad}};
  if (!answer.router_pad.empty()) json["routerPad"] = answer.router_pad;
  return JsonText(json);
}

std::string ToJson(const TransportTuple& tuple) { return JsonText(WriteTuple(tuple)); }

std::string ToJson(const SrtpKeyText& parameters) { return JsonText(WriteSrtp(parameters)); }

std::string ToJson(const PlainTransportState& state) { return JsonText(WriteState(state)); }

}  // namespace sfu::ortc

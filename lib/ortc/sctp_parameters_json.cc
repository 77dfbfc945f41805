// SCTP parameters as JSON.
#include "ortc/sctp_parameters_json.h"

#include "ortc/field_json.h"

namespace sfu::ortc {
namespace {

constexpr int64_t kMaxStreamId = 65534;  // RFC 8832, section 6
constexpr int64_t kMaxMessageSize = UINT32_MAX;

NumSctpStreams ReadStreams(const JsonField& field) {
  NumSctpStreams streams;
  streams.os = field.Member("OS").Number<uint16_t>(1, UINT16_MAX);
  streams.mis = field.Member("MIS").Number<uint16_t>(1, UINT16_MAX);
  return streams;
}

SctpParameters ReadSctpParameters(const JsonField& field) {
  SctpParameters parameters;
  parameters.port = field.Member("port").Number<uint16_t>(1, UINT16_MAX);
  parameters.streams = ReadStreams(field);
  // Clients up to mediasoup-client 3.18 know one size for both directions.
  const JsonField both = field.Member("maxMessageSize");
  const JsonField receive = field.Member("maxReceiveMessageSize");
  const JsonField send = field.Member("maxSendMessageSize");
  parameters.max_receive_message_size =
      (receive.present() ? receive : both).Number<uint32_t>(0, kMaxMessageSize);
  parameters.max_send_message_size =
      (send.present() ? send : both).Number<uint32_t>(0, kMaxMessageSize);
  parameters.is_data_channel = field.Member("isDataChannel").BooleanOr(true);
  return parameters;
}

SctpStreamParameters ReadStreamParameters(const JsonField& field) {
  SctpStreamParameters parameters;
  parameters.stream_id = field.Member("streamId").Number<uint16_t>(0, kMaxStreamId);
  const JsonField ordered = field.Member("ordered");
  const JsonField retransmits = field.Member("maxRetransmits");
  parameters.max_packet_life_time =
      field.Member("maxPacketLifeTime").OptionalNumber<uint16_t>(0, UINT16_MAX);
  parameters.max_retransmits = retransmits.OptionalNumber<uint16_t>(0, UINT16_MAX);
  // A limit of 0 is none to mediasoup.
  const bool timed = parameters.max_packet_life_time.value_or(0) > 0;
  const bool counted = parameters.max_retransmits.value_or(0) > 0;
  if (timed && counted) retransmits.Fail("must not be given together with maxPacketLifeTime");
  parameters.ordered = ordered.BooleanOr(!timed && !counted);
  if (parameters.ordered && (timed || counted)) {
    ordered.Fail("must be false with maxPacketLifeTime or maxRetransmits");
  }
  return parameters;
}

}  // namespace

Result<NumSctpStreams> ParseNumSctpStreams(std::string_view json, std::string_view name) {
  return ReadJson(json, name, ReadStreams);
}

std::string ToJson(const NumSctpStreams& streams) {
  return JsonText({{"OS", streams.os}, {"MIS", streams.mis}});
}

Result<SctpParameters> ParseSctpParameters(std::string_view json, std::string_view name) {
  return ReadJson(json, name, ReadSctpParameters);
}

std::string ToJson(const SctpParameters& parameters) {
  return JsonText({{"port", parameters.port},
                   {"OS", parameters.streams.os},
                   {"MIS", parameters.streams.mis},
                   {"maxMessageSize", parameters.max_receive_message_size},
                   {"maxSendMessageSize", parameters.max_send_message_size},
                   {"maxReceiveMessageSize", parameters.max_receive_message_size},
                   {"isDataChannel", parameters.is_data_channel}});
}

Result<SctpStreamParameters> ParseSctpStreamParameters(std::string_view json,
                                                       std::string_view name) {
  return ReadJson(json, name, ReadStreamParameters);
}

std::string ToJson(const SctpStreamParameters& parameters) {
  Json json = {{"streamId", parameters.stream_id}, {"ordered", parameters.ordered}};
  if (parameters.max_packet_life_time) {
    json["maxPacketLifeTime"] = *parameters.max_packet_life_time;
  }
  if (parameters.max_retransmits) json["maxRetransmits"] = *parameters.max_retransmits;
  return JsonText(json);
}

}  // namespace sfu::ortc

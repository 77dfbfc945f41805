// ORTC JSON: the first byte chooses the object, the rest is its text. Nothing may throw; what is
// accepted must be written and read again as the same, and must go through negotiation.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "fuzz_check.h"
#include "ortc/consumer_parameters.h"
#include "ortc/producer_parameters.h"
#include "ortc/requests_json.h"
#include "ortc/router_capabilities.h"
#include "ortc/rtp_capabilities_json.h"
#include "ortc/rtp_parameters_json.h"
#include "ortc/sctp_parameters_json.h"
#include "ortc/stream_mapping.h"
#include "ortc/supported_capabilities.h"
#include "ortc/transport_dump_json.h"
#include "ortc/transport_parameters_json.h"

namespace {

using namespace sfu;        // NOLINT(google-build-using-namespace)
using namespace sfu::ortc;  // NOLINT(google-build-using-namespace)

// An error has a field that begins as the object is called, and a reason.
template <typename T>
bool Accepted(const Result<T>& result, std::string_view name) {
  if (result) return true;
  FUZZ_CHECK(result.error().field.starts_with(name) && !result.error().reason.empty());
  return false;
}

template <typename T, typename Parse>
void RoundTrip(std::string_view text, std::string_view name, const Parse& parse) {
  const Result<T> first = parse(text, name);
  if (!Accepted(first, name)) return;
  const Result<T> second = parse(ToJson(first.value()), name);
  FUZZ_CHECK(second.ok() && second.value() == first.value());
}

// A router that has nearly everything.
const RtpCapabilities& Router() {
  static const RtpCapabilities router = [] {
    std::vector<RtpCodecCapability> codecs = SupportedRtpCapabilities().codecs;
    std::erase_if(codecs, [](const RtpCodecCapability& codec) {
      return codec.name == "CN" && codec.clock_rate != 8000;
    });
    const Result<RtpCapabilities> made = MakeRouterCapabilities(codecs);
    FUZZ_CHECK(made.ok());
    return made.value();
  }();
  return router;
}

void Produce(std::string_view text) {
  const Result<RtpParameters> parameters = ParseRtpParameters(text);
  if (!parameters) return;
  Random random(1);
  const Result<ProducerDescription> producer = DescribeProducer(
      parameters.value().codecs[0].kind, parameters.value(), Router(), {"cname", true}, &random);
  if (!Accepted(producer, "rtpParameters")) return;
  const RtpParameters& consumable = producer.value().consumable;
  FUZZ_CHECK(CheckRtpParameters(consumable).ok());
  FUZZ_CHECK(CheckRtpParameters(MakePipeConsumerParameters(consumable, true, &random)).ok());
  for (size_t i = 0; i < producer.value().parameters.encodings.size(); ++i) {
    FUZZ_CHECK(DescribeStream(producer.value().parameters, i).ok());
  }
  if (!CanConsume(consumable, Router())) return;
  const Result<RtpParameters> consumer = MakeConsumerParameters(consumable, Router(), {}, &random);
  FUZZ_CHECK(consumer.ok() && CheckRtpParameters(consumer.value()).ok());
}

// A consumer of a VP8 stream, by whatever capabilities.
void Consume(std::string_view text) {
  const Result<RtpCapabilities> receiver = ParseRtpCapabilities(text);
  if (!receiver) return;
  StreamDescription stream;
  stream.codec.id = CodecId::kVp8;
  stream.codec.encoding_name = "VP8";
  stream.codec.payload_type = 96;
  Random random(1);
  const Result<ProducerDescription> producer =
      DescribeProducer(MediaKind::kVideo, ParametersOf(stream), Router(), {"cname", true}, &random);
  FUZZ_CHECK(producer.ok());
  const RtpParameters& consumable = producer.value().consumable;
  for (const ConsumerNumbers numbers : {ConsumerNumbers::kRouter, ConsumerNumbers::kReceiver}) {
    ConsumerOptions options;
    options.numbers = numbers;
    const Result<RtpParameters> consumer =
        MakeConsumerParameters(consumable, receiver.value(), options, &random);
    if (!Accepted(consumer, "rtpCapabilities")) continue;
    FUZZ_CHECK(CanConsume(consumable, receiver.value()));
    FUZZ_CHECK(CheckRtpParameters(consumer.value()).ok());
  }
}

void Route(std::string_view text) {
  const Result<std::vector<RtpCodecCapability>> codecs = ParseMediaCodecs(text);
  if (!Accepted(codecs, "mediaCodecs")) return;
  const Result<RtpCapabilities> router = MakeRouterCapabilities(codecs.value());
  if (!Accepted(router, "mediaCodecs")) return;
  FUZZ_CHECK(CheckRtpCapabilities(router.value()).ok());
}

// An error of a request names a field of its own, or the request.
template <typename Request>
void Ask(const Result<Request>& request) {
  if (request) return;
  FUZZ_CHECK(!request.error().field.empty() && !request.error().field.starts_with("options.") &&
             !request.error().reason.empty());
}

// A whole produce(), and what is told of it.
void AskToProduce(std::string_view text) {
  const Result<ProduceRequest> request = ParseProduceRequest(text);
  Ask(request);
  if (!request) return;
  FUZZ_CHECK(request.value().id.size() <= kMaxIdSize);
  Random random(1);
  const Result<ProducerDescription> producer = DescribeProducer(
      request.value().kind, request.value().parameters, Router(), {"cname", true}, &random);
  if (!Accepted(producer, "rtpParameters")) return;
  TransportDump dump;
  dump.producer_ids.push_back(request.value().id);
  dump.mids[producer.value().parameters.mid] = request.value().id;
  FUZZ_CHECK(!ToJson(dump).empty());
  FUZZ_CHECK(!ToJson(ConsumeAnswer{request.value().id, request.value().id, request.value().kind,
                                   producer.value().consumable, producer.value().type, "", ""})
                  .empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(data + 1, data + size);
  switch (data[0] % 12) {
    case 0:
      RoundTrip<RtpParameters>(text, "rtpParameters", ParseRtpParameters);
      Produce(text);
      break;
    case 1:
      RoundTrip<RtpCapabilities>(text, "rtpCapabilities", ParseRtpCapabilities);
      Consume(text);
      break;
    case 2:
      Route(text);
      break;
    case 3:
      RoundTrip<IceParameters>(text, "iceParameters", ParseIceParameters);
      break;
    case 4:
      RoundTrip<std::vector<IceCandidate>>(text, "iceCandidates", ParseIceCandidates);
      break;
    case 5:
      RoundTrip<DtlsParameters>(text, "dtlsParameters", ParseDtlsParameters);
      break;
    case 6:
      RoundTrip<SctpParameters>(text, "sctpParameters", ParseSctpParameters);
      break;
    case 8:
      AskToProduce(text);
      break;
    case 9:
      Ask(ParseConsumeRequest(text));
      break;
    case 10:
      Ask(ParseCanConsumeRequest(text));
      break;
    case 11:
      Ask(ParsePlainConnectRequest(text));
      break;
    default:
      RoundTrip<SctpStreamParameters>(text, "sctpStreamParameters", ParseSctpStreamParameters);
      break;
  }
  return 0;
}

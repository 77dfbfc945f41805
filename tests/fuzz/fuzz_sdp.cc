// SDP of strangers: the first byte chooses an offer or a fragment, the rest is its text. Errors
// name a place; what is accepted goes through negotiation both ways, and the answer can be read.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "fuzz_check.h"
#include "fuzz_signalling.h"
#include "ortc/consumer_parameters.h"
#include "ortc/producer_parameters.h"
#include "signalling/sdp_answer.h"
#include "signalling/sdp_fragment.h"
#include "signalling/sdp_offer.h"
#include "signalling/sdp_text.h"

namespace {

using namespace sfu;              // NOLINT(google-build-using-namespace)
using namespace sfu::signalling;  // NOLINT(google-build-using-namespace)

template <typename T>
bool Accepted(const Result<T>& result) {
  if (result) return true;
  FUZZ_CHECK(result.error().field.starts_with("sdp") && !result.error().reason.empty());
  return false;
}

// What is published, and for each section a Consumer of it for the offerer.
void Negotiate(const SdpOffer& offer) {
  Random random(1);
  std::vector<std::optional<SdpAnswerMedia>> published;
  std::vector<std::optional<SdpAnswerMedia>> watched;
  for (const SdpMedia& section : offer.media) {
    published.emplace_back();
    watched.emplace_back();
    if (!section.usable) continue;
    FUZZ_CHECK(section.rtcp_mux && section.rtp);
    const ortc::RtpCapabilities receivable = section.Receivable();
    FUZZ_CHECK(ortc::CheckRtpCapabilities(receivable).ok());
    const auto parameters = section.Sendable(FuzzRouter());
    if (!Accepted(parameters)) continue;
    published.back() = SdpAnswerMedia{true, parameters.value()};
    const auto producer = ortc::DescribeProducer(section.kind, parameters.value(), FuzzRouter(),
                                                 {"cname", true}, &random);
    if (!producer) continue;
    ortc::ConsumerOptions options;
    options.numbers = ortc::ConsumerNumbers::kReceiver;
    options.mid = section.mid;
    const auto consumer =
        ortc::MakeConsumerParameters(producer.value().consumable, receivable, options, &random);
    if (!consumer) continue;
    FUZZ_CHECK(ortc::CheckRtpParameters(consumer.value()).ok());
    watched.back() = SdpAnswerMedia{false, consumer.value()};
  }
  for (const auto& media : {published, watched}) {
    const auto answer = ParseSdpMessage(MakeSdpAnswer(offer, FuzzTransport(), media, 1));
    FUZZ_CHECK(answer.ok());
    FUZZ_CHECK(gst_sdp_message_medias_len(answer.value().get()) == offer.media.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    const auto offer = ParseSdpOffer(text);
    if (Accepted(offer)) Negotiate(offer.value());
    return 0;
  }
  const auto fragment = ParseSdpFragment(text);
  if (!Accepted(fragment) || fragment.value().ice.username_fragment.empty()) return 0;
  const auto again = ParseSdpFragment(MakeSdpFragment(fragment.value(), "0"));
  FUZZ_CHECK(again.ok() && again.value().candidates == fragment.value().candidates);
  return 0;
}

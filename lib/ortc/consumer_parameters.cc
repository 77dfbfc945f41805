// Reducing what a Producer offers to what a receiver can take.
#include "ortc/consumer_parameters.h"

#include <algorithm>
#include <utility>

#include "ortc/codec_match.h"
#include "ortc/random_ssrc.h"
#include "ortc/scalability_mode.h"
#include "ortc/supported_capabilities.h"
#include "rtp/extension_values.h"

namespace sfu::ortc {
namespace {

constexpr uint32_t kMidEnd = 100'000'000;

bool IsGenericNack(const RtcpFeedback& feedback) {
  return feedback.type == "nack" && feedback.parameter.empty();
}

// The receiver's first codec that can decode this.
const RtpCodecCapability* FindMatch(const RtpCapabilities& receiver,
                                    const RtpCodecParameters& codec) {
  const auto found = std::find_if(receiver.codecs.begin(), receiver.codecs.end(),
                                  [&](const RtpCodecCapability& candidate) {
                                    return CodecsMatch(candidate, codec, CodecMatch::kFormat);
                                  });
  return found == receiver.codecs.end() ? nullptr : &*found;
}

const RtpCodecCapability* FindRtx(const RtpCapabilities& receiver,
                                  const RtpCodecCapability& media) {
  if (!media.preferred_payload_type) return nullptr;
  const auto found = std::find_if(receiver.codecs.begin(), receiver.codecs.end(),
                                  [&](const RtpCodecCapability& candidate) {
                                    return candidate.IsRtx() && candidate.kind == media.kind &&
                                           candidate.Apt() == media.preferred_payload_type;
                                  });
  return found == receiver.codecs.end() ? nullptr : &*found;
}

std::vector<RtcpFeedback> CommonFeedback(const RtpCodecParameters& ours,
                                         const RtpCodecCapability& theirs, bool enable_rtx) {
  std::vector<RtcpFeedback> common;
  for (const RtcpFeedback& feedback : theirs.rtcp_feedback) {
    if (!enable_rtx && IsGenericNack(feedback)) continue;
    const auto& known = ours.rtcp_feedback;
    if (std::find(known.begin(), known.end(), feedback) != known.end()) common.push_back(feedback);
  }
  return common;
}

class CodecSelection {
 public:
  CodecSelection(const RtpParameters& consumable, const RtpCapabilities& receiver,
                 const ConsumerOptions& options)
      : consumable_(consumable), receiver_(receiver), options_(options) {}

  // The codecs of the Consumer: each media codec that matches, and its RTX behind it.
  std::vector<RtpCodecParameters> Select() && {
    for (const RtpCodecParameters& codec : consumable_.codecs) {
      if (!codec.IsRtx()) AddMedia(codec);
    }
    return std::move(codecs_);
  }

 private:
  void AddMedia(const RtpCodecParameters& codec) {
    const RtpCodecCapability* theirs = FindMatch(receiver_, codec);
    if (theirs == nullptr) return;
    RtpCodecParameters chosen = codec;
    chosen.rtcp_feedback = CommonFeedback(codec, *theirs, options_.enable_rtx);
    if (!Renumber(*theirs, &chosen)) return;
    codecs_.push_back(chosen);
    const RtpCodecParameters* rtx = options_.enable_rtx ? consumable_.RtxOf(codec) : nullptr;
    const RtpCodecCapability* their_rtx = FindRtx(receiver_, *theirs);
    if (rtx == nullptr || their_rtx == nullptr) return;
    RtpCodecParameters chosen_rtx = *rtx;
    if (!Renumber(*their_rtx, &chosen_rtx)) return;
    chosen_rtx.parameters.Set("apt", int64_t{chosen.payload_type});
    codecs_.push_back(std::move(chosen_rtx));
  }

  // False if the receiver's number is wanted but it has none, or has used it for another of the
  // Producer's codecs.
  bool Renumber(const RtpCodecCapability& theirs, RtpCodecParameters* codec) const {
    if (options_.numbers == ConsumerNumbers::kRouter) return true;
    if (!theirs.preferred_payload_type) return false;
    codec->payload_type = *theirs.preferred_payload_type;
    return std::none_of(codecs_.begin(), codecs_.end(), [&](const RtpCodecParameters& other) {
      return other.payload_type == codec->payload_type;
    });
  }

  const RtpParameters& consumable_;
  const RtpCapabilities& receiver_;
  const ConsumerOptions& options_;
  std::vector<RtpCodecParameters> codecs_;
};

std::vector<RtpHeaderExtensionParameters> SelectExtensions(const RtpParameters& consumable,
                                                           const RtpCapabilities& receiver,
                                                           ConsumerNumbers numbers) {
  const MediaKind kind = consumable.codecs.front().kind;
  std::vector<RtpHeaderExtensionParameters> selected;
  for (const RtpHeaderExtensionParameters& ours : consumable.header_extensions) {
    for (const RtpHeaderExtension& theirs : receiver.header_extensions) {
      const bool router = numbers == ConsumerNumbers::kRouter;
      if (theirs.uri != ours.uri) continue;
      if (router ? theirs.preferred_id != ours.id : theirs.kind != kind) continue;
      selected.push_back(ours);
      if (!router) selected.back().id = theirs.preferred_id;
      break;
    }
  }
  return selected;
}

bool Has(const std::vector<RtpHeaderExtensionParameters>& extensions, std::string_view uri) {
  return std::any_of(
      extensions.begin(), extensions.end(),
      [&](const RtpHeaderExtensionParameters& extension) { return extension.uri == uri; });
}

// Leaves one way to estimate the bandwidth, or none.
void ReduceBandwidthFeedback(RtpParameters* parameters) {
  const bool transport_cc = Has(parameters->header_extensions, TransportSequence::kUri);
  const bool remb = !transport_cc && Has(parameters->header_extensions, AbsSendTime::kUri);
  for (RtpCodecParameters& codec : parameters->codecs) {
    std::erase_if(codec.rtcp_feedback, [&](const RtcpFeedback& feedback) {
      return (feedback.type == "transport-cc" && !transport_cc) ||
             (feedback.type == "goog-remb" && !remb);
    });
  }
}

bool HasRtx(const RtpParameters& parameters) {
  return std::any_of(parameters.codecs.begin(), parameters.codecs.end(),
                     [](const RtpCodecParameters& codec) { return codec.IsRtx(); });
}

// One stream in place of all that the Producer has.
RtpEncodingParameters OneEncoding(const RtpParameters& consumable, bool rtx, Random* random) {
  RtpEncodingParameters encoding;
  encoding.ssrc = DrawSsrcs(random);
  if (rtx) encoding.rtx_ssrc = *encoding.ssrc + 1;
  // All encodings of a Producer have the same mode, if they have one.
  for (const RtpEncodingParameters& theirs : consumable.encodings) {
    if (encoding.scalability_mode.empty()) encoding.scalability_mode = theirs.scalability_mode;
    const uint64_t max_bitrate = theirs.max_bitrate.value_or(0);
    if (max_bitrate > encoding.max_bitrate.value_or(0)) encoding.max_bitrate = max_bitrate;
  }
  if (consumable.encodings.size() > 1) {
    const ScalabilityMode mode =
        ParseScalabilityMode(encoding.scalability_mode).value_or(ScalabilityMode());
    encoding.scalability_mode =
        LayersText(static_cast<int>(consumable.encodings.size()), mode.temporal_layers);
  }
  return encoding;
}

std::vector<RtpEncodingParameters> AllEncodings(const RtpParameters& consumable, bool rtx,
                                                Random* random) {
  std::vector<RtpEncodingParameters> encodings = consumable.encodings;
  Ssrc ssrc = DrawSsrcs(random);
  Ssrc rtx_ssrc = ssrc + static_cast<Ssrc>(encodings.size());
  for (RtpEncodingParameters& encoding : encodings) {
    encoding.ssrc = ssrc++;
    encoding.rtx_ssrc = rtx ? std::optional(rtx_ssrc++) : std::nullopt;
  }
  return encodings;
}

bool IsForPipes(const RtcpFeedback& feedback, bool enable_rtx) {
  return feedback == RtcpFeedback{"nack", "pli"} || feedback == RtcpFeedback{"ccm", "fir"} ||
         (enable_rtx && IsGenericNack(feedback));
}

void AddDependencyDescriptor(std::vector<RtpHeaderExtensionParameters>* extensions) {
  for (const RtpHeaderExtension& known : SupportedRtpCapabilities().header_extensions) {
    if (known.uri == kDependencyDescriptorUri && !Has(*extensions, known.uri)) {
      extensions->push_back({known.uri, known.preferred_id, known.preferred_encrypt, {}});
    }
  }
  std::sort(extensions->begin(), extensions->end(),
            [](const RtpHeaderExtensionParameters& a, const RtpHeaderExtensionParameters& b) {
              return a.id < b.id;
            });
}

}  // namespace

bool CanConsume(const RtpParameters& consumable, const RtpCapabilities& receiver) {
  return std::any_of(consumable.codecs.begin(), consumable.codecs.end(),
                     [&](const RtpCodecParameters& codec) {
                       return !codec.IsRtx() && FindMatch(receiver, codec) != nullptr;
                     });
}

Result<RtpParameters> MakeConsumerParameters(const RtpParameters& consumable,
                                             const RtpCapabilities& receiver,
                                             const ConsumerOptions& options, Random* random) {
  if (!options.mid.empty() && !IsMid(options.mid)) return Error{"mid", "must be a token"};
  RtpParameters consumer;
  consumer.mid = options.mid;
  consumer.msid = consumable.msid;
  consumer.rtcp = consumable.rtcp;
  consumer.codecs = CodecSelection(consumable, receiver, options).Select();
  if (consumer.codecs.empty()) {
    return Error{"rtpCapabilities.codecs", "has no codec of the producer"};
  }
  consumer.header_extensions = SelectExtensions(consumable, receiver, options.numbers);
  ReduceBandwidthFeedback(&consumer);
  const bool rtx = HasRtx(consumer);
  if (options.all_encodings) {
    consumer.encodings = AllEncodings(consumable, rtx, random);
  } else {
    consumer.encodings.push_back(OneEncoding(consumable, rtx, random));
  }
  return consumer;
}

RtpParameters MakePipeConsumerParameters(const RtpParameters& consumable, bool enable_rtx,
                                         Random* random) {
  RtpParameters consumer;
  consumer.msid = consumable.msid;
  consumer.rtcp = consumable.rtcp;
  for (const RtpCodecParameters& codec : consumable.codecs) {
    if (codec.IsRtx() && !enable_rtx) continue;
    consumer.codecs.push_back(codec);
    std::erase_if(consumer.codecs.back().rtcp_feedback,
                  [&](const RtcpFeedback& feedback) { return !IsForPipes(feedback, enable_rtx); });
  }
  for (const RtpHeaderExtensionParameters& extension : consumable.header_extensions) {
    if (extension.uri == kMidUri || extension.uri == AbsSendTime::kUri ||
        extension.uri == TransportSequence::kUri) {
      continue;
    }
    consumer.header_extensions.push_back(extension);
  }
  if (!consumer.codecs.empty() && consumer.codecs.front().kind == MediaKind::kVideo) {
    AddDependencyDescriptor(&consumer.header_extensions);
  }
  consumer.encodings = AllEncodings(consumable, enable_rtx && HasRtx(consumer), random);
  return consumer;
}

std::string MidSource::Next() {
  std::string mid = std::to_string(next_);
  next_ = (next_ + 1) % kMidEnd;
  return mid;
}

}  // namespace sfu::ortc

// Handing out payload types.
#include "ortc/router_capabilities.h"

#include <algorithm>
#include <utility>

#include "ortc/codec_match.h"
#include "ortc/field_path.h"
#include "ortc/limits.h"
#include "ortc/supported_capabilities.h"

namespace sfu::ortc {
namespace {

constexpr int kFirstRtcp = 64;  // RFC 5761, section 4
constexpr int kLastRtcp = 95;

class PayloadTypes {
 public:
  PayloadTypes() {
    for (uint8_t type = 100; type <= kMaxPayloadType; ++type) free_.push_back(type);
    for (uint8_t type = 96; type < 100; ++type) free_.push_back(type);
  }
  void Remove(uint8_t type) { std::erase(free_, type); }
  // Nothing if there are no more.
  std::optional<uint8_t> Take() {
    if (free_.empty()) return std::nullopt;
    const uint8_t type = free_.front();
    free_.erase(free_.begin());
    return type;
  }

 private:
  std::vector<uint8_t> free_;
};

const RtpCodecCapability* FindSupported(const RtpCodecCapability& codec) {
  const std::vector<RtpCodecCapability>& supported = SupportedRtpCapabilities().codecs;
  const auto found =
      std::find_if(supported.begin(), supported.end(), [&](const RtpCodecCapability& candidate) {
        return CodecsMatch(codec, candidate, CodecMatch::kCodec);
      });
  return found == supported.end() ? nullptr : &*found;
}

// "audio/opus/48000/2".
std::string Summary(const CodecDescription& codec) {
  std::string text = codec.MimeType();
  text.append("/").append(std::to_string(codec.clock_rate));
  if (codec.channels > 0) text.append("/").append(std::to_string(codec.channels));
  return text;
}

RtpCodecCapability RtxOf(const RtpCodecCapability& media, uint8_t payload_type) {
  RtpCodecCapability rtx;
  rtx.kind = media.kind;
  rtx.name = "rtx";
  rtx.clock_rate = media.clock_rate;
  rtx.channels = media.channels;
  rtx.parameters = {{"apt", int64_t{*media.preferred_payload_type}}};
  rtx.preferred_payload_type = payload_type;
  return rtx;
}

class CapabilitiesBuilder {
 public:
  Status Add(const RtpCodecCapability& wanted, const std::string& field) {
    Status status = CheckCodec(wanted, field);
    if (!status) return status;
    const RtpCodecCapability* supported = FindSupported(wanted);
    if (supported == nullptr) {
      return Error{field + ".mimeType", Summary(wanted) + " is not supported"};
    }
    RtpCodecCapability codec = *supported;
    status = ChoosePayloadType(wanted, field, &codec);
    if (!status) return status;
    codec.parameters.Merge(wanted.parameters);
    result_.codecs.push_back(codec);
    if (codec.kind == MediaKind::kAudio) return OkStatus();
    const std::optional<uint8_t> rtx_type = types_.Take();
    if (!rtx_type) return Error{field, "no payload type is left for its RTX"};
    result_.codecs.push_back(RtxOf(codec, *rtx_type));
    return OkStatus();
  }
  RtpCapabilities Finish() && {
    result_.header_extensions = SupportedRtpCapabilities().header_extensions;
    return std::move(result_);
  }

 private:
  Status ChoosePayloadType(const RtpCodecCapability& wanted, const std::string& field,
                           RtpCodecCapability* codec) {
    if (wanted.preferred_payload_type) {
      codec->preferred_payload_type = wanted.preferred_payload_type;
      types_.Remove(*wanted.preferred_payload_type);
    } else if (!codec->preferred_payload_type) {
      codec->preferred_payload_type = types_.Take();
      if (!codec->preferred_payload_type) return Error{field, "no payload type is left for it"};
    }
    const int type = *codec->preferred_payload_type;
    const std::string type_field = field + ".preferredPayloadType";
    if (type > kMaxPayloadType) return Error{type_field, "must be 0..127"};
    if (type >= kFirstRtcp && type <= kLastRtcp) {
      return Error{type_field, "must not be 64..95, which cannot be told from RTCP"};
    }
    for (const RtpCodecCapability& other : result_.codecs) {
      if (other.preferred_payload_type == type) {
        return Error{type_field,
                     std::to_string(type) + " is that of " + Summary(other) + " already"};
      }
    }
    return OkStatus();
  }

  PayloadTypes types_;
  RtpCapabilities result_;
};

}  // namespace

Result<RtpCapabilities> MakeRouterCapabilities(const std::vector<RtpCodecCapability>& media_codecs,
                                               const std::string& name) {
  CapabilitiesBuilder builder;
  for (size_t i = 0; i < media_codecs.size(); ++i) {
    const Status status = builder.Add(media_codecs[i], At(name, i));
    if (!status) return status.error();
  }
  return std::move(builder).Finish();
}

RouterCapabilities::RouterCapabilities()
    : current_{{}, SupportedRtpCapabilities().header_extensions} {}

Status RouterCapabilities::Update(const std::vector<RtpCodecCapability>& media_codecs) {
  Result<RtpCapabilities> capabilities = MakeRouterCapabilities(media_codecs);
  if (!capabilities) return capabilities.error();
  current_ = std::move(capabilities).value();
  return OkStatus();
}

}  // namespace sfu::ortc

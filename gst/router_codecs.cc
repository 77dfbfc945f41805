// The table of codecs, and its changes.
#include "router_codecs.h"

#include <utility>

#include "base/random.h"
#include "ortc/rtp_capabilities_json.h"
#include "ortc_caps.h"

namespace sfu::gst {
namespace {

// H264 by the profiles that browsers and encoders make; VP9 with 8 and with 10 bits.
constexpr char kDefaultCodecs[] = R"([
  {"kind": "audio", "mimeType": "audio/opus", "clockRate": 48000, "channels": 2},
  {"kind": "audio", "mimeType": "audio/PCMU", "clockRate": 8000},
  {"kind": "audio", "mimeType": "audio/PCMA", "clockRate": 8000},
  {"kind": "audio", "mimeType": "audio/G722", "clockRate": 8000},
  {"kind": "video", "mimeType": "video/VP8", "clockRate": 90000},
  {"kind": "video", "mimeType": "video/VP9", "clockRate": 90000, "parameters": {"profile-id": 0}},
  {"kind": "video", "mimeType": "video/VP9", "clockRate": 90000, "parameters": {"profile-id": 2}},
  {"kind": "video", "mimeType": "video/H264", "clockRate": 90000,
   "parameters": {"packetization-mode": 1, "profile-level-id": "42e01f"}},
  {"kind": "video", "mimeType": "video/H264", "clockRate": 90000,
   "parameters": {"packetization-mode": 0, "profile-level-id": "42e01f"}},
  {"kind": "video", "mimeType": "video/H264", "clockRate": 90000,
   "parameters": {"packetization-mode": 1, "profile-level-id": "42001f"}},
  {"kind": "video", "mimeType": "video/H264", "clockRate": 90000,
   "parameters": {"packetization-mode": 1, "profile-level-id": "4d001f"}},
  {"kind": "video", "mimeType": "video/H264", "clockRate": 90000,
   "parameters": {"packetization-mode": 1, "profile-level-id": "64001f"}},
  {"kind": "video", "mimeType": "video/AV1", "clockRate": 90000},
  {"kind": "video", "mimeType": "video/H265", "clockRate": 90000}])";

}  // namespace

const std::string& DefaultMediaCodecs() {
  static const std::string codecs = kDefaultCodecs;
  return codecs;
}

const ortc::RtpCapabilities& DefaultCapabilities() {
  static const ortc::RtpCapabilities capabilities = CapabilitiesOf(kDefaultCodecs).value();
  return capabilities;
}

Result<ortc::RtpCapabilities> CapabilitiesOf(const std::string& media_codecs) {
  const auto codecs = ortc::ParseMediaCodecs(media_codecs);
  if (!codecs) return codecs.error();
  return ortc::MakeRouterCapabilities(codecs.value());
}

RouterCodecs::RouterCodecs() : capabilities_(DefaultCapabilities()) {}

ortc::RtpCapabilities RouterCodecs::capabilities() const {
  const std::lock_guard lock(mutex_);
  return capabilities_;
}

std::string RouterCodecs::media_codecs() const {
  const std::lock_guard lock(mutex_);
  return media_codecs_;
}

Status RouterCodecs::Set(const std::string& media_codecs) {
  const std::lock_guard lock(mutex_);
  if (set_ && media_codecs_ == media_codecs) return OkStatus();
  if (set_) return Error{"media-codecs", "another element has set others for this router"};
  return UpdateLocked(media_codecs);
}

Status RouterCodecs::Update(const std::string& media_codecs) {
  const std::lock_guard lock(mutex_);
  return UpdateLocked(media_codecs);
}

Status RouterCodecs::UpdateLocked(const std::string& media_codecs) {
  auto made = CapabilitiesOf(media_codecs);
  if (!made) return made.error();
  capabilities_ = std::move(made).value();
  media_codecs_ = media_codecs;
  set_ = true;
  return OkStatus();
}

Result<ortc::ProducerDescription> RouterCodecs::Describe(const GstCaps* caps) const {
  const auto parameters = ParametersOfCaps(caps);
  if (!parameters) return parameters.error();
  // Consumers draw SSRCs of their own; these are seen by nobody.
  Random random(0);
  ortc::ProducerOptions options;
  options.allow_unknown_source = true;
  return ortc::DescribeProducer(parameters.value().codecs.front().kind, parameters.value(),
                                capabilities(), options, &random);
}

}  // namespace sfu::gst

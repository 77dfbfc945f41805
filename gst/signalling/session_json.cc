#include "signalling/session_json.h"

#include <array>
#include <optional>
#include <utility>

#include "ortc/bounded_json.h"
#include "ortc/rtp_capabilities_json.h"
#include "ortc/rtp_parameters_json.h"
#include "ortc/transport_parameters_json.h"
#include "ortc/word_table.h"
#include "signalling/sdp_tracks.h"

namespace sfu::signalling {
namespace {

using ortc::Json;
using Fault = SessionHost::Fault;

constexpr char kName[] = "answer";
constexpr ortc::WordTable<Fault, 3> kFaultWords = {{
    {"unusable", Fault::kUnusable},
    {"nothing-yet", Fault::kNothingYet},
    {"unavailable", Fault::kUnavailable},
}};

Json Parsed(const std::string& text) { return Json::parse(text); }

Json MediaJson(const SdpMedia& section, SessionRole role, const ortc::RtpCapabilities& router) {
  if (!section.usable) return nullptr;
  Json json = {{"mid", section.mid},
               {"kind", section.kind == MediaKind::kVideo ? "video" : "audio"}};
  if (role == SessionRole::kWatch) {
    if (!Receives(section.direction)) return nullptr;
    json["rtpCapabilities"] = Parsed(ortc::ToJson(section.Receivable()));
    return json;
  }
  if (!IsSent(section)) return nullptr;
  const auto parameters = section.Sendable(router);
  if (!parameters) return nullptr;
  json["rtpParameters"] = Parsed(ortc::ToJson(parameters.value()));
  return json;
}

// A member's text, for a parser of its own; "null" if it is absent.
std::string TextOf(const Json& object, const char* member) {
  const auto found = object.find(member);
  return found == object.end() ? "null" : ortc::JsonText(*found);
}

Result<Json> ParseObject(std::string_view text) {
  auto json = ortc::ParseBoundedJson(text, kName);
  if (json && !json.value().is_object()) return Error{kName, "must be an object"};
  return json;
}

Result<SdpLocalTransport> ReadLocalTransport(const Json& json) {
  auto ice = ortc::ParseIceParameters(TextOf(json, "iceParameters"));
  if (!ice) return ice.error();
  auto candidates = ortc::ParseIceCandidates(TextOf(json, "iceCandidates"));
  if (!candidates) return candidates.error();
  auto dtls = ortc::ParseDtlsParameters(TextOf(json, "dtlsParameters"));
  if (!dtls) return dtls.error();
  return SdpLocalTransport{std::move(ice).value(), std::move(candidates).value(),
                           std::move(dtls).value()};
}

Result<std::optional<SdpAnswerMedia>> ReadMedia(const Json& json, const std::string& name,
                                                SessionRole role, const SdpMedia& section) {
  if (json.is_null()) return std::optional<SdpAnswerMedia>();
  if (!section.usable) return Error{name, "answers a section that is not usable"};
  if (!json.is_object()) return Error{name, "must be an object or null"};
  auto parameters =
      ortc::ParseRtpParameters(TextOf(json, "rtpParameters"), name + ".rtpParameters");
  if (!parameters) return parameters.error();
  SdpAnswerMedia media{role == SessionRole::kPublish, std::move(parameters).value()};
  if (role == SessionRole::kWatch) NameStream(section.mid, &media.parameters);
  return std::optional(std::move(media));
}

Result<SessionHost::Opened> ReadFault(const Json& json) {
  SessionHost::Opened opened;
  const std::string word = json["fault"].is_string() ? json["fault"].get<std::string>() : "";
  for (const auto& [name, fault] : kFaultWords) {
    if (word == name) opened.fault = fault;
  }
  if (!opened.fault) return Error{"fault", "must be one of unusable, nothing-yet, unavailable"};
  const auto reason = json.find("reason");
  if (reason != json.end() && reason->is_string()) opened.error.reason = reason->get<std::string>();
  return opened;
}

}  // namespace

std::string OfferJson(const SdpOffer& offer, SessionRole role,
                      const ortc::RtpCapabilities& router) {
  Json json = {{"iceParameters", Parsed(ortc::ToJson(offer.ice))},
               {"dtlsParameters", Parsed(ortc::ToJson(OffererDtls(offer)))},
               {"media", Json::array()}};
  for (const SdpMedia& section : offer.media) {
    json["media"].push_back(MediaJson(section, role, router));
  }
  return ortc::JsonText(json);
}

Result<SessionHost::Opened> ParseOpened(std::string_view text, SessionRole role,
                                        const SdpOffer& offer) {
  const auto json = ParseObject(text);
  if (!json) return json.error();
  if (json.value().contains("fault")) return ReadFault(json.value());
  auto local = ReadLocalTransport(json.value());
  if (!local) return local.error();
  SessionHost::Opened opened;
  opened.local = std::move(local).value();
  opened.local.dtls.role = AnsweringRole(offer.dtls.role);
  const auto media = json.value().find("media");
  if (media == json.value().end() || !media->is_array() || media->size() != offer.media.size()) {
    return Error{"media", "must be an array with an entry for each section of the offer"};
  }
  for (size_t i = 0; i < offer.media.size(); ++i) {
    auto one = ReadMedia((*media)[i], "media[" + std::to_string(i) + "]", role, offer.media[i]);
    if (!one) return one.error();
    opened.media.push_back(std::move(one).value());
  }
  return opened;
}

Result<SdpLocalTransport> ParseLocalTransport(std::string_view text) {
  const auto json = ParseObject(text);
  if (!json) return json.error();
  return ReadLocalTransport(json.value());
}

}  // namespace sfu::signalling

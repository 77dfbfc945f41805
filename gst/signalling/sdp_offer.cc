// From the text of an offer to its sections, their transport, and what they must agree on.
#include "signalling/sdp_offer.h"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/ascii.h"
#include "ortc/field_path.h"
#include "ortc/limits.h"
#include "signalling/sdp_text.h"

namespace sfu::signalling {
namespace {

using ortc::At;

constexpr char kMedia[] = "sdp.media";

// The lines before the first section.
struct SessionLines {
  SdpTransportReader transport{"sdp"};
  SdpDirection direction = SdpDirection::kSendRecv;
  std::optional<std::string> bundle;  // the mids of the group, as text
  bool mixed_extensions = false;
};

Result<SessionLines> ReadSession(const GstSDPMessage& message) {
  SessionLines session;
  for (guint i = 0; i < gst_sdp_message_attributes_len(&message); ++i) {
    const GstSDPAttribute* attribute = gst_sdp_message_get_attribute(&message, i);
    const std::string_view key = SdpView(attribute->key);
    std::string_view value = SdpView(attribute->value);
    if (const auto direction = SdpDirectionOf(key)) session.direction = *direction;
    if (key == "extmap-allow-mixed") session.mixed_extensions = true;
    if (key == "group" && CutSdp(&value, ' ') == "BUNDLE") {
      if (session.bundle) return Error{"sdp.group", "has more than one bundle"};
      session.bundle = std::string(value);
      continue;
    }
    Status status = session.transport.Read(key, value);
    if (!status) return status.error();
  }
  return session;
}

// Marks the sections of the bundle, and finds the one that the others share the transport of.
Status FindBundle(const std::optional<std::string>& bundle, SdpOffer* offer) {
  std::map<std::string_view, size_t> by_mid;
  for (size_t i = 0; i < offer->media.size(); ++i) {
    const SdpMedia& media = offer->media[i];
    if (media.mid.empty()) continue;
    const auto [first, added] = by_mid.emplace(media.mid, i);
    if (!added) {
      return Error{media.transport.name() + ".mid", "is that of " + At(kMedia, first->second)};
    }
  }
  if (!bundle) {
    if (offer->media.size() != 1) return Error{"sdp.group", "must bundle all sections"};
    offer->media[0].usable = offer->media[0].rtp && !offer->media[0].rejected;
    return OkStatus();
  }
  std::optional<size_t> tagged;
  std::set<size_t> bundled;
  for (const std::string_view mid : SplitSdp(*bundle)) {
    const auto found = by_mid.find(mid);
    // FFmpeg names two sections also where it has one.
    if (found == by_mid.end()) continue;
    if (!bundled.insert(found->second).second) return Error{"sdp.group", "has a mid twice"};
    SdpMedia& media = offer->media[found->second];
    if (!tagged) tagged = found->second;
    media.usable = media.rtp && !media.rejected;
  }
  if (!tagged) return Error{"sdp.group", "bundles nothing"};
  offer->bundled = true;
  offer->tagged = *tagged;
  return OkStatus();
}

// The offerer's transport is that of the tagged section, else of the whole description.
Status TakeTransport(const SdpTransportReader& session, SdpOffer* offer) {
  const SdpTransportReader& own = offer->media[offer->tagged].transport;
  const auto pick = [&](const std::string& value, const std::string& common) {
    return value.empty() ? common : value;
  };
  offer->ice.username_fragment = pick(own.username_fragment(), session.username_fragment());
  offer->ice.password = pick(own.password(), session.password());
  offer->ice.ice_lite = session.lite();
  if (offer->ice.username_fragment.empty()) return Error{own.name() + ".ice-ufrag", "is missing"};
  if (offer->ice.password.empty()) return Error{own.name() + ".ice-pwd", "is missing"};
  if (offer->ice.ice_lite) return Error{"sdp.ice-lite", "cannot be: so are we"};
  offer->candidates = own.candidates();
  offer->end_of_candidates = own.end_of_candidates() || session.end_of_candidates();
  offer->dtls.fingerprints =
      own.fingerprints().empty() ? session.fingerprints() : own.fingerprints();
  if (offer->dtls.fingerprints.empty()) {
    return Error{own.name() + ".fingerprint", "is missing, or of unknown hashes only"};
  }
  const auto role = own.role() ? own.role() : session.role();
  if (!role) return Error{own.name() + ".setup", "is missing"};
  offer->dtls.role = *role;
  return OkStatus();
}

// Payload types and extension ids mean the same in all bundled sections (RFC 9143, section 10.1.2;
// RFC 8285, section 5): packets are told apart by them.
class BundleNumbers {
 public:
  Status Add(const SdpMedia& media) {
    for (const ortc::RtpCodecParameters& codec : media.codecs) {
      const ortc::RtpCodecParameters*& known = codecs_[codec.payload_type];
      if (known == nullptr) known = &codec;
      if (!Same(*known, codec)) {
        return Error{media.transport.name() + ".rtpmap",
                     "has payload type " + std::to_string(codec.payload_type) +
                         ", which is another codec in another section"};
      }
    }
    for (const SdpExtension& extension : media.extensions) {
      const std::string*& known = uris_[extension.parameters.id];
      if (known == nullptr) known = &extension.parameters.uri;
      if (*known != extension.parameters.uri) {
        return Error{media.transport.name() + ".extmap",
                     "has id " + std::to_string(extension.parameters.id) +
                         ", which is another extension in another section"};
      }
    }
    return OkStatus();
  }

 private:
  static bool Same(const ortc::RtpCodecParameters& a, const ortc::RtpCodecParameters& b) {
    return a.kind == b.kind && EqualsIgnoringAsciiCase(a.name, b.name) &&
           a.clock_rate == b.clock_rate && a.channels == b.channels && a.parameters == b.parameters;
  }

  std::array<const ortc::RtpCodecParameters*, ortc::kMaxPayloadType + 1> codecs_{};
  std::array<const std::string*, 256> uris_{};
};

Status CheckSections(const SdpOffer& offer) {
  BundleNumbers numbers;
  for (const SdpMedia& media : offer.media) {
    if (!media.usable) continue;
    if (!media.rtcp_mux) return Error{media.transport.name() + ".rtcp-mux", "is missing"};
    Status status = numbers.Add(media);
    if (!status) return status;
  }
  return OkStatus();
}

}  // namespace

Result<SdpOffer> ParseSdpOffer(std::string_view text) {
  const auto message = ParseSdpMessage(text);
  if (!message) return message.error();
  const auto session = ReadSession(*message.value());
  if (!session) return session.error();
  SdpOffer offer;
  offer.mixed_extensions = session.value().mixed_extensions;
  const guint sections = gst_sdp_message_medias_len(message.value().get());
  if (sections == 0) return Error{kMedia, "is empty"};
  for (guint i = 0; i < sections; ++i) {
    auto media = ReadSdpMedia(*gst_sdp_message_get_media(message.value().get(), i), At(kMedia, i),
                              session.value().direction);
    if (!media) return media.error();
    offer.media.push_back(std::move(media).value());
  }
  Status status = FindBundle(session.value().bundle, &offer);
  if (status) status = TakeTransport(session.value().transport, &offer);
  if (status) status = CheckSections(offer);
  if (!status) return status.error();
  return offer;
}

}  // namespace sfu::signalling

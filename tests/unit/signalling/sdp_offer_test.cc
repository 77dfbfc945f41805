// What real offers say.
#include "signalling/sdp_offer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "golden_sdp.h"

namespace sfu::signalling {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> NamesOf(const std::vector<ortc::RtpCodecParameters>& codecs) {
  std::vector<std::string> names;
  for (const auto& codec : codecs)
    names.push_back(codec.name + "/" + std::to_string(codec.payload_type));
  return names;
}

TEST(SdpOffer, TellsTheTransport) {
  const SdpOffer offer = GoldenOffer("chromium_publish_simulcast");
  EXPECT_EQ(offer.ice.username_fragment, "P40j");
  EXPECT_EQ(offer.ice.password, "6CnT0Yiv/hyfQMk5HaeEtFZT");
  EXPECT_FALSE(offer.ice.ice_lite);
  EXPECT_EQ(offer.dtls.role, ortc::DtlsRole::kAuto);
  ASSERT_EQ(offer.dtls.fingerprints.size(), 1U);
  EXPECT_EQ(offer.dtls.fingerprints[0].algorithm, ortc::FingerprintAlgorithm::kSha256);
  EXPECT_EQ(offer.dtls.fingerprints[0].digest[1], 0x82);
  ASSERT_EQ(offer.candidates.size(), 4U);
  const ortc::IceCandidate& udp = offer.candidates[1];
  EXPECT_EQ(udp.foundation, "3225269955");
  EXPECT_EQ(udp.priority, 2122265343U);
  EXPECT_EQ(udp.address, "fd00::2");
  EXPECT_EQ(udp.port, 54440);
  EXPECT_EQ(udp.protocol, ortc::IceProtocol::kUdp);
  EXPECT_EQ(offer.candidates[2].tcp_type, ortc::IceTcpType::kActive);
  EXPECT_TRUE(offer.bundled);
  EXPECT_EQ(offer.tagged, 0U);
  EXPECT_FALSE(offer.end_of_candidates);
}

TEST(SdpOffer, TakesTheFingerprintOfTheWholeDescription) {
  const SdpOffer offer = GoldenOffer("firefox_publish_simulcast");
  ASSERT_EQ(offer.dtls.fingerprints.size(), 1U);
  EXPECT_EQ(offer.dtls.fingerprints[0].digest[0], 0x23);
  EXPECT_TRUE(offer.end_of_candidates);
  // Names that hide addresses, and no component 2.
  ASSERT_EQ(offer.candidates.size(), 4U);
  EXPECT_EQ(offer.candidates[0].address, "fe9363ad-9b0a-4802-ae9c-1c2234de252c.local");
}

TEST(SdpOffer, TellsWhatIsSent) {
  const SdpOffer offer = GoldenOffer("chromium_publish");
  ASSERT_EQ(offer.media.size(), 2U);
  const SdpMedia& video = offer.media[1];
  EXPECT_TRUE(video.usable);
  EXPECT_EQ(video.mid, "1");
  EXPECT_EQ(video.kind, MediaKind::kVideo);
  EXPECT_EQ(video.direction, SdpDirection::kSendOnly);
  EXPECT_EQ(video.cname, "hap8woYcGJrzELeS");
  EXPECT_EQ(video.msid,
            "3990e0bb-a45c-403d-83dd-c7a4f82b5c16 088d6f9d-38a8-45d5-8fa0-fe5b2ac86caa");
  ASSERT_EQ(video.encodings.size(), 1U);
  EXPECT_EQ(video.encodings[0].ssrc, 3650767579U);
  EXPECT_EQ(video.encodings[0].rtx_ssrc, 2067303443U);

  const auto parameters = video.Sendable(TestRouter());
  ASSERT_TRUE(parameters.ok());
  EXPECT_THAT(NamesOf(parameters.value().codecs), ElementsAre("VP8/96", "rtx/97"));
  EXPECT_EQ(parameters.value().codecs[0].rtcp_feedback.size(), 5U);
  EXPECT_EQ(parameters.value().mid, "1");
  EXPECT_EQ(parameters.value().rtcp.cname, "hap8woYcGJrzELeS");
  EXPECT_EQ(parameters.value().encodings, video.encodings);
  std::vector<int> ids;
  for (const auto& extension : parameters.value().header_extensions) ids.push_back(extension.id);
  // Not those of which the router knows nothing.
  EXPECT_THAT(ids, ElementsAre(14, 2, 13, 3, 5, 4, 10, 11));
}

TEST(SdpOffer, TellsSimulcastStreamsByTheirNames) {
  for (const char* name : {"chromium_publish_simulcast", "firefox_publish_simulcast"}) {
    SCOPED_TRACE(name);
    const SdpOffer offer = GoldenOffer(name);
    std::vector<std::string> rids;
    for (const auto& encoding : offer.media[1].encodings) {
      rids.push_back(encoding.rid);
      EXPECT_FALSE(encoding.ssrc.has_value());
    }
    EXPECT_THAT(rids, ElementsAre("l", "m", "h"));
  }
}

TEST(SdpOffer, TellsOldSimulcastStreamsByTheirGroup) {
  const std::string text =
      Replaced(GoldenSdp("chromium_publish"), "a=ssrc-group:FID 3650767579 2067303443\r\n",
               "a=ssrc-group:SIM 3650767579 5 7\r\na=ssrc-group:FID 3650767579 2067303443\r\n"
               "a=ssrc-group:FID 5 6\r\n");
  const auto offer = ParseSdpOffer(text);
  ASSERT_TRUE(offer.ok());
  const auto& encodings = offer.value().media[1].encodings;
  ASSERT_EQ(encodings.size(), 3U);
  EXPECT_EQ(encodings[1].ssrc, 5U);
  EXPECT_EQ(encodings[1].rtx_ssrc, 6U);
  EXPECT_EQ(encodings[2].ssrc, 7U);
  EXPECT_FALSE(encodings[2].rtx_ssrc.has_value());
}

TEST(SdpOffer, AcceptsBundleOnlySections) {
  const SdpOffer offer = GoldenOffer("firefox_watch");
  ASSERT_EQ(offer.media.size(), 2U);
  EXPECT_FALSE(offer.media[1].rejected);
  EXPECT_TRUE(offer.media[1].usable);
  EXPECT_EQ(offer.media[1].direction, SdpDirection::kRecvOnly);
}

TEST(SdpOffer, TellsWhatCanBeReceived) {
  const ortc::RtpCapabilities video = GoldenOffer("chromium_watch").media[1].Receivable();
  EXPECT_TRUE(ortc::CheckRtpCapabilities(video).ok());
  size_t media = 0;
  for (const auto& codec : video.codecs) {
    EXPECT_NE(codec.name, "red");
    EXPECT_NE(codec.name, "ulpfec");
    if (!codec.IsRtx()) ++media;
  }
  EXPECT_GE(media, 8U);
  EXPECT_EQ(video.codecs[0].name, "VP8");
  EXPECT_EQ(video.codecs[0].preferred_payload_type, 96);
  EXPECT_EQ(video.codecs[1].Apt(), 96);

  // What it would only send is not received.
  for (const auto& extension :
       GoldenOffer("firefox_publish").media[1].Receivable().header_extensions) {
    EXPECT_NE(extension.uri, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id");
  }
  EXPECT_TRUE(ortc::CheckRtpCapabilities(GoldenOffer("firefox_watch").media[0].Receivable()).ok());
}

TEST(SdpOffer, WorksWithWebrtcbin) {
  const SdpOffer offer = GoldenOffer("webrtcbin_publish");
  EXPECT_EQ(offer.media[0].mid, "video0");
  EXPECT_EQ(offer.media[0].encodings[0].ssrc, 664684446U);
  const auto parameters = offer.media[1].Sendable(TestRouter());
  ASSERT_TRUE(parameters.ok());
  EXPECT_THAT(NamesOf(parameters.value().codecs), ElementsAre("OPUS/97"));
  EXPECT_THAT(parameters.value().header_extensions, IsEmpty());
}

TEST(SdpOffer, ChoosesTheFirstCodecThatTheRouterHas) {
  const SdpOffer offer = GoldenOffer("chromium_publish");
  ortc::RtpCapabilities router = TestRouter();
  std::erase_if(router.codecs, [](const auto& codec) { return codec.name == "VP8"; });
  const auto parameters = offer.media[1].Sendable(router);
  ASSERT_TRUE(parameters.ok());
  // Of H264 that of the router's profile and mode.
  EXPECT_THAT(NamesOf(parameters.value().codecs), ElementsAre("H264/108", "rtx/109"));

  const auto liked = offer.media[1].Sendable(
      TestRouter(),
      [](const ortc::RtpParameters& candidate) { return candidate.codecs[0].name == "H264"; });
  ASSERT_TRUE(liked.ok());
  EXPECT_EQ(liked.value(), parameters.value());

  std::erase_if(router.codecs, [](const auto& codec) { return codec.kind == MediaKind::kVideo; });
  const auto none = offer.media[1].Sendable(router);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().ToString(), "sdp.media[1].rtpmap: has no codec that the router takes");
}

TEST(SdpOffer, NeedsNoRtpmapForStaticPayloadTypes) {
  const auto offer =
      ParseSdpOffer(Replaced(GoldenSdp("chromium_watch"), "a=rtpmap:0 PCMU/8000\r\n", ""));
  ASSERT_TRUE(offer.ok());
  EXPECT_THAT(NamesOf(offer.value().media[0].codecs), testing::Contains("PCMU/0"));
}

TEST(SdpOffer, NeedsNoBundleForOneSection) {
  std::string text = Replaced(GoldenSdp("chromium_publish"), "a=group:BUNDLE 0 1\r\n", "");
  text.resize(text.find("m=video"));
  const auto offer = ParseSdpOffer(text);
  ASSERT_TRUE(offer.ok()) << offer.error().ToString();
  EXPECT_FALSE(offer.value().bundled);
  EXPECT_TRUE(offer.value().media[0].usable);
}

TEST(SdpOffer, RefusesWhatIsNotInTheBundle) {
  const auto offer = ParseSdpOffer(
      Replaced(GoldenSdp("chromium_publish"), "a=group:BUNDLE 0 1", "a=group:BUNDLE 1"));
  ASSERT_TRUE(offer.ok());
  EXPECT_FALSE(offer.value().media[0].usable);
  EXPECT_TRUE(offer.value().media[1].usable);
  EXPECT_EQ(offer.value().tagged, 1U);
}

TEST(SdpOffer, TellsWhoBeginsDtls) {
  const std::string text = GoldenSdp("chromium_watch");
  const auto active = ParseSdpOffer(Replaced(text, "a=setup:actpass", "a=setup:active"));
  ASSERT_TRUE(active.ok());
  EXPECT_EQ(active.value().dtls.role, ortc::DtlsRole::kClient);
  const auto passive = ParseSdpOffer(Replaced(text, "a=setup:actpass", "a=setup:passive"));
  ASSERT_TRUE(passive.ok());
  EXPECT_EQ(passive.value().dtls.role, ortc::DtlsRole::kServer);
}

}  // namespace
}  // namespace sfu::signalling

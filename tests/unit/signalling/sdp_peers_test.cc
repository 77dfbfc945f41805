// What is made of the offers of programs other than browsers, and of what else clients do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "golden_sdp.h"

namespace sfu::signalling {
namespace {

// "H264/96 rtx/100" of what a section is to send here.
std::string SentBy(const SdpMedia& section) {
  const auto parameters = section.Sendable(TestRouter());
  if (!parameters) return parameters.error().ToString();
  std::string names;
  for (const auto& codec : parameters.value().codecs) {
    if (!names.empty()) names += ' ';
    names += codec.name + "/" + std::to_string(codec.payload_type);
  }
  return names;
}

std::string FeedbackOf(const SdpMedia& section) {
  std::string text;
  const auto parameters = section.Sendable(TestRouter());
  for (const auto& feedback : parameters.value().codecs[0].rtcp_feedback) {
    if (!text.empty()) text += ", ";
    text += feedback.type;
    if (!feedback.parameter.empty()) text += " " + feedback.parameter;
  }
  return text;
}

TEST(SdpPeers, ObsTellsTheTransportForAll) {
  const SdpOffer offer = GoldenOffer("obs_publish");
  EXPECT_EQ(offer.ice.username_fragment, "kV7q");
  EXPECT_EQ(offer.dtls.role, ortc::DtlsRole::kAuto);
  EXPECT_EQ(offer.dtls.fingerprints.size(), 1U);
  EXPECT_EQ(offer.candidates.size(), 2U);
  EXPECT_FALSE(offer.mixed_extensions);
  EXPECT_EQ(SentBy(offer.media[0]), "opus/111");
  EXPECT_EQ(SentBy(offer.media[1]), "H264/96");
  EXPECT_EQ(FeedbackOf(offer.media[1]), "nack, nack pli, goog-remb");
  EXPECT_FALSE(offer.media[1].reduced_size_rtcp);
  EXPECT_EQ(offer.media[1].encodings[0].ssrc, 1907342211U);
}

TEST(SdpPeers, FfmpegIsTheServerOfDtls) {
  const SdpOffer offer = GoldenOffer("ffmpeg_publish");
  EXPECT_EQ(offer.dtls.role, ortc::DtlsRole::kServer);
  EXPECT_EQ(AnsweringRole(offer.dtls.role), ortc::DtlsRole::kClient);
  EXPECT_EQ(SentBy(offer.media[0]), "opus/111");
  EXPECT_EQ(SentBy(offer.media[1]), "H264/106 rtx/105");
  EXPECT_EQ(offer.media[1].encodings[0].rtx_ssrc, 3015278848U);
  // It makes no key frame when asked.
  EXPECT_EQ(FeedbackOf(offer.media[1]), "nack");
}

TEST(SdpPeers, FfmpegBundlesASectionThatIsNotThere) {
  std::string text = GoldenSdp("ffmpeg_publish");
  const size_t audio = text.find("m=audio");
  text.erase(audio, text.find("m=video") - audio);
  const auto offer = ParseSdpOffer(text);
  ASSERT_TRUE(offer.ok()) << offer.error().ToString();
  ASSERT_EQ(offer.value().media.size(), 1U);
  EXPECT_TRUE(offer.value().media[0].usable);
  const std::string answer =
      MakeSdpAnswer(offer.value(), TestTransport(), {std::optional<SdpAnswerMedia>()}, 1);
  EXPECT_NE(answer.find("a=group:BUNDLE 1\r\n"), std::string::npos) << answer;
}

TEST(SdpPeers, WhipclientsinkOffersErrorCorrection) {
  const SdpOffer offer = GoldenOffer("whipclientsink_publish");
  EXPECT_EQ(offer.tagged, 0U);
  // Its Constrained Baseline is 42c0: the same profile as 42e0.
  EXPECT_EQ(SentBy(offer.media[0]), "H264/96 rtx/100");
  EXPECT_EQ(FeedbackOf(offer.media[0]), "nack, nack pli, ccm fir, transport-cc");
  EXPECT_EQ(offer.media[0].encodings[0].rtx_ssrc, 774120589U);
  EXPECT_EQ(SentBy(offer.media[1]), "OPUS/101");
  EXPECT_EQ(offer.media[1].Sendable(TestRouter()).value().header_extensions.size(), 1U);
}

TEST(SdpPeers, SafariPrefersH264AndHidesItsAddress) {
  const SdpOffer offer = GoldenOffer("safari_watch");
  ASSERT_EQ(offer.candidates.size(), 1U);
  EXPECT_TRUE(offer.candidates[0].address.ends_with(".local"));
  const ortc::RtpCapabilities video = offer.media[0].Receivable();
  EXPECT_TRUE(ortc::CheckRtpCapabilities(video).ok());
  EXPECT_EQ(video.codecs.front().name, "H264");
  EXPECT_TRUE(ortc::CheckRtpCapabilities(offer.media[1].Receivable()).ok());
}

// Pion ends a line with a blank where a kind of feedback has no parameter.
TEST(SdpPeers, PionsFeedbackIsRead) {
  const SdpOffer offer = GoldenOffer("pion_watch");
  std::vector<ortc::RtcpFeedback> expected = {
      {"goog-remb", ""}, {"ccm", "fir"}, {"nack", ""}, {"nack", "pli"}, {"transport-cc", ""}};
  EXPECT_EQ(offer.media[0].codecs[0].rtcp_feedback, expected);
  // Its candidates of RTCP are those of RTP.
  EXPECT_EQ(offer.candidates.size(), 2U);
}

// A fingerprint says that it is DTLS (RFC 8829, section 5.1.2), and the answer repeats the name.
TEST(SdpPeers, OlderNamesOfTheProtocolAreTaken) {
  for (const char* name : {"RTP/SAVPF", "RTP/AVP", "TCP/DTLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP"}) {
    std::string text = GoldenSdp("obs_publish");
    for (int i = 0; i < 2; ++i)
      text = Replaced(text, " UDP/TLS/RTP/SAVPF ", std::string(" ") + name + " ");
    const auto offer = ParseSdpOffer(text);
    ASSERT_TRUE(offer.ok()) << name << offer.error().ToString();
    EXPECT_TRUE(offer.value().media[1].usable) << name;
    const std::string answer = MakeSdpAnswer(offer.value(), TestTransport(),
                                             std::vector<std::optional<SdpAnswerMedia>>(2), 1);
    EXPECT_NE(answer.find(std::string("m=video 0 ") + name + " 96\r\n"), std::string::npos);
  }
  const auto other =
      ParseSdpOffer(Replaced(GoldenSdp("obs_publish"), " UDP/TLS/RTP/SAVPF 96", " X/RTP/SAVPF 96"));
  ASSERT_TRUE(other.ok());
  EXPECT_FALSE(other.value().media[1].usable);
}

// Applications that choose a codec often take only its number off the line.
TEST(SdpPeers, LinesOfCodecsThatWereTakenOffAreIgnored) {
  const auto offer =
      ParseSdpOffer(Replaced(GoldenSdp("ffmpeg_publish"), "SAVPF 106 105", "SAVPF 106"));
  ASSERT_TRUE(offer.ok()) << offer.error().ToString();
  EXPECT_EQ(SentBy(offer.value().media[1]), "H264/106");
}

TEST(SdpPeers, OldCodecsWithoutARtpmapAreLeftOut) {
  const auto offer =
      ParseSdpOffer(Replaced(GoldenSdp("obs_publish"), "SAVPF 111", "SAVPF 18 111 3"));
  ASSERT_TRUE(offer.ok()) << offer.error().ToString();
  EXPECT_EQ(offer.value().media[0].codecs.size(), 1U);
  EXPECT_EQ(SentBy(offer.value().media[0]), "opus/111");
  std::string text = Replaced(GoldenSdp("obs_publish"), "SAVPF 111", "SAVPF 18");
  EXPECT_EQ(ErrorOfOffer(text), "sdp.media[0].rtpmap: has no codec that is known");
}

}  // namespace
}  // namespace sfu::signalling

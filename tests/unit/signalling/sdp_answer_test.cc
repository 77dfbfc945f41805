// Our answers: golden ones, and what they must say in general.
#include "signalling/sdp_answer.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "golden_sdp.h"
#include "ortc/consumer_parameters.h"
#include "ortc/producer_parameters.h"
#include "signalling/sdp_text.h"

namespace sfu::signalling {
namespace {

// The router takes all that the offerer sends.
std::string PublishAnswer(const SdpOffer& offer) {
  std::vector<std::optional<SdpAnswerMedia>> media;
  for (const SdpMedia& section : offer.media) {
    auto parameters = section.Sendable(TestRouter());
    EXPECT_TRUE(parameters.ok());
    media.push_back(SdpAnswerMedia{true, std::move(parameters).value()});
  }
  SdpLocalTransport local = TestTransport();
  local.dtls.role = AnsweringRole(offer.dtls.role);
  return MakeSdpAnswer(offer, local, media, 1111);
}

// What a camera publishes, as Consumers are made of it.
ortc::RtpParameters Consumable(MediaKind kind) {
  Random random(7);
  const SdpOffer offer = GoldenOffer("chromium_publish");
  const SdpMedia& section = offer.media[kind == MediaKind::kAudio ? 0 : 1];
  const auto producer = ortc::DescribeProducer(kind, section.Sendable(TestRouter()).value(),
                                               TestRouter(), {}, &random);
  EXPECT_TRUE(producer.ok());
  return producer.value().consumable;
}

std::string WatchAnswer(const SdpOffer& offer, bool audio = true, bool video = true) {
  std::vector<std::optional<SdpAnswerMedia>> media;
  Random random(11);
  for (const SdpMedia& section : offer.media) {
    media.emplace_back();
    if (!(section.kind == MediaKind::kAudio ? audio : video)) continue;
    ortc::ConsumerOptions options;
    options.mid = section.mid;
    options.enable_rtx = section.kind == MediaKind::kVideo;
    options.numbers = ortc::ConsumerNumbers::kReceiver;
    auto parameters = ortc::MakeConsumerParameters(Consumable(section.kind), section.Receivable(),
                                                   options, &random);
    EXPECT_TRUE(parameters.ok());
    media.back() = SdpAnswerMedia{false, std::move(parameters).value()};
  }
  return MakeSdpAnswer(offer, TestTransport(), media, 1111);
}

// SDP_GOLDEN_WRITE=1 writes the files anew, to be looked at.
void ExpectGolden(const std::string& name, const std::string& answer) {
  if (std::getenv("SDP_GOLDEN_WRITE") != nullptr) {
    std::ofstream(std::string(SDP_GOLDEN_DIR) + "/" + name + ".sdp", std::ios::binary) << answer;
  }
  EXPECT_EQ(answer, GoldenSdp(name));
}

TEST(SdpAnswer, ToPublishersIsGolden) {
  for (const char* name : {"chromium_publish", "chromium_publish_simulcast", "firefox_publish",
                           "firefox_publish_simulcast", "webrtcbin_publish", "obs_publish",
                           "ffmpeg_publish", "whipclientsink_publish"}) {
    SCOPED_TRACE(name);
    ExpectGolden(std::string("answer_") + name, PublishAnswer(GoldenOffer(name)));
  }
}

TEST(SdpAnswer, ToViewersIsGolden) {
  for (const char* name :
       {"chromium_watch", "firefox_watch", "webrtcbin_watch", "safari_watch", "pion_watch"}) {
    SCOPED_TRACE(name);
    ExpectGolden(std::string("answer_") + name, WatchAnswer(GoldenOffer(name)));
  }
}

TEST(SdpAnswer, UsesTheViewersNumbers) {
  const std::string answer = WatchAnswer(GoldenOffer("firefox_watch"));
  EXPECT_NE(answer.find("m=video 9 UDP/TLS/RTP/SAVPF 120 124\r\n"), std::string::npos);
  EXPECT_NE(answer.find("a=rtpmap:120 VP8/90000\r\n"), std::string::npos);
  EXPECT_NE(answer.find("a=fmtp:124 apt=120\r\n"), std::string::npos);
  EXPECT_NE(answer.find("a=extmap:7 http://www.ietf.org/id/draft-holmer"), std::string::npos);
}

// Browsers lose the transport of all with the section that it is told in.
TEST(SdpAnswer, TheTaggedSectionBecomesInactive) {
  const std::string answer = WatchAnswer(GoldenOffer("chromium_watch"), false, true);
  EXPECT_NE(answer.find("a=group:BUNDLE 0 1\r\n"), std::string::npos);
  const size_t audio = answer.find("m=audio 9 ");
  const size_t inactive = answer.find("a=inactive\r\n");
  const size_t video = answer.find("m=video 9 ");
  ASSERT_NE(audio, std::string::npos);
  EXPECT_LT(audio, inactive);
  EXPECT_LT(inactive, video);
  EXPECT_LT(answer.find("a=candidate:"), video);
}

TEST(SdpAnswer, OthersAreRefused) {
  const std::string answer = WatchAnswer(GoldenOffer("chromium_watch"), true, false);
  EXPECT_NE(answer.find("a=group:BUNDLE 0\r\n"), std::string::npos);
  EXPECT_NE(answer.find("m=video 0 UDP/TLS/RTP/SAVPF 96\r\n"), std::string::npos);
}

TEST(SdpAnswer, WhatWeDoNotKnowIsRefused) {
  const std::string text =
      Replaced(GoldenSdp("chromium_watch"), "a=group:BUNDLE 0 1", "a=group:BUNDLE 0 1 2") +
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\na=sctp-port:5000\r\n";
  const auto offer = ParseSdpOffer(text);
  ASSERT_TRUE(offer.ok()) << offer.error().ToString();
  EXPECT_FALSE(offer.value().media[2].usable);
  std::vector<std::optional<SdpAnswerMedia>> media(3);
  media[0] = SdpAnswerMedia{};
  media[0]->parameters.codecs = offer.value().media[0].codecs;
  const std::string answer = MakeSdpAnswer(offer.value(), TestTransport(), media, 1);
  EXPECT_NE(answer.find("m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"), std::string::npos);
}

TEST(SdpAnswer, TellsOurRoleInDtls) {
  const SdpOffer offer = GoldenOffer("chromium_watch");
  SdpLocalTransport local = TestTransport();
  local.dtls.role = ortc::DtlsRole::kClient;
  const std::vector<std::optional<SdpAnswerMedia>> none(offer.media.size());
  EXPECT_NE(MakeSdpAnswer(offer, local, none, 1).find("a=setup:active\r\n"), std::string::npos);
  local.dtls.role = ortc::DtlsRole::kServer;
  EXPECT_NE(MakeSdpAnswer(offer, local, none, 1).find("a=setup:passive\r\n"), std::string::npos);
}

TEST(SdpAnswer, IsWellFormed) {
  for (const std::string& answer : {PublishAnswer(GoldenOffer("firefox_publish")),
                                    WatchAnswer(GoldenOffer("chromium_watch"))}) {
    const auto message = ParseSdpMessage(answer);
    ASSERT_TRUE(message.ok());
    EXPECT_EQ(gst_sdp_message_medias_len(message.value().get()), 2U);
    EXPECT_TRUE(answer.ends_with("\r\n"));
  }
}

}  // namespace
}  // namespace sfu::signalling

// Consumers: what is reduced, and how. That the results are mediasoup's is tested by
// golden_test.cc.
#include "ortc/consumer_parameters.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "golden.h"
#include "ortc/producer_parameters.h"
#include "rtp/extension_values.h"

namespace sfu::ortc {
namespace {

constexpr const char* kTransportCc = "transport-cc";
constexpr const char* kRemb = "goog-remb";

RtpParameters Consumable(const std::string& golden) {
  Random random(3);
  const RtpParameters parameters = GoldenParameters(golden);
  const auto producer =
      DescribeProducer(parameters.codecs[0].kind, parameters, GoldenRouter(), {}, &random);
  if (producer) return producer.value().consumable;
  ADD_FAILURE() << producer.error().ToString();
  return {};
}

RtpParameters Simulcast() { return Consumable("chromium_produce_vp8"); }
RtpCapabilities Chromium() { return GoldenCapabilities("chromium_recv_capabilities"); }

RtpParameters Consume(const RtpParameters& consumable, const RtpCapabilities& receiver,
                      const ConsumerOptions& options = {}) {
  Random random(5);
  auto made = MakeConsumerParameters(consumable, receiver, options, &random);
  if (made) {
    const Status status = CheckRtpParameters(made.value());
    EXPECT_TRUE(status.ok()) << status.error().ToString();
    return std::move(made).value();
  }
  ADD_FAILURE() << made.error().ToString();
  return {};
}

bool HasFeedback(const RtpParameters& parameters, const std::string& type,
                 const std::string& parameter = "") {
  const auto& feedback = parameters.codecs[0].rtcp_feedback;
  return std::find(feedback.begin(), feedback.end(), RtcpFeedback{type, parameter}) !=
         feedback.end();
}

void RemoveExtension(RtpCapabilities* capabilities, std::string_view uri) {
  std::erase_if(capabilities->header_extensions, [&](const auto& e) { return e.uri == uri; });
}

TEST(ConsumerParametersTest, CanConsume) {
  EXPECT_TRUE(CanConsume(Simulcast(), Chromium()));
  EXPECT_FALSE(CanConsume(Simulcast(), {}));
  RtpCapabilities only_rtx = Chromium();
  std::erase_if(only_rtx.codecs, [](const auto& codec) { return !codec.IsRtx(); });
  EXPECT_FALSE(CanConsume(Simulcast(), only_rtx));
  EXPECT_FALSE(CanConsume({}, Chromium()));
  // Another profile is another codec.
  RtpCapabilities other = Chromium();
  for (RtpCodecCapability& codec : other.codecs) {
    if (codec.name == "H264") codec.parameters.Set("profile-level-id", "64001f");
  }
  EXPECT_FALSE(CanConsume(Consumable("chromium_produce_h264"), other));
}

TEST(ConsumerParametersTest, NothingInCommonIsAnError) {
  Random random(1);
  const auto made = MakeConsumerParameters(Simulcast(), {}, {}, &random);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().ToString(), "rtpCapabilities.codecs: has no codec of the producer");
}

TEST(ConsumerParametersTest, WrongMidIsAnError) {
  Random random(1);
  ConsumerOptions options;
  options.mid = "a b";
  const auto made = MakeConsumerParameters(Simulcast(), Chromium(), options, &random);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().field, "mid");
}

TEST(ConsumerParametersTest, OneEncodingOfSimulcast) {
  ConsumerOptions options;
  options.mid = "17";
  const RtpParameters consumer = Consume(Simulcast(), Chromium(), options);
  EXPECT_EQ(consumer.mid, "17");
  ASSERT_EQ(consumer.encodings.size(), 1U);
  EXPECT_EQ(consumer.encodings[0].scalability_mode, "L3T3");
  EXPECT_EQ(consumer.encodings[0].max_bitrate, 900000U);
  EXPECT_EQ(consumer.encodings[0].rtx_ssrc, *consumer.encodings[0].ssrc + 1);
  EXPECT_EQ(consumer.encodings[0].rid, "");
}

TEST(ConsumerParametersTest, AllEncodings) {
  ConsumerOptions options;
  options.all_encodings = true;
  const RtpParameters consumer = Consume(Simulcast(), Chromium(), options);
  ASSERT_EQ(consumer.encodings.size(), 3U);
  for (size_t i = 1; i < 3; ++i) {
    EXPECT_EQ(consumer.encodings[i].ssrc, *consumer.encodings[0].ssrc + i);
    EXPECT_EQ(consumer.encodings[i].rtx_ssrc, *consumer.encodings[0].rtx_ssrc + i);
  }
}

TEST(ConsumerParametersTest, WithoutRtx) {
  ConsumerOptions options;
  options.enable_rtx = false;
  const RtpParameters consumer = Consume(Simulcast(), Chromium(), options);
  EXPECT_EQ(consumer.codecs.size(), 1U);
  EXPECT_EQ(consumer.encodings[0].rtx_ssrc, std::nullopt);
  EXPECT_FALSE(HasFeedback(consumer, "nack"));
  EXPECT_TRUE(HasFeedback(consumer, "nack", "pli"));
}

TEST(ConsumerParametersTest, ReceiverWithRtxOfAnotherCodecOnly) {
  RtpCapabilities receiver = Chromium();
  const auto vp8 = std::find_if(receiver.codecs.begin(), receiver.codecs.end(),
                                [](const auto& codec) { return codec.name == "VP8"; });
  ASSERT_NE(vp8, receiver.codecs.end());
  receiver.codecs.erase(vp8 + 1);
  const RtpParameters consumer = Consume(Simulcast(), receiver);
  EXPECT_EQ(consumer.codecs.size(), 1U);
  EXPECT_EQ(consumer.encodings[0].rtx_ssrc, std::nullopt);
}

TEST(ConsumerParametersTest, OneWayToEstimateBandwidth) {
  RtpCapabilities receiver = Chromium();
  const RtpParameters both = Consume(Simulcast(), receiver);
  EXPECT_TRUE(HasFeedback(both, kTransportCc));
  EXPECT_FALSE(HasFeedback(both, kRemb));
  RemoveExtension(&receiver, TransportSequence::kUri);
  const RtpParameters remb = Consume(Simulcast(), receiver);
  EXPECT_FALSE(HasFeedback(remb, kTransportCc));
  EXPECT_TRUE(HasFeedback(remb, kRemb));
  RemoveExtension(&receiver, AbsSendTime::kUri);
  const RtpParameters none = Consume(Simulcast(), receiver);
  EXPECT_FALSE(HasFeedback(none, kTransportCc));
  EXPECT_FALSE(HasFeedback(none, kRemb));
}

TEST(ConsumerParametersTest, FeedbackThatWeDoNotKnow) {
  RtpCapabilities receiver = Chromium();
  for (RtpCodecCapability& codec : receiver.codecs) codec.rtcp_feedback.push_back({"ack", "rpsi"});
  EXPECT_FALSE(HasFeedback(Consume(Simulcast(), receiver), "ack", "rpsi"));
}

TEST(ConsumerParametersTest, ExtensionWithAnotherIdIsLeftOff) {
  RtpCapabilities receiver = Chromium();
  for (RtpHeaderExtension& extension : receiver.header_extensions) {
    if (extension.uri == kMidUri) extension.preferred_id = 14;
  }
  const RtpParameters consumer = Consume(Simulcast(), receiver);
  EXPECT_TRUE(std::none_of(consumer.header_extensions.begin(), consumer.header_extensions.end(),
                           [](const auto& e) { return e.uri == kMidUri; }));
}

// What a browser offers by itself, as by WHEP: its payload types and ids.
TEST(ConsumerParametersTest, NumbersOfTheReceiver) {
  ConsumerOptions options;
  options.numbers = ConsumerNumbers::kReceiver;
  const RtpCapabilities receiver = GoldenCapabilities("chromium_native_capabilities");
  const RtpParameters consumer = Consume(Simulcast(), receiver, options);
  ASSERT_EQ(consumer.codecs.size(), 2U);
  EXPECT_EQ(consumer.codecs[0].payload_type, 96);
  EXPECT_EQ(consumer.codecs[1].payload_type, 97);
  EXPECT_EQ(consumer.codecs[1].Apt(), 96);
  const auto mid =
      std::find_if(consumer.header_extensions.begin(), consumer.header_extensions.end(),
                   [](const auto& e) { return e.uri == kMidUri; });
  ASSERT_NE(mid, consumer.header_extensions.end());
  EXPECT_EQ(mid->id, 4);
  EXPECT_TRUE(HasFeedback(consumer, kTransportCc));
}

TEST(ConsumerParametersTest, ReceiverWithoutNumbersCannotNumber) {
  ConsumerOptions options;
  options.numbers = ConsumerNumbers::kReceiver;
  RtpCapabilities receiver = Chromium();
  for (RtpCodecCapability& codec : receiver.codecs) codec.preferred_payload_type.reset();
  Random random(1);
  EXPECT_FALSE(MakeConsumerParameters(Simulcast(), receiver, options, &random).ok());
}

// Whatever the order of the receiver's codecs and extensions, as long as formats differ.
TEST(ConsumerParametersTest, AnyOrderOfTheReceiversCapabilities) {
  RtpCapabilities receiver = Chromium();
  const RtpParameters before = Consume(Simulcast(), receiver);
  for (size_t round = 0; round < receiver.codecs.size(); ++round) {
    std::rotate(receiver.codecs.begin(), receiver.codecs.begin() + 1, receiver.codecs.end());
    std::reverse(receiver.header_extensions.begin(), receiver.header_extensions.end());
    EXPECT_EQ(Consume(Simulcast(), receiver), before);
  }
}

TEST(ConsumerParametersTest, Pipe) {
  Random random(1);
  const RtpParameters pipe = MakePipeConsumerParameters(Simulcast(), true, &random);
  EXPECT_EQ(pipe.encodings.size(), 3U);
  EXPECT_TRUE(CheckRtpParameters(pipe).ok());
  EXPECT_TRUE(std::is_sorted(pipe.header_extensions.begin(), pipe.header_extensions.end(),
                             [](const auto& a, const auto& b) { return a.id < b.id; }));
  for (const auto& extension : pipe.header_extensions) {
    EXPECT_NE(extension.uri, kMidUri);
    EXPECT_NE(extension.uri, TransportSequence::kUri);
    EXPECT_NE(extension.uri, AbsSendTime::kUri);
  }
  EXPECT_EQ(std::count_if(pipe.header_extensions.begin(), pipe.header_extensions.end(),
                          [](const auto& e) { return e.uri == kDependencyDescriptorUri; }),
            1);
  EXPECT_TRUE(HasFeedback(pipe, "nack"));
  EXPECT_FALSE(HasFeedback(pipe, kTransportCc));
}

// A pipe's Consumer becomes a Producer of the other Router, with all its streams.
TEST(ConsumerParametersTest, PipeIsAProducerAgain) {
  Random random(1);
  const RtpParameters pipe = MakePipeConsumerParameters(Simulcast(), true, &random);
  const auto producer = DescribeProducer(MediaKind::kVideo, pipe, GoldenRouter(), {}, &random);
  ASSERT_TRUE(producer.ok()) << producer.error().ToString();
  EXPECT_EQ(producer.value().type, ProducerType::kSimulcast);
  EXPECT_EQ(producer.value().consumable.codecs, Simulcast().codecs);
}

TEST(MidSourceTest, Counts) {
  MidSource mids;
  EXPECT_EQ(mids.Next(), "0");
  EXPECT_EQ(mids.Next(), "1");
  EXPECT_TRUE(IsMid(mids.Next()));
}

}  // namespace
}  // namespace sfu::ortc

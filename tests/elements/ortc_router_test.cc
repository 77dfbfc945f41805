// sfurouter's actions: codecs, and pads that are negotiated, named and linked on two elements.
#include <gtest/gtest.h>

#include <algorithm>

#include "actions.h"
#include "plain_peer.h"

namespace sfu::test {
namespace {

// A pipeline with a router and transports, all of which a test reaches by name.
class RouterActionsTest : public ::testing::Test {
 protected:
  RouterActionsTest()
      : pipeline_(
            "sfurouter name=r plaintransport name=in address=127.0.0.1 "
            "plaintransport name=out address=127.0.0.1") {
    EXPECT_TRUE(pipeline_.ok()) << pipeline_.error();
    router_ = pipeline_.Find("r");
    in_ = pipeline_.Find("in");
    out_ = pipeline_.Find("out");
  }

  Json ConsumeOf(const std::string& id) const {
    return {{"producerId", id}, {"rtpCapabilities", Capabilities(router_.get())}};
  }
  unsigned PadCount() const {
    return router_.get()->numpads + in_.get()->numpads + out_.get()->numpads;
  }

  Pipeline pipeline_;
  ElementRef router_;
  ElementRef in_;
  ElementRef out_;
};

std::vector<std::string> CodecsOf(const Json& capabilities) {
  std::vector<std::string> names;
  for (const Json& codec : capabilities["codecs"]) names.push_back(codec["mimeType"]);
  return names;
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

TEST_F(RouterActionsTest, DefaultCodecs) {
  const auto names = CodecsOf(Capabilities(router_.get()));
  for (const char* name : {"audio/opus", "video/VP8", "video/VP9", "video/H264", "video/AV1"}) {
    EXPECT_TRUE(Contains(names, name)) << name;
  }
  EXPECT_TRUE(Json::accept(GetString(router_.get(), "media-codecs")));
}

TEST_F(RouterActionsTest, CodecsCanBeSet) {
  g_object_set(router_.get(), "media-codecs",
               R"([{"mimeType": "video/VP8", "clockRate": 90000, "preferredPayloadType": 110}])",
               nullptr);
  const Json capabilities = Capabilities(router_.get());
  EXPECT_EQ(CodecsOf(capabilities), (std::vector<std::string>{"video/VP8", "video/rtx"}));
  EXPECT_EQ(capabilities["codecs"][0]["preferredPayloadType"], 110);
  // What was set counts for the Router that is made then.
  const Answer answer = Call(router_.get(), "produce", in_.get(), ProduceOpus("mic"));
  EXPECT_EQ(answer.error, "rtpParameters.codecs[0]: audio/opus is not among the router's codecs");
}

TEST_F(RouterActionsTest, WrongCodecsChangeNothing) {
  const std::string before = GetString(router_.get(), "media-codecs");
  g_object_set(router_.get(), "media-codecs", R"([{"mimeType": "video/X", "clockRate": 1}])",
               nullptr);
  EXPECT_EQ(TextOf(pipeline_.WaitForMessage(GST_MESSAGE_WARNING)),
            "media-codecs: mediaCodecs[0].mimeType: video/X/1 is not supported");
  EXPECT_EQ(GetString(router_.get(), "media-codecs"), before);
  EXPECT_EQ(CallText(router_.get(), "update-media-codecs", "[1]").error,
            "mediaCodecs[0]: must be an object");
  EXPECT_EQ(GetString(router_.get(), "media-codecs"), before);
}

TEST_F(RouterActionsTest, CodecsCanBeUpdated) {
  ASSERT_TRUE(Call(router_.get(), "produce", in_.get(), ProduceOpus("mic")).ok());
  const Answer answer = CallText(router_.get(), "update-media-codecs",
                                 R"([{"mimeType": "video/VP8", "clockRate": 90000}])");
  ASSERT_TRUE(answer.ok()) << answer.error;
  EXPECT_EQ(answer.value(), Capabilities(router_.get()));
  EXPECT_FALSE(Call(router_.get(), "produce", out_.get(), ProduceOpus("mic2")).ok());
  EXPECT_TRUE(Call(router_.get(), "produce", out_.get(), ProduceVp8("cam")).ok());
}

TEST_F(RouterActionsTest, ProduceLinksBothPads) {
  Json request = ProduceVp8("cam");
  request["paused"] = true;
  const Answer answer = Call(router_.get(), "produce", in_.get(), request);
  ASSERT_TRUE(answer.ok()) << answer.error;
  EXPECT_EQ(answer.value(), (Json{{"id", "cam"},
                                  {"kind", "video"},
                                  {"type", "simple"},
                                  {"pad", "src_0"},
                                  {"routerPad", "sink_0"}}));
  const PadRef sink = pipeline_.FindPad("r", "sink_0");
  const auto peer = PadRef::Adopt(gst_pad_get_peer(sink.get()));
  EXPECT_EQ(peer.get(), pipeline_.FindPad("in", "src_0").get());
  EXPECT_EQ(GetString(sink.get(), "producer-id"), "cam");
  EXPECT_TRUE(Get<gboolean>(sink.get(), "paused"));
}

TEST_F(RouterActionsTest, ConsumeLinksBothPads) {
  ASSERT_TRUE(Call(router_.get(), "produce", in_.get(), ProduceVp8("cam")).ok());
  Json request = ConsumeOf("cam");
  request["paused"] = true;
  const Answer answer = Call(router_.get(), "consume", out_.get(), request);
  ASSERT_TRUE(answer.ok()) << answer.error;
  const Json value = answer.value();
  EXPECT_EQ(value["producerId"], "cam");
  EXPECT_EQ(value["kind"], "video");
  EXPECT_EQ(value["type"], "simple");
  EXPECT_EQ(value["pad"], "sink_0");
  EXPECT_EQ(value["routerPad"], "src_0");
  const Json& parameters = value["rtpParameters"];
  EXPECT_EQ(parameters["mid"], "0");
  // In the router's numbers.
  EXPECT_EQ(parameters["codecs"][0]["mimeType"], "video/VP8");
  EXPECT_NE(parameters["codecs"][0]["payloadType"], 120);
  EXPECT_TRUE(parameters["encodings"][0]["rtx"].contains("ssrc"));
  EXPECT_EQ(parameters["rtcp"]["cname"], "camera");
  const PadRef src = pipeline_.FindPad("r", "src_0");
  EXPECT_EQ(GetString(src.get(), "producer"), "cam");
  EXPECT_TRUE(Get<gboolean>(src.get(), "paused"));
}

TEST_F(RouterActionsTest, CanConsume) {
  ASSERT_TRUE(Call(router_.get(), "produce", in_.get(), ProduceVp8("cam")).ok());
  EXPECT_EQ(Call(router_.get(), "can-consume", ConsumeOf("cam")).json, "true");
  Json request = ConsumeOf("cam");
  request["rtpCapabilities"] = Json::parse(
      R"({"codecs": [{"kind": "video", "mimeType": "video/H264", "clockRate": 90000}]})");
  EXPECT_EQ(Call(router_.get(), "can-consume", request).json, "false");
  EXPECT_EQ(Call(router_.get(), "consume", out_.get(), request).error,
            "rtpCapabilities.codecs: has no codec of the producer");
  EXPECT_EQ(Call(router_.get(), "can-consume", ConsumeOf("nobody")).error,
            "producerId: there is no 'nobody' in this router");
}

TEST_F(RouterActionsTest, ErrorsChangeNothing) {
  ASSERT_TRUE(Call(router_.get(), "produce", in_.get(), ProduceVp8("cam")).ok());
  const unsigned pads = PadCount();
  EXPECT_EQ(Call(router_.get(), "produce", out_.get(), ProduceVp8("cam")).error,
            "id: 'cam' is taken by another producer of this router");
  EXPECT_EQ(Call(router_.get(), "consume", out_.get(), ConsumeOf("nobody")).error,
            "producerId: there is no 'nobody' in this router");
  EXPECT_EQ(Call(router_.get(), "produce", router_.get(), ProduceVp8("x")).error,
            "transport: is no transport element of this plugin");
  // In no bin, or another one.
  const ElementRef stranger = MakeElement("plaintransport");
  EXPECT_EQ(Call(router_.get(), "produce", stranger.get(), ProduceVp8("x")).error,
            "transport: must be in the same bin as the router");
  EXPECT_EQ(Call(router_.get(), "consume", stranger.get(), ConsumeOf("cam")).error,
            "transport: must be in the same bin as the router");
  EXPECT_EQ(stranger.get()->numpads, 0);
  EXPECT_EQ(PadCount(), pads);
  // The numbers are free again.
  EXPECT_EQ(Call(router_.get(), "produce", out_.get(), ProduceVp8("x", 2)).value()["routerPad"],
            "sink_1");
}

TEST_F(RouterActionsTest, ClosingReleasesBothPads) {
  ASSERT_TRUE(Call(router_.get(), "produce", in_.get(), ProduceVp8("cam")).ok());
  const Answer consumer = Call(router_.get(), "consume", out_.get(), ConsumeOf("cam"));
  ASSERT_TRUE(consumer.ok()) << consumer.error;
  const std::string id = consumer.value()["id"];
  EXPECT_EQ(CallText(router_.get(), "close-consumer", "cam").error,
            "id: there is no 'cam' on this element");
  EXPECT_EQ(PadCount(), 4U);
  ASSERT_TRUE(CallText(router_.get(), "close-consumer", id).ok());
  EXPECT_EQ(PadCount(), 2U);
  EXPECT_FALSE(CallText(router_.get(), "close-consumer", id).ok());
  ASSERT_TRUE(CallText(router_.get(), "close-producer", "cam").ok());
  EXPECT_EQ(PadCount(), 0U);
  EXPECT_FALSE(CallText(router_.get(), "close-producer", "cam").ok());
}

// Pads that the application links itself find out what was negotiated.
TEST_F(RouterActionsTest, PadsLinkedByHandKnowTheirStreams) {
  g_object_set(router_.get(), "router", "by-hand", nullptr);
  g_object_set(in_.get(), "router", "by-hand", nullptr);
  g_object_set(out_.get(), "router", "by-hand", nullptr);
  EXPECT_EQ(Call(in_.get(), "produce", ProduceVp8("cam")).error,
            "router: there is no router 'by-hand'");
  const auto sink = PadRef::Adopt(gst_element_request_pad_simple(router_.get(), "sink_%u"));
  Json request = ProduceVp8("cam");
  request["paused"] = true;
  const Answer produced = Call(in_.get(), "produce", request);
  ASSERT_TRUE(produced.ok()) << produced.error;
  EXPECT_EQ(gst_pad_link(pipeline_.FindPad("in", "src_0").get(), sink.get()), GST_PAD_LINK_OK);
  EXPECT_EQ(GetString(sink.get(), "producer-id"), "cam");
  EXPECT_TRUE(Get<gboolean>(sink.get(), "paused"));
  EXPECT_EQ(Call(out_.get(), "produce", ProduceVp8("cam")).error,
            "id: 'cam' is taken by another producer of this router");

  const Answer consumed = Call(out_.get(), "consume", ConsumeOf("cam"));
  ASSERT_TRUE(consumed.ok()) << consumed.error;
  const auto src = PadRef::Adopt(gst_element_request_pad_simple(router_.get(), "src_%u"));
  EXPECT_EQ(gst_pad_link(src.get(), pipeline_.FindPad("out", "sink_0").get()), GST_PAD_LINK_OK);
  pipeline_.SetState(GST_STATE_PLAYING);
  EXPECT_EQ(GetString(src.get(), "producer"), "cam");
}

// What an encoder feeds was not negotiated: its caps say what it is.
TEST_F(RouterActionsTest, AnEncodersStreamCanBeConsumed) {
  Feeder encoder(router_.get(), "sink_0",
                 "application/x-rtp,media=video,encoding-name=H264,payload=96,clock-rate=90000,"
                 "packetization-mode=(string)1,profile-level-id=(string)42c01f");
  g_object_set(encoder.peer().get(), "producer-id", "encoder", nullptr);
  EXPECT_EQ(Call(router_.get(), "consume", out_.get(), ConsumeOf("encoder")).error,
            "producerId: 'encoder' has no caps yet");
  pipeline_.SetState(GST_STATE_PLAYING);
  encoder.Start();
  const Answer answer = Call(router_.get(), "consume", out_.get(), ConsumeOf("encoder"));
  ASSERT_TRUE(answer.ok()) << answer.error;
  const Json codec = answer.value()["rtpParameters"]["codecs"][0];
  EXPECT_EQ(codec["mimeType"], "video/H264");
  EXPECT_EQ(codec["parameters"]["packetization-mode"], 1);
  // H265 it is not.
  Json other = ConsumeOf("encoder");
  other["rtpCapabilities"] = Json::parse(
      R"({"codecs": [{"kind": "video", "mimeType": "video/H265", "clockRate": 90000}]})");
  EXPECT_EQ(Call(router_.get(), "can-consume", other).json, "false");
}

// A room that spans two pipelines: what is produced in one can be consumed in the other.
// The name is there from the first, before caps and links are.
TEST(RouterLaunchLine, AProducerThatIsNamedThereCanBeConsumed) {
  Pipeline pipeline(std::string("sfurouter name=r sink_0::producer-id=cam "
                                "plaintransport name=in address=127.0.0.1 src_0::caps=\"") +
                    kVp8Caps + "\" plaintransport name=out address=127.0.0.1 in.src_0 ! r.sink_0");
  ASSERT_TRUE(pipeline.ok()) << pipeline.error();
  const ElementRef router = pipeline.Find("r");
  const Json request = {{"producerId", "cam"}, {"rtpCapabilities", Capabilities(router.get())}};
  EXPECT_EQ(Call(router.get(), "can-consume", request).error, "producerId: 'cam' has no caps yet");
  pipeline.SetState(GST_STATE_PLAYING);
  const PadRef sink = pipeline.FindPad("r", "sink_0");
  for (int i = 0; i < 1000 && !gst_pad_has_current_caps(sink.get()); ++i) g_usleep(2000);
  const Answer consumed = Call(router.get(), "consume", pipeline.Find("out").get(), request);
  EXPECT_TRUE(consumed.ok()) << consumed.error;
}

TEST_F(RouterActionsTest, AnotherPipelineOfTheSameRouter) {
  g_object_set(router_.get(), "router", "span", nullptr);
  ASSERT_TRUE(Call(router_.get(), "produce", in_.get(), ProduceVp8("cam")).ok());
  UdpPeer viewer;
  Pipeline other(
      "sfurouter name=r router=span plaintransport name=out address=127.0.0.1 "
      "remote-address=127.0.0.1 remote-port=" +
      std::to_string(viewer.port()));
  const ElementRef face = other.Find("r");
  EXPECT_EQ(Call(face.get(), "can-consume", ConsumeOf("cam")).json, "true");
  EXPECT_EQ(Call(face.get(), "produce", other.Find("out").get(), ProduceVp8("cam")).error,
            "id: 'cam' is taken by another producer of this router");
  const Answer consumed = Call(face.get(), "consume", other.Find("out").get(), ConsumeOf("cam"));
  ASSERT_TRUE(consumed.ok()) << consumed.error;
  pipeline_.SetState(GST_STATE_PLAYING);
  other.SetState(GST_STATE_PLAYING);
  UdpPeer camera;
  Vp8Source source({.ssrc = 0x11223344, .payload_type = 120, .packets_per_frame = 1});
  Bytes got;
  for (int i = 0; i < 100 && got.empty(); ++i) {
    source.ForceKeyFrame();
    for (const BuiltPacket& packet : source.NextFrame(Timestamp())) {
      camera.SendTo(Get<guint>(in_.get(), "local-port"), packet.bytes);
    }
    got = viewer.TryReceiveRtp();
  }
  ASSERT_GE(got.size(), 12U);
  EXPECT_EQ(got[1] & 0x7F,
            consumed.value()["rtpParameters"]["codecs"][0]["payloadType"].get<int>());
  // It is not this face's to close.
  EXPECT_EQ(CallText(face.get(), "close-producer", "cam").error,
            "id: there is no 'cam' on this element");
  EXPECT_TRUE(CallText(router_.get(), "close-producer", "cam").ok());
  EXPECT_EQ(Call(face.get(), "can-consume", ConsumeOf("cam")).error,
            "producerId: there is no 'cam' in this router");
}

// Faces of one Router have the same codecs.
TEST_F(RouterActionsTest, OneSetOfCodecsForAllFaces) {
  constexpr char kVp8Only[] = R"([{"mimeType": "video/VP8", "clockRate": 90000}])";
  constexpr char kH264Only[] = R"([{"mimeType": "video/H264", "clockRate": 90000}])";
  g_object_set(router_.get(), "router", "codecs", "media-codecs", kVp8Only, nullptr);
  EXPECT_EQ(Call(router_.get(), "produce", in_.get(), ProduceVp8("cam")).error, "");
  Stage face("sfurouter", "face");
  g_object_set(face.get(), "router", "codecs", "media-codecs", kH264Only, nullptr);
  EXPECT_EQ(face.SetState(GST_STATE_READY), GST_STATE_CHANGE_FAILURE);
  EXPECT_EQ(TextOf(face.WaitForMessage(GST_MESSAGE_ERROR)),
            "media-codecs: another element has set others for this router");
}

TEST_F(RouterActionsTest, AConsumeNeedsARouter) {
  EXPECT_EQ(Call(out_.get(), "consume", ConsumeOf("cam")).error,
            "router: is not set: name the router of the producer, or use its own consume");
}

// A camera whose numbers are its own, and a viewer who gets the router's.
TEST_F(RouterActionsTest, NumbersAreTranslated) {
  UdpPeer camera;
  UdpPeer viewer;
  g_object_set(out_.get(), "remote-address", "127.0.0.1", "remote-port", viewer.port(), nullptr);
  ASSERT_TRUE(Call(router_.get(), "produce", in_.get(), ProduceVp8("cam")).ok());
  const Answer consumed = Call(router_.get(), "consume", out_.get(), ConsumeOf("cam"));
  ASSERT_TRUE(consumed.ok()) << consumed.error;
  pipeline_.SetState(GST_STATE_PLAYING);
  const guint port = Get<guint>(in_.get(), "local-port");
  Vp8Source source({.ssrc = 0x11223344, .payload_type = 120, .packets_per_frame = 1});
  Bytes got;
  // The first packets may come before the viewer's Consumer is there.
  for (int i = 0; i < 100 && got.empty(); ++i) {
    source.ForceKeyFrame();
    for (const BuiltPacket& packet : source.NextFrame(Timestamp()))
      camera.SendTo(port, packet.bytes);
    got = viewer.TryReceiveRtp();
  }
  ASSERT_GE(got.size(), 12U);
  const Json parameters = consumed.value()["rtpParameters"];
  EXPECT_EQ(got[1] & 0x7F, parameters["codecs"][0]["payloadType"].get<int>());
  const uint32_t ssrc = static_cast<uint32_t>(got[8]) << 24 | static_cast<uint32_t>(got[9]) << 16 |
                        static_cast<uint32_t>(got[10]) << 8 | got[11];
  EXPECT_EQ(ssrc, parameters["encodings"][0]["ssrc"].get<uint32_t>());
}

}  // namespace
}  // namespace sfu::test

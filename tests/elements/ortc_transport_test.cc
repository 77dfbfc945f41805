// A transport's own actions: JSON in, pads and JSON out.
#include <gtest/gtest.h>

#include "actions.h"
#include "plain_peer.h"

namespace sfu::test {
namespace {

GstCaps* CapsProperty(GstPad* pad) { return Get<GstCaps*>(pad, "caps"); }

std::string TextOfCaps(const CapsRef& caps) {
  gchar* text = gst_caps_to_string(caps.get());
  std::string copy = text;
  g_free(text);
  return copy;
}

unsigned PadCount(GstElement* element) { return element->numpads; }

TEST(TransportActionsTest, ProduceMakesASourcePad) {
  Stage stage("plaintransport");
  const Answer answer = Call(stage.get(), "produce", ProduceVp8("cam"));
  ASSERT_TRUE(answer.ok()) << answer.error;
  EXPECT_EQ(answer.value(),
            (Json{{"id", "cam"}, {"kind", "video"}, {"type", "simple"}, {"pad", "src_0"}}));
  const PadRef pad = stage.Pad("src_0");
  ASSERT_TRUE(pad);
  const auto caps = CapsRef::Adopt(CapsProperty(pad.get()));
  const auto expected = MakeCaps(
      "application/x-rtp,media=video,encoding-name=VP8,payload=120,clock-rate=90000,"
      "ssrc=(uint)287454020,rtcp-fb-nack-pli=true,"
      "extmap-9=(string)\"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\"");
  EXPECT_TRUE(gst_caps_is_equal(caps.get(), expected.get())) << TextOfCaps(caps);
}

TEST(TransportActionsTest, CapsHoldWhatDepayloadersNeed) {
  Stage stage("plaintransport");
  const Answer answer = Call(stage.get(), "produce", ProduceOpus("mic"));
  ASSERT_TRUE(answer.ok()) << answer.error;
  const auto caps = CapsRef::Adopt(CapsProperty(stage.Pad("src_0").get()));
  const auto expected = MakeCaps(
      "application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000,"
      "encoding-params=(string)2,useinbandfec=(string)1,ssrc=(uint)1432778632");
  EXPECT_TRUE(gst_caps_is_equal(caps.get(), expected.get())) << TextOfCaps(caps);
}

TEST(TransportActionsTest, AnIdIsMadeUp) {
  Stage stage("plaintransport");
  Json request = ProduceVp8("");
  request.erase("id");
  const Answer answer = Call(stage.get(), "produce", request);
  ASSERT_TRUE(answer.ok()) << answer.error;
  EXPECT_EQ(answer.value()["id"].get<std::string>().size(), 36U);
}

TEST(TransportActionsTest, ErrorsNameTheFieldAndChangeNothing) {
  Stage stage("plaintransport");
  ASSERT_TRUE(Call(stage.get(), "produce", ProduceVp8("cam")).ok());
  const unsigned pads = PadCount(stage.get());
  Json wrong = ProduceVp8("other", 1);
  wrong["rtpParameters"]["codecs"][0]["mimeType"] = "video/THEORA";
  EXPECT_EQ(Call(stage.get(), "produce", wrong).error,
            "rtpParameters.codecs[0]: video/THEORA is not among the router's codecs");
  wrong = ProduceVp8("other", 1);
  wrong["kind"] = "audio";
  EXPECT_EQ(Call(stage.get(), "produce", wrong).error,
            "rtpParameters.codecs[0].mimeType: must be of kind audio");
  EXPECT_EQ(Call(stage.get(), "produce", ProduceVp8("cam", 1)).error,
            "id: 'cam' is taken by another producer of this transport");
  EXPECT_EQ(CallText(stage.get(), "produce", "{").error.substr(0, 20), "options: is not JSON");
  EXPECT_EQ(Call(stage.get(), "consume", Json{{"producerId", 1}}).error,
            "producerId: must be a string");
  GstStructure* answer = nullptr;
  g_signal_emit_by_name(stage.get(), "produce", nullptr, &answer);
  EXPECT_EQ(ReadAnswer(answer).error, "options: is missing");
  EXPECT_EQ(PadCount(stage.get()), pads);
}

// An SSRC is found to be in use when the transport has its sockets.
TEST(TransportActionsTest, TheTransportHasItsSay) {
  Stage stage("plaintransport");
  stage.Play();
  ASSERT_TRUE(Call(stage.get(), "produce", ProduceVp8("cam")).ok());
  const Answer again = Call(stage.get(), "produce", ProduceVp8("cam2"));
  EXPECT_NE(again.error.find("ssrc"), std::string::npos) << again.error;
  EXPECT_EQ(PadCount(stage.get()), 1U);
  // The number of the pad that was not made is free.
  const Answer third = Call(stage.get(), "produce", ProduceVp8("cam2", 2));
  ASSERT_TRUE(third.ok()) << third.error;
  EXPECT_EQ(third.value()["pad"], "src_1");
}

TEST(TransportActionsTest, TheCapsOfSuchAPadStay) {
  Stage stage("plaintransport");
  ASSERT_TRUE(Call(stage.get(), "produce", ProduceVp8("cam")).ok());
  const PadRef pad = stage.Pad("src_0");
  const auto before = CapsRef::Adopt(CapsProperty(pad.get()));
  g_object_set(pad.get(), "caps", MakeCaps(kH264Caps).get(), nullptr);
  EXPECT_EQ(TextOf(stage.WaitForMessage(GST_MESSAGE_WARNING)),
            "src_0: caps: were negotiated by produce()");
  const auto after = CapsRef::Adopt(CapsProperty(pad.get()));
  EXPECT_TRUE(gst_caps_is_equal(before.get(), after.get()));
}

TEST(TransportActionsTest, ClosingReleasesThePad) {
  Stage stage("plaintransport");
  ASSERT_TRUE(Call(stage.get(), "produce", ProduceVp8("cam")).ok());
  EXPECT_EQ(CallText(stage.get(), "close-producer", "other").error,
            "id: there is no 'other' in this transport");
  EXPECT_EQ(PadCount(stage.get()), 1U);
  ASSERT_TRUE(CallText(stage.get(), "close-producer", "cam").ok());
  EXPECT_EQ(PadCount(stage.get()), 0U);
  // And releasing the pad closes: the id and the stream are free.
  ASSERT_TRUE(Call(stage.get(), "produce", ProduceVp8("cam")).ok());
  gst_element_release_request_pad(stage.get(), stage.Pad("src_0").get());
  ASSERT_TRUE(Call(stage.get(), "produce", ProduceVp8("cam")).ok());
}

// Who hears of the pad finds it ready, and can link it at once.
TEST(TransportActionsTest, ThePadIsKnownWhenItIsAdded) {
  Stage stage("plaintransport");
  std::string caps;
  g_signal_connect(stage.get(), "pad-added", G_CALLBACK(+[](GstElement*, GstPad* pad, gpointer to) {
                     const auto known = CapsRef::Adopt(gst_pad_query_caps(pad, nullptr));
                     *static_cast<std::string*>(to) = TextOfCaps(known);
                   }),
                   &caps);
  ASSERT_TRUE(Call(stage.get(), "produce", ProduceVp8("cam")).ok());
  EXPECT_NE(caps.find("payload=(int)120"), std::string::npos) << caps;
}

TEST(TransportActionsTest, ReceivesWhatWasNegotiated) {
  Stage stage("plaintransport");
  g_object_set(stage.get(), "address", "127.0.0.1", nullptr);
  stage.Play();
  ASSERT_TRUE(Call(stage.get(), "produce", ProduceVp8("cam")).ok());
  Reader reader(stage.get(), "src_0");
  UdpPeer peer;
  const guint port = Get<guint>(stage.get(), "local-port");
  // Only the SSRC and payload type that were agreed upon.
  peer.SendTo(port, BuildRtpPacket({.ssrc = 0x99999999, .payload_type = 120, .payload = {1, 2}}));
  peer.SendTo(port, BuildRtpPacket({.ssrc = 0x11223344, .payload_type = 96, .payload = {1, 2}}));
  peer.SendTo(
      port,
      BuildRtpPacket(
          {.ssrc = 0x11223344, .payload_type = 120, .sequence_number = 7, .payload = {1, 2}}));
  const SeenPacket packet = reader.PullPacket();
  EXPECT_EQ(packet.ssrc, 0x11223344U);
  EXPECT_EQ(packet.payload_type, 120);
  EXPECT_EQ(packet.sequence_number, 7);
}

}  // namespace
}  // namespace sfu::test

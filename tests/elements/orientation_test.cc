// A telephone that is held upright, or turned while it sends: who takes plain packets is told by a
// tag, in order, and the application by a message.
#include <gtest/gtest.h>

#include "pad_log.h"
#include "plain_peer.h"

namespace sfu::test {
namespace {

constexpr char kTurnedCaps[] =
    "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000,"
    "extmap-4=urn:3gpp:video-orientation";

// A key frame of one packet that says how it is to be turned (3GPP TS 26.114).
Bytes Turned(uint16_t sequence, uint8_t orientation) {
  return BuildRtpPacket({.ssrc = 7,
                         .sequence_number = sequence,
                         .timestamp = sequence * 3000U,
                         .marker = true,
                         .extension = {0x40, orientation},
                         .payload = {0x10, 0, 0, 0, 0x9d, 0x01, 0x2a, 0, 1, 0, 1}});
}

std::string OrientationOf(const EventRef& event) {
  if (!event) return "no tag came";
  GstTagList* tags = nullptr;
  gst_event_parse_tag(event.get(), &tags);
  gchar* text = nullptr;
  gst_tag_list_get_string(tags, GST_TAG_IMAGE_ORIENTATION, &text);
  std::string orientation = text == nullptr ? "a tag about something else" : text;
  g_free(text);
  return orientation;
}

// "src_0 90 flipped back"
std::string InWords(const MessageRef& message) {
  if (!message) return "no message came";
  const GstStructure* s = gst_message_get_structure(message.get());
  if (!gst_structure_has_name(s, "sfu-video-orientation")) return gst_structure_get_name(s);
  guint rotation = 0;
  gboolean flip = FALSE;
  gboolean back = FALSE;
  EXPECT_TRUE(gst_structure_get(s, "rotation", G_TYPE_UINT, &rotation, "flip", G_TYPE_BOOLEAN,
                                &flip, "back-camera", G_TYPE_BOOLEAN, &back, nullptr));
  std::string words =
      std::string(gst_structure_get_string(s, "pad")) + " " + std::to_string(rotation);
  if (flip != FALSE) words += " flipped";
  if (back != FALSE) words += " back";
  return words;
}

class OrientationOfARouter : public testing::Test {
 protected:
  OrientationOfARouter() {
    router.Play();
    feeder.Start();
  }

  Stage router{"sfurouter"};
  Feeder feeder{router.get(), "sink_0", kTurnedCaps};
  Reader reader{router.get(), "src_0", "application/x-rtp"};
  const PadLog log{reader.peer().get()};
};

TEST_F(OrientationOfARouter, ReachesAPlainBranchOfARouterInOrder) {
  // Upright needs no word, nor does another camera.
  for (uint16_t n = 0; n < 2; ++n) feeder.Push(Turned(n, 0));
  for (uint16_t n = 2; n < 5; ++n) feeder.Push(Turned(n, n == 2 ? 0x01 : 0x09));
  feeder.Push(Turned(5, 0x06));
  feeder.Push(Turned(6, 0));
  ASSERT_TRUE(log.WaitForPackets(7));
  EXPECT_EQ(log.Story(), "caps:VP8 segment 96*2 tag 96*3 tag 96*1 tag 96*1");
  EXPECT_EQ(OrientationOf(reader.WaitFor(GST_EVENT_TAG)), "rotate-90");
  EXPECT_EQ(OrientationOf(reader.WaitFor(GST_EVENT_TAG)), "flip-rotate-180");
  EXPECT_EQ(OrientationOf(reader.WaitFor(GST_EVENT_TAG)), "rotate-0");
}

// A new stream takes no tags of the old one with it, so they are told again.
TEST_F(OrientationOfARouter, IsToldAnewOfANewStream) {
  feeder.Push(Turned(1, 0x01));
  ASSERT_TRUE(log.WaitForPackets(1));
  feeder.PushEvent(gst_event_new_eos());
  ASSERT_TRUE(log.WaitForEvents(GST_EVENT_EOS));
  feeder.PushEvent(gst_event_new_stream_start("again"));
  feeder.PushEvent(gst_event_new_caps(MakeCaps(kTurnedCaps).get()));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  feeder.PushEvent(gst_event_new_segment(&segment));
  feeder.Push(Turned(2, 0x01));
  ASSERT_TRUE(log.WaitForPackets(2));
  EXPECT_TRUE(log.WaitForEvents(GST_EVENT_TAG, 2)) << log.Story();
}

TEST(Orientation, IsToldTheApplicationByATransport) {
  PlainTransport transport;
  Reader reader(transport.get(), "src_0", "application/x-rtp");
  g_object_set(reader.peer().get(), "caps", MakeCaps(kTurnedCaps).get(), nullptr);
  transport.Play();
  reader.WaitForWorker();
  UdpPeer peer;
  peer.SendTo(transport.port(), Turned(1, 0x02));
  peer.SendTo(transport.port(), Turned(2, 0x02));
  peer.SendTo(transport.port(), Turned(3, 0x0f));
  EXPECT_EQ(InWords(transport.WaitForMessage(GST_MESSAGE_ELEMENT)), "src_0 180");
  EXPECT_EQ(InWords(transport.WaitForMessage(GST_MESSAGE_ELEMENT)), "src_0 270 flipped back");
  auto* stats = Get<GstStructure*>(reader.peer().get(), "stats");
  guint rotation = 0;
  EXPECT_TRUE(gst_structure_get_uint(stats, "rotation", &rotation));
  EXPECT_EQ(rotation, 270U);
  gst_structure_free(stats);
  EXPECT_EQ(OrientationOf(reader.WaitFor(GST_EVENT_TAG)), "rotate-180");
  EXPECT_EQ(OrientationOf(reader.WaitFor(GST_EVENT_TAG)), "flip-rotate-270");
}

}  // namespace
}  // namespace sfu::test

// sfurouter with foreign elements at both ends: data, caps, end of stream, states, pads under load.
#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <atomic>

#include "pipeline.h"
#include "tests/elements/packets.h"

namespace sfu::test {
namespace {

constexpr char kVp8Caps[] =
    "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000";
constexpr char kSource[] =
    "videotestsrc is-live=true ! video/x-raw,width=64,height=48,framerate=100/1 ! "
    "vp8enc deadline=1 keyframe-max-dist=20 ! rtpvp8pay ";

GstBuffer* BufferOf(const std::vector<uint8_t>& bytes) {
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, bytes.size(), nullptr);
  gst_buffer_fill(buffer, 0, bytes.data(), bytes.size());
  return buffer;
}

TEST(RouterTest, ForwardsPacketsInOrderUnderItsOwnSsrc) {
  gst_init(nullptr, nullptr);
  GstHarness* h = gst_harness_new_with_padnames("sfurouter", "sink_0", "src_0");
  ASSERT_NE(h, nullptr);
  gst_harness_set_src_caps_str(h, kVp8Caps);
  for (uint16_t i = 0; i < 5; ++i) {
    ASSERT_EQ(gst_harness_push(
                  h, BufferOf(Vp8Packet(static_cast<uint16_t>(65533 + i), i * 3000U, i == 0))),
              GST_FLOW_OK);
  }
  uint16_t first = 0;
  for (uint16_t i = 0; i < 5; ++i) {
    GstBuffer* buffer = gst_harness_pull(h);
    ASSERT_NE(buffer, nullptr);
    std::vector<uint8_t> bytes(gst_buffer_get_size(buffer));
    gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
    const auto header = ParseRtpHeader(bytes);
    ASSERT_TRUE(header);
    if (i == 0) first = header->sequence_number;
    EXPECT_EQ(header->sequence_number, static_cast<uint16_t>(first + i));
    EXPECT_EQ(header->payload_type, 96);
    EXPECT_NE(header->ssrc, 0x1234U);
    EXPECT_EQ(header->payload_size, 100);
    gst_buffer_unref(buffer);
  }
  GstCaps* caps = gst_pad_get_current_caps(h->sinkpad);
  const GstStructure* s = gst_caps_get_structure(caps, 0);
  EXPECT_TRUE(gst_structure_has_field(s, "rtcp-fb-nack-pli"));
  EXPECT_TRUE(gst_structure_has_field(s, "rtcp-fb-ccm-fir"));
  gst_caps_unref(caps);
  gst_harness_push_event(h, gst_event_new_eos());
  bool eos = false;
  while (!eos) {
    GstEvent* event = gst_harness_pull_event(h);
    ASSERT_NE(event, nullptr);
    eos = GST_EVENT_TYPE(event) == GST_EVENT_EOS;
    gst_event_unref(event);
  }
  gst_harness_teardown(h);
}

TEST(RouterTest, BadPacketsAreDroppedAndCounted) {
  gst_init(nullptr, nullptr);
  GstHarness* h = gst_harness_new_with_padnames("sfurouter", "sink_0", "src_0");
  gst_harness_set_src_caps_str(h, kVp8Caps);
  gst_harness_push(h, BufferOf({}));
  gst_harness_push(h, BufferOf({0x80, 1, 2}));
  gst_harness_push(h, BufferOf(std::vector<uint8_t>(3000, 0x80)));
  gst_harness_push(h, BufferOf(Vp8Packet(1, 1, true)));
  GstBuffer* buffer = gst_harness_pull(h);
  EXPECT_NE(buffer, nullptr);
  gst_buffer_unref(buffer);
  EXPECT_EQ(PadStat(h->element, "sink_0", "packetsDropped"), 3U);
  gst_harness_teardown(h);
}

TEST(RouterTest, PadsAreRequestedAndReleasedUnderLoad) {
  Pipeline pipeline(std::string(kSource) +
                    "! r.sink_0 sfurouter name=r r.src_0 ! fakesink name=f async=false sync=false");
  std::atomic<guint> got{0};
  OnBuffers(pipeline.Element("f"), "sink", [&got](guint n) { got += n; });
  ASSERT_TRUE(pipeline.SetState(GST_STATE_PLAYING));
  GstElement* router = pipeline.Element("r");
  for (int i = 0; i < 100; ++i) {
    GstElement* sink = gst_element_factory_make("fakesink", nullptr);
    g_object_set(sink, "async", FALSE, "sync", FALSE, nullptr);
    gst_bin_add(GST_BIN(pipeline.get()), sink);
    gst_element_sync_state_with_parent(sink);
    GstPad* src = gst_element_request_pad_simple(router, "src_%u");
    ASSERT_NE(src, nullptr);
    GstPad* peer = gst_element_get_static_pad(sink, "sink");
    ASSERT_EQ(gst_pad_link(src, peer), GST_PAD_LINK_OK);
    gst_object_unref(peer);
    if (i % 10 == 0) {
      EXPECT_TRUE(WaitUntil([&] { return PadStat(router, GST_PAD_NAME(src), "packetsSent") > 0; }));
    }
    gst_element_release_request_pad(router, src);
    gst_object_unref(src);
    gst_element_set_state(sink, GST_STATE_NULL);
    gst_bin_remove(GST_BIN(pipeline.get()), sink);
  }
  const guint before = got;
  EXPECT_TRUE(WaitUntil([&] { return got > before + 10; }));
}

TEST(RouterTest, CyclesOfStates) {
  Pipeline pipeline(std::string(kSource) +
                    "! r.sink_0 sfurouter name=r r.src_0 ! fakesink name=f async=false sync=false");
  std::atomic<guint> got{0};
  OnBuffers(pipeline.Element("f"), "sink", [&got](guint n) { got += n; });
  for (const GstState rest : {GST_STATE_NULL, GST_STATE_READY, GST_STATE_PAUSED, GST_STATE_READY}) {
    got = 0;
    ASSERT_TRUE(pipeline.SetState(GST_STATE_PLAYING));
    EXPECT_TRUE(WaitUntil([&] { return got > 5; })) << gst_element_state_get_name(rest);
    ASSERT_TRUE(pipeline.SetState(rest));
  }
}

TEST(RouterTest, EndOfStreamReachesTheMuxer) {
  Pipeline pipeline(
      "videotestsrc num-buffers=30 ! video/x-raw,width=64,height=48,framerate=100/1 ! "
      "vp8enc deadline=1 ! rtpvp8pay ! r.sink_0 sfurouter name=r "
      "r.src_0 ! rtpvp8depay name=d ! matroskamux ! fakesink sync=false");
  std::atomic<guint> frames{0};
  OnBuffers(pipeline.Element("d"), "src", [&frames](guint n) { frames += n; });
  ASSERT_TRUE(pipeline.SetState(GST_STATE_PLAYING));
  EXPECT_TRUE(pipeline.WaitFor(GST_MESSAGE_EOS));
  EXPECT_EQ(frames, 30U);
}

TEST(RouterTest, CapsThatAreNoStreamAreRefusedByName) {
  gst_init(nullptr, nullptr);
  GstElement* router = gst_element_factory_make("sfurouter", nullptr);
  GstPad* sink = gst_element_request_pad_simple(router, "sink_%u");
  gst_element_set_state(router, GST_STATE_PLAYING);
  GstBus* bus = gst_bus_new();
  gst_element_set_bus(router, bus);
  gst_pad_send_event(sink, gst_event_new_stream_start("x"));
  GstCaps* caps = gst_caps_from_string("application/x-rtp,media=video,payload=300");
  EXPECT_FALSE(gst_pad_send_event(sink, gst_event_new_caps(caps)));
  gst_caps_unref(caps);
  GstMessage* message = gst_bus_pop_filtered(bus, GST_MESSAGE_WARNING);
  ASSERT_NE(message, nullptr);
  GError* error = nullptr;
  gst_message_parse_warning(message, &error, nullptr);
  EXPECT_NE(std::string(error->message).find("payload"), std::string::npos) << error->message;
  g_error_free(error);
  gst_message_unref(message);
  gst_element_set_bus(router, nullptr);
  gst_object_unref(bus);
  gst_element_set_state(router, GST_STATE_NULL);
  gst_element_release_request_pad(router, sink);
  gst_object_unref(sink);
  gst_object_unref(router);
}

}  // namespace
}  // namespace sfu::test

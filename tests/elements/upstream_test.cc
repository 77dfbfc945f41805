// What receivers ask for: key frames, retransmissions, latency.
#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include "pipeline.h"
#include "tests/elements/packets.h"

namespace sfu::test {
namespace {

constexpr char kVp8Caps[] =
    "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000";

class UpstreamTest : public ::testing::Test {
 protected:
  UpstreamTest() {
    gst_init(nullptr, nullptr);
    h_ = gst_harness_new_with_padnames("sfurouter", "sink_0", "src_0");
    gst_harness_set_src_caps_str(h_, kVp8Caps);
  }
  ~UpstreamTest() override { gst_harness_teardown(h_); }
  void Push(uint16_t sequence, bool key_frame) {
    const auto bytes = Vp8Packet(sequence, sequence * 3000U, key_frame);
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, bytes.size(), nullptr);
    gst_buffer_fill(buffer, 0, bytes.data(), bytes.size());
    gst_harness_push(h_, buffer);
  }
  uint16_t Pull() {
    GstBuffer* buffer = gst_harness_pull(h_);
    std::vector<uint8_t> bytes(gst_buffer_get_size(buffer));
    gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
    gst_buffer_unref(buffer);
    return ParseRtpHeader(bytes)->sequence_number;
  }
  bool WaitForUpstream(const char* name) {
    bool found = false;
    while (!found) {
      GstEvent* event = gst_harness_pull_upstream_event(h_);
      if (event == nullptr) return false;
      found = gst_event_has_name(event, name);
      gst_event_unref(event);
    }
    return true;
  }
  GstHarness* h_;
};

TEST_F(UpstreamTest, ANewConsumerAsksTheForeignSenderForAKeyFrame) {
  Push(1, false);
  EXPECT_TRUE(WaitForUpstream("GstForceKeyUnit"));
}

TEST_F(UpstreamTest, ARetransmissionIsServedFromTheRing) {
  for (uint16_t i = 1; i <= 3; ++i) Push(i, i == 1);
  const uint16_t first = Pull();
  Pull();
  Pull();
  GstStructure* s = gst_structure_new("GstRTPRetransmissionRequest", "seqnum", G_TYPE_UINT,
                                      guint{static_cast<uint16_t>(first + 1)}, nullptr);
  EXPECT_TRUE(
      gst_harness_push_upstream_event(h_, gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, s)));
  EXPECT_EQ(Pull(), static_cast<uint16_t>(first + 1));
}

TEST_F(UpstreamTest, LatencyTravelsUpstreamAndIsAnswered) {
  GstPad* pad = gst_element_get_static_pad(h_->element, "src_0");
  g_object_set(pad, "latency", 700, nullptr);
  gst_object_unref(pad);
  EXPECT_TRUE(WaitForUpstream("GstSfuPatience"));
  EXPECT_EQ(gst_harness_query_latency(h_), 700 * GST_MSECOND);
}

}  // namespace
}  // namespace sfu::test

// The caps feature memory:RtpBatch between our own elements.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness.h"

namespace sfu::test {
namespace {

bool HasBatches(const PadRef& pad) {
  const auto caps = CapsRef::Adopt(gst_pad_get_current_caps(pad.get()));
  return caps &&
         gst_caps_features_contains(gst_caps_get_features(caps.get(), 0), "memory:RtpBatch");
}

TEST(BatchCaps, DirectLinksCarryThem) {
  Stage front("sfurouter");
  Stage back("sfurouter");
  const Link link(front, back);
  Feeder feeder(front.get(), "sink_0", kVp8Caps);
  Reader reader(back.get(), "src_0", "application/x-rtp");
  back.Play();
  front.Play();
  feeder.Start();
  reader.PullPackets(feeder.PushFrame(true).size());
  EXPECT_TRUE(HasBatches(link.sink));
  EXPECT_FALSE(HasBatches(reader.peer()));
}

// A probe that keeps a buffer beyond the push finds in it what was there.
TEST(BatchCaps, KeptBuffersStayWhole) {
  Stage front("sfurouter");
  Stage back("sfurouter");
  const Link link(front, back);
  std::vector<BufferRef> kept;
  link.Keep(&kept);
  Feeder feeder(front.get(), "sink_0", kVp8Caps);
  Reader reader(back.get(), "src_0", "application/x-rtp");
  back.Play();
  front.Play();
  feeder.Start();
  size_t packets = 0;
  for (int i = 0; i < 50; ++i)
    packets += reader.PullPackets(feeder.PushFrame(i == 0).size()).size();
  front.SetState(GST_STATE_NULL);
  back.SetState(GST_STATE_NULL);
  ASSERT_FALSE(kept.empty());
  // They go in once more, from a thread that is not the Worker's, into a router that is new.
  Stage third("sfurouter");
  Feeder again(third.get(), "sink_0", "application/x-rtp(memory:RtpBatch)");
  Reader far(third.get(), "src_0", "application/x-rtp");
  third.Play();
  gst_harness_set_src_caps_str(
      again.get(),
      "application/x-rtp(memory:RtpBatch),media=video,encoding-name=VP8,payload=96,"
      "clock-rate=90000");
  for (BufferRef& buffer : kept) {
    EXPECT_EQ(gst_harness_push(again.get(), buffer.release()), GST_FLOW_OK);
  }
  const auto seen = far.PullPackets(packets);
  for (size_t i = 1; i < seen.size(); ++i) {
    ASSERT_EQ(seen[i].sequence_number, static_cast<uint16_t>(seen[0].sequence_number + i));
    ASSERT_FALSE(seen[i].payload.empty());
  }
}

}  // namespace
}  // namespace sfu::test

// The ways of batches: through elements that do not look at caps, from Worker to Worker, and to
// peers that change while the stream flows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness.h"
#include "pad_log.h"

namespace sfu::test {
namespace {

bool HasBatches(const PadRef& pad) {
  const auto caps = CapsRef::Adopt(gst_pad_get_current_caps(pad.get()));
  return caps &&
         gst_caps_features_contains(gst_caps_get_features(caps.get(), 0), "memory:RtpBatch");
}

struct Path {
  const char* name;
  const char* between;             // from front.src_0 to back.sink_0 (and back.sink_1)
  const char* worker = "default";  // of the element behind
  int branches = 1;
};

class BatchPath : public testing::TestWithParam<Path> {};

// All packets come once and in order, on every branch, and as batches.
TEST_P(BatchPath, PacketsArriveOnceAndInOrder) {
  constexpr int kFrames = 300;
  const Path& path = GetParam();
  Pipeline pipeline(std::string("appsrc name=in is-live=true format=time caps=") + kVp8Caps +
                    " ! front.sink_0  sfurouter name=front  front.src_0 ! " + path.between +
                    "  sfurouter name=back worker=" + path.worker +
                    " src_0::producer=sink_0 src_1::producer=sink_1 "
                    "back.src_0 ! fakesink async=false sync=false "
                    "back.src_1 ! fakesink async=false sync=false");
  ASSERT_TRUE(pipeline.ok()) << pipeline.error();
  std::vector<std::unique_ptr<PadLog>> logs;
  for (const char* name : {"src_0", "src_1"}) {
    logs.push_back(std::make_unique<PadLog>(pipeline.FindPad("back", name).get()));
  }
  logs.resize(static_cast<size_t>(path.branches));
  pipeline.SetState(GST_STATE_PLAYING);
  Vp8Source source;
  const ElementRef in = pipeline.Find("in");
  size_t sent = 0;
  for (int i = 0; i < kFrames; ++i) {
    for (const BuiltPacket& packet : source.NextFrame(Timestamp())) {
      GstFlowReturn flow = GST_FLOW_OK;
      const BufferRef buffer = MakeBuffer(packet.bytes);
      g_signal_emit_by_name(in.get(), "push-buffer", buffer.get(), &flow);
      ++sent;
    }
    // The Worker takes what it can get; a pipe between two of them is not to overflow.
    if (i % 50 == 49) {
      for (const auto& log : logs) {
        ASSERT_TRUE(log->WaitForPackets(sent)) << log->Story();
      }
    }
  }
  for (const auto& log : logs) {
    ASSERT_TRUE(log->WaitForPackets(sent)) << log->Story();
    EXPECT_EQ(log->packets().size(), sent);
    EXPECT_EQ(Unbroken(log->packets()), "");
  }
  for (int i = 0; i < path.branches; ++i) {
    const std::string name = "sink_" + std::to_string(i);
    EXPECT_TRUE(HasBatches(pipeline.FindPad("back", name.c_str()))) << name;
    EXPECT_EQ(Stat(pipeline.FindPad("back", name.c_str()).get(), "packetsDropped"), 0U);
  }
}

constexpr char kTee[] = "tee name=t  t. ! queue ! back.sink_0  t. ! identity ! queue ! back.sink_1";

INSTANTIATE_TEST_SUITE_P(
    All, BatchPath,
    testing::Values(Path{"Direct", "back.sink_0"}, Path{"Identity", "identity ! back.sink_0"},
                    Path{"Queue", "queue ! back.sink_0"},
                    Path{"Several", "identity ! queue ! identity ! queue2 ! back.sink_0"},
                    Path{"Tee", kTee, "default", 2},
                    Path{"TeeWithoutQueues", "tee name=t  t. ! back.sink_0  t. ! back.sink_1",
                         "default", 2},
                    Path{"OtherWorker", "back.sink_0", "batch-path"},
                    Path{"QueueToOtherWorker", "queue ! back.sink_0", "batch-path"},
                    Path{"TeeToOtherWorker", kTee, "batch-path", 2}),
    [](const auto& path) { return std::string(path.param.name); });

// A source that turns from batches to plain packets and back, on one pad. Neither overtakes the
// other though they take different ways inside.
TEST(BatchCapsChange, APadIsFedWithBatchesAndPlainPacketsInTurn) {
  Stage front("sfurouter", "front");
  Stage back("sfurouter", "back");
  Feeder opus(front.get(), "sink_0", kOpusCaps);
  const Link link(front, back);
  Reader end(back.get(), "src_0", "application/x-rtp");
  opus.Start();
  std::vector<BufferRef> batches;
  link.Keep(&batches);
  size_t caught = 0;
  OpusSource source;
  for (int i = 0; i < 50; ++i) {
    opus.Push(source.Next(Timestamp()).bytes);
    caught += end.PullPackets(1).size();
  }
  front.SetState(GST_STATE_NULL);
  back.SetState(GST_STATE_NULL);

  Stage router("sfurouter");
  Feeder feeder(router.get(), "sink_0", "application/x-rtp(memory:RtpBatch); application/x-rtp");
  Reader reader(router.get(), "src_0", "application/x-rtp");
  const PadLog log(reader.peer().get());
  router.Play();
  feeder.PushEvent(gst_event_new_stream_start("mixed"));
  const auto set_caps = [&feeder](bool batch) {
    const std::string text = std::string("application/x-rtp") + (batch ? "(memory:RtpBatch)" : "") +
                             (kOpusCaps + sizeof "application/x-rtp" - 1);
    EXPECT_TRUE(feeder.PushEvent(gst_event_new_caps(MakeCaps(text.c_str()).get()))) << text;
  };
  set_caps(true);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  feeder.PushEvent(gst_event_new_segment(&segment));
  // Their SSRC is another one, as it would be.
  size_t plain = 0;
  for (size_t i = 0; i < batches.size(); ++i) {
    set_caps(true);
    EXPECT_EQ(gst_harness_push(feeder.get(), batches[i].release()), GST_FLOW_OK);
    set_caps(false);
    for (int k = 0; k < 3; ++k, ++plain) feeder.Push(source.Next(Timestamp()).bytes);
  }
  ASSERT_TRUE(log.WaitForPackets(caught + plain)) << log.packets().size();
  EXPECT_EQ(Unbroken(log.packets()), "");
}

// Two routers in a row.
class Pair : public testing::Test {
 protected:
  Pair() {
    back_.Play();
    front_.Play();
    feeder_.Start();
  }

  // Linked before there is a reader, which is bound to it then.
  PadRef LinkedSink() {
    PadRef sink = PadRef::Adopt(gst_element_request_pad_simple(back_.get(), "sink_0"));
    EXPECT_EQ(gst_pad_link(src_.get(), sink.get()), GST_PAD_LINK_OK);
    return sink;
  }

  Stage front_{"sfurouter", "front"};
  Stage back_{"sfurouter", "back"};
  Feeder feeder_{front_.get(), "sink_0", kVp8Caps};
  PadRef src_ = PadRef::Adopt(gst_element_request_pad_simple(front_.get(), "src_0"));
  PadRef sink_ = LinkedSink();
  Reader reader_{back_.get(), "src_0", "application/x-rtp"};
};

// The peer becomes another one while the stream flows: one of ours, a foreign one, and back.
TEST_F(Pair, ARelinkedPadGoesOnWithoutAHole) {
  Reader first(front_.get(), "src_1", "application/x-rtp");
  const PadLog whole(first.peer().get());
  const PadLog behind(reader_.peer().get());
  const ElementRef foreign = MakeElement("fakesink");
  g_object_set(foreign.get(), "async", FALSE, "sync", FALSE, nullptr);
  gst_element_set_state(foreign.get(), GST_STATE_PLAYING);
  const PadRef plain = PadRef::Adopt(gst_element_get_static_pad(foreign.get(), "sink"));
  size_t sent = feeder_.PushFrame(true).size();
  size_t passed = sent;
  ASSERT_TRUE(behind.WaitForPackets(passed));
  for (int i = 0; i < 4; ++i) {
    const bool to_foreign = i % 2 == 0;
    const PadRef& from = to_foreign ? sink_ : plain;
    const PadRef& to = to_foreign ? plain : sink_;
    ASSERT_TRUE(gst_pad_unlink(src_.get(), from.get()));
    ASSERT_EQ(gst_pad_link(src_.get(), to.get()), GST_PAD_LINK_OK);
    // Now it is known on the Worker.
    Stat(src_.get(), "packetsForwarded");
    const uint64_t before = Stat(src_.get(), "packetsSent");
    // Where they arrive: what has only left may still be led to the next peer.
    const PadLog log(plain.get());
    const size_t count = feeder_.PushFrame(true).size() + feeder_.PushFrame().size();
    sent += count;
    if (to_foreign) {
      EXPECT_TRUE(log.WaitForPackets(count));
      EXPECT_EQ(Unbroken(log.packets()), "");
    } else {
      EXPECT_TRUE(behind.WaitForPackets(passed += count));
      EXPECT_EQ(behind.packets().size(), passed);
    }
    EXPECT_EQ(HasBatches(src_), !to_foreign) << i;
    EXPECT_EQ(Stat(src_.get(), "packetsSent"), before + count) << i;
  }
  ASSERT_TRUE(whole.WaitForPackets(sent));
  EXPECT_EQ(Unbroken(whole.packets()), "");
  gst_pad_unlink(src_.get(), sink_.get());
  gst_element_set_state(foreign.get(), GST_STATE_NULL);
}

}  // namespace
}  // namespace sfu::test

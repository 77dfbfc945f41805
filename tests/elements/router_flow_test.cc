// sfurouter: ends of streams, and branches that fail or block.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>

#include "gate.h"
#include "harness.h"

namespace sfu::test {
namespace {

// One producer of VP8, two plain consumers.
class Flow : public testing::Test {
 protected:
  Flow() {
    router_.Play();
    feeder_.Start();
  }
  // A frame that both consumers get.
  void ExpectFrameAtBoth(bool key_frame) {
    const size_t count = feeder_.PushFrame(key_frame).size();
    ASSERT_EQ(first_.PullPackets(count).back().marker, true);
    ASSERT_EQ(second_.PullPackets(count).back().marker, true);
  }

  Stage router_{"sfurouter"};
  Feeder feeder_{router_.get(), "sink_0", kVp8Caps};
  Reader first_{router_.get(), "src_0", "application/x-rtp"};
  Reader second_{router_.get(), "src_1", "application/x-rtp"};
};

// Puts `chain` in front of what the harness's pad does with buffers.
class ChainHook {
 public:
  using Chain = std::function<GstFlowReturn()>;
  ChainHook(Reader& reader, Chain chain) : pad_(reader.pad()), chain_(std::move(chain)) {
    pad_->chaindata = this;
    gst_pad_set_chain_function_full(pad_, &ChainHook::Call, this, nullptr);
  }

 private:
  static GstFlowReturn Call(GstPad* pad, GstObject*, GstBuffer* buffer) {
    gst_buffer_unref(buffer);
    return static_cast<ChainHook*>(pad->chaindata)->chain_();
  }
  GstPad* const pad_;
  const Chain chain_;
};

TEST_F(Flow, EndOfStreamComesBehindTheData) {
  const size_t count = feeder_.PushFrame(true).size();
  feeder_.PushEvent(gst_event_new_eos());
  for (Reader* reader : {&first_, &second_}) {
    ASSERT_TRUE(reader->WaitFor(GST_EVENT_EOS));
    EXPECT_EQ(reader->received(), count);
  }
}

TEST_F(Flow, EndOfOneProducerLeavesTheOthers) {
  Feeder sound(router_.get(), "sink_1", kOpusCaps);
  Reader ear(router_.get(), "src_2", "application/x-rtp,media=audio");
  sound.Start();
  feeder_.PushEvent(gst_event_new_eos());
  ASSERT_TRUE(first_.WaitFor(GST_EVENT_EOS));
  OpusSource source;
  sound.Push(source.Next(Timestamp()).bytes);
  EXPECT_EQ(ear.PullPacket().payload_type, 111);
}

TEST_F(Flow, ReleasedProducerEndsItsConsumers) {
  ExpectFrameAtBoth(true);
  auto extra = std::make_unique<Feeder>(router_.get(), "sink_3", kOpusCaps);
  Reader ear(router_.get(), "src_2", "application/x-rtp,media=audio");
  extra->Start();
  OpusSource source;
  extra->Push(source.Next(Timestamp()).bytes);
  ear.PullPacket();
  extra.reset();
  EXPECT_TRUE(ear.WaitFor(GST_EVENT_EOS));
  ExpectFrameAtBoth(false);
}

// As gst-launch-1.0 -e sends it: to the element.
TEST_F(Flow, EndSentToTheElementReachesUnboundPads) {
  Reader unbound(router_.get(), "src_2", "application/x-rtp,media=audio");
  Stat(unbound.peer().get(), "packetsSent");
  EXPECT_TRUE(gst_element_send_event(router_.get(), gst_event_new_eos()));
  EXPECT_TRUE(unbound.WaitFor(GST_EVENT_EOS));
}

TEST(RouterEnd, PipelineWithAnUnboundPadEnds) {
  Pipeline pipeline(
      "videotestsrc is-live=true ! video/x-raw,width=64,height=48,framerate=30/1 ! "
      "vp8enc deadline=1 ! rtpvp8pay ! r.sink_0 sfurouter name=r "
      "r.src_0 ! rtpvp8depay ! fakesink name=out sync=false async=false "
      "r.src_1 ! rtpopusdepay ! fakesink sync=false async=false");
  ASSERT_TRUE(pipeline.ok()) << pipeline.error();
  pipeline.SetState(GST_STATE_PLAYING);
  gst_element_send_event(pipeline.get(), gst_event_new_eos());
  const MessageRef end =
      pipeline.WaitForMessage(static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  ASSERT_TRUE(end);
  EXPECT_EQ(GST_MESSAGE_TYPE(end.get()), GST_MESSAGE_EOS) << TextOf(end);
}

TEST_F(Flow, BadPacketsAreDroppedAndCounted) {
  ExpectFrameAtBoth(true);
  for (const Bytes& bad : {Bytes{}, Bytes(11), Bytes(2000, 0x80), Bytes(12, 0x40)}) {
    EXPECT_EQ(feeder_.Push(bad), GST_FLOW_OK);
  }
  ExpectFrameAtBoth(false);
  EXPECT_EQ(Stat(feeder_.peer().get(), "packetsDropped"), 4U);
}

// What one receiver says of itself is its own affair.
TEST_F(Flow, OneReceiverFailsAlone) {
  for (const GstFlowReturn answer :
       {GST_FLOW_FLUSHING, GST_FLOW_EOS, GST_FLOW_NOT_LINKED, GST_FLOW_ERROR,
        GST_FLOW_NOT_NEGOTIATED, GST_FLOW_CUSTOM_ERROR}) {
    Reader bad(router_.get(), "src_%u", "application/x-rtp");
    std::atomic<int> calls{0};
    {
      const ChainHook hook(bad, [&calls, answer] {
        ++calls;
        calls.notify_all();
        return answer;
      });
      ExpectFrameAtBoth(true);
      ExpectFrameAtBoth(false);
      // Its thread is its own: it may come to the frames later.
      calls.wait(0);
      gst_element_release_request_pad(router_.get(), bad.peer().get());
    }
  }
  EXPECT_FALSE(router_.PopMessage(GST_MESSAGE_ERROR));
}

TEST_F(Flow, ABlockedReceiverHoldsUpNobodyAndGoesOnAtAKeyFrame) {
  g_object_set(first_.peer().get(), "max-queue-packets", 10, nullptr);
  ExpectFrameAtBoth(true);
  Gate gate;
  const gulong probe = gate.Guard(first_.pad());
  feeder_.PushFrame();
  gate.WaitForVisitor();
  second_.PullPackets(3);
  for (int i = 0; i < 20; ++i) {
    second_.PullPackets(feeder_.PushFrame().size());
  }
  EXPECT_GT(Stat(first_.peer().get(), "packetsDropped"), 0U);
  EXPECT_EQ(Stat(first_.peer().get(), "queueOverflows"), 1U);
  EXPECT_EQ(Stat(second_.peer().get(), "packetsDropped"), 0U);
  gst_pad_remove_probe(first_.pad(), probe);
  gate.Open();
  while (Stat(first_.peer().get(), "packetsQueued") > 0) first_.Pull();
  // It asks for a key frame by itself, and takes nothing else.
  bool discont = false;
  feeder_.PushFrame();
  const auto key = feeder_.PushFrame(true);
  while (const BufferRef buffer = first_.Pull()) {
    if (ReadPacket(buffer.get()).payload.size() == key[0].bytes.size() - 12 &&
        GST_BUFFER_FLAG_IS_SET(buffer.get(), GST_BUFFER_FLAG_DISCONT)) {
      discont = true;
      break;
    }
  }
  EXPECT_TRUE(discont);
  const MessageRef told = router_.WaitForMessage(GST_MESSAGE_ELEMENT);
  EXPECT_TRUE(told);
}

TEST_F(Flow, ABlockingProbeHoldsUpOnlyItsOwnPad) {
  ExpectFrameAtBoth(true);
  Gate seen;
  const PadRef pad = first_.peer();
  const gulong probe = gst_pad_add_probe(
      pad.get(), GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM,
      [](GstPad*, GstPadProbeInfo*, gpointer data) {
        static_cast<Gate*>(data)->Open();
        return GST_PAD_PROBE_OK;
      },
      &seen, nullptr);
  const size_t count = feeder_.PushFrame().size();
  seen.WaitForVisitor();
  second_.PullPackets(count);
  second_.PullPackets(feeder_.PushFrame().size());
  gst_pad_remove_probe(pad.get(), probe);
  EXPECT_EQ(first_.PullPackets(2 * count).size(), 2 * count) << "what came meanwhile waits";
}

// The same between two of our own elements, where the Worker pushes itself.
TEST(RouterProbes, ABlockedLinkBetweenOurElementsStopsNoWorker) {
  Stage front("sfurouter", "front");
  Stage back("sfurouter", "back");
  Feeder feeder(front.get(), "sink_0", kVp8Caps);
  Reader open(front.get(), "src_0", "application/x-rtp");
  const PadRef src = PadRef::Adopt(gst_element_request_pad_simple(front.get(), "src_1"));
  const PadRef sink = PadRef::Adopt(gst_element_request_pad_simple(back.get(), "sink_0"));
  ASSERT_EQ(gst_pad_link(src.get(), sink.get()), GST_PAD_LINK_OK);
  Reader behind(back.get(), "src_0", "application/x-rtp");
  back.Play();
  front.Play();
  feeder.Start();
  size_t count = feeder.PushFrame(true).size();
  open.PullPackets(count);
  behind.PullPackets(count);
  const gulong probe = gst_pad_add_probe(
      src.get(), GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM,
      [](GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_OK; }, nullptr, nullptr);
  for (int i = 0; i < 5; ++i) open.PullPackets(feeder.PushFrame().size());
  gst_pad_remove_probe(src.get(), probe);
  EXPECT_EQ(behind.PullPackets(5 * count).size(), 5 * count);
  EXPECT_EQ(behind.PullPackets(feeder.PushFrame().size()).size(), count);
}

}  // namespace
}  // namespace sfu::test

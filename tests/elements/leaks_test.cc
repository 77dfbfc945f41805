// Pipelines of both elements, made, played and taken down again and again: of what they made,
// GStreamer's leaks tracer must list nothing afterwards.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "actions.h"
#include "live_objects.h"
#include "pipeline.h"

namespace sfu::test {
namespace {

constexpr int kRounds = 4;
constexpr char kVideo[] =
    "videotestsrc is-live=true ! video/x-raw,width=64,height=48,framerate=100/1 ! "
    "vp8enc deadline=1 keyframe-max-dist=10 ! rtpvp8pay ! ";
constexpr char kVp8Caps[] =
    "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000";
constexpr char kSound[] = "audiotestsrc is-live=true ! opusenc ! rtpopuspay ! ";

// A frame has come out of `element`. May go before its pipeline.
class FirstFrame {
 public:
  FirstFrame(const Pipeline& pipeline, const char* element) {
    OnBuffers(pipeline.Element(element), "src", [came = came_](guint) { *came = true; });
  }
  void Await() {
    EXPECT_TRUE(WaitUntil([this] { return came_->load(); }));
  }

 private:
  std::shared_ptr<std::atomic<bool>> came_ = std::make_shared<std::atomic<bool>>(false);
};

class LeaksTest : public testing::Test {
 protected:
  void SetUp() override {
    gst_init(nullptr, nullptr);
    ASSERT_TRUE(HasLeaksTracer()) << "GST_TRACERS=leaks is not set";
  }
};

TEST_F(LeaksTest, TheTracerSeesWhatIsKept) {
  GstCaps* caps = gst_caps_new_empty_simple("application/x-kept");
  EXPECT_NE(LiveObjects().find("application/x-kept"), std::string::npos) << LiveObjects();
  gst_caps_unref(caps);
  ExpectNothingLives();
}

TEST_F(LeaksTest, RoomWithSoundAndPicture) {
  for (int round = 0; round < kRounds; ++round) {
    Pipeline room(std::string("sfurouter name=r ") + kVideo + "r.sink_0 " + kSound +
                  "r.sink_1 r.src_0 ! rtpvp8depay name=d ! fakesink async=false sync=false "
                  "r.src_1 ! rtpopusdepay ! fakesink async=false sync=false "
                  "r.src_2 ! queue ! fakesink async=false sync=false");
    FirstFrame frame(room, "d");
    ASSERT_TRUE(room.SetState(GST_STATE_PLAYING));
    frame.Await();
    // Some rounds end with the stream, others in its middle.
    if (round % 2 == 0) continue;
    gst_element_send_event(room.get(), gst_event_new_eos());
    EXPECT_TRUE(room.WaitFor(GST_MESSAGE_EOS));
  }
  ExpectNothingLives();
}

// Two pipelines joined over loopback, with a router behind the one that receives.
void RunLink(const std::string& receiver_srtp, const std::string& sender_srtp) {
  Pipeline receiver("plaintransport name=in address=127.0.0.1 " + receiver_srtp +
                    " src_0::caps=\"" + kVp8Caps +
                    "\" in.src_0 ! r.sink_0 sfurouter name=r r.src_0 ! rtpvp8depay name=d ! "
                    "fakesink async=false sync=false");
  FirstFrame frame(receiver, "d");
  ASSERT_TRUE(receiver.SetState(GST_STATE_PLAYING));
  guint port = 0;
  g_object_get(receiver.Element("in"), "local-port", &port, nullptr);
  Pipeline sender(std::string(kVideo) +
                  "out.sink_0 plaintransport name=out address=127.0.0.1 remote-address=127.0.0.1 "
                  "remote-port=" +
                  std::to_string(port) + " " + sender_srtp);
  ASSERT_TRUE(sender.SetState(GST_STATE_PLAYING));
  frame.Await();
}

TEST_F(LeaksTest, TransportsAndRouter) {
  for (int round = 0; round < kRounds; ++round) RunLink("", "");
  ExpectNothingLives();
}

TEST_F(LeaksTest, TransportsWithSrtp) {
  const std::string suite = "\"srtp,crypto-suite=AES_CM_128_HMAC_SHA1_80,key-base64=(string)";
  const std::string there = suite + "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd\"";
  const std::string back = suite + "HRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA\"";
  const auto parameters = [](const std::string& local, const std::string& remote) {
    return "local-srtp-parameters=" + local + " remote-srtp-parameters=" + remote;
  };
  for (int round = 0; round < kRounds; ++round) {
    RunLink("comedia=true " + parameters(back, there), parameters(there, back));
  }
  ExpectNothingLives();
}

// Those of the network's own, which end with their element or before it.
TEST_F(LeaksTest, PadsOfReports) {
  for (int round = 0; round < kRounds; ++round) {
    Pipeline pipeline(
        "plaintransport name=t address=127.0.0.1 t.rtcp_src_0 ! fakesink async=false sync=false "
        "fakesrc num-buffers=1 ! application/x-rtcp ! t.rtcp_sink_0");
    ASSERT_TRUE(pipeline.SetState(GST_STATE_PLAYING));
    if (round % 2 == 0) continue;
    GstElement* transport = pipeline.Element("t");
    GstPad* pad = gst_element_get_static_pad(transport, "rtcp_src_0");
    gst_element_release_request_pad(transport, pad);
    gst_object_unref(pad);
  }
  ExpectNothingLives();
}

// Negotiated pads, half of which are closed and half of which go with their elements.
TEST_F(LeaksTest, ProducersAndConsumersByJson) {
  for (int round = 0; round < kRounds; ++round) {
    Pipeline room("sfurouter name=r plaintransport name=in plaintransport name=out");
    GstElement* router = room.Element("r");
    ASSERT_TRUE(room.SetState(GST_STATE_PLAYING));
    const Json capabilities = Capabilities(router);
    for (uint32_t i = 1; i <= 4; ++i) {
      const std::string id = "cam" + std::to_string(i);
      EXPECT_TRUE(Call(router, "produce", room.Element("in"), ProduceVp8(id, i)).ok());
      EXPECT_FALSE(Call(router, "produce", room.Element("in"), ProduceVp8(id, i)).ok());
      const Answer consumer = Call(router, "consume", room.Element("out"),
                                   Json{{"producerId", id}, {"rtpCapabilities", capabilities}});
      EXPECT_TRUE(consumer.ok()) << consumer.error;
      if (i % 2 == 0) continue;
      EXPECT_TRUE(CallText(router, "close-consumer", consumer.value()["id"]).ok());
      EXPECT_TRUE(CallText(router, "close-producer", id).ok());
    }
  }
  ExpectNothingLives();
}

// A viewer joins a room that plays, and leaves it.
void JoinAndLeave(const Pipeline& room) {
  GstElement* bin = gst_parse_bin_from_description(
      "rtpvp8depay name=late ! fakesink async=false sync=false", TRUE, nullptr);
  gst_bin_add(GST_BIN(room.get()), bin);
  FirstFrame frame(room, "late");
  GstPad* source = gst_element_request_pad_simple(room.Element("r"), "src_%u");
  GstPad* sink = gst_element_get_static_pad(bin, "sink");
  EXPECT_EQ(gst_pad_link(source, sink), GST_PAD_LINK_OK);
  gst_element_sync_state_with_parent(bin);
  frame.Await();
  gst_element_release_request_pad(room.Element("r"), source);
  gst_object_unref(source);
  gst_object_unref(sink);
  gst_element_set_state(bin, GST_STATE_NULL);
  gst_bin_remove(GST_BIN(room.get()), bin);
}

TEST_F(LeaksTest, ViewersThatComeAndGo) {
  {
    Pipeline room(std::string("sfurouter name=r ") + kVideo +
                  "r.sink_0 r.src_0 ! rtpvp8depay name=d ! fakesink async=false sync=false");
    FirstFrame frame(room, "d");
    ASSERT_TRUE(room.SetState(GST_STATE_PLAYING));
    frame.Await();
    for (int round = 0; round < kRounds; ++round) JoinAndLeave(room);
  }
  ExpectNothingLives();
}

// A change of states may still hold a pad that has just been released, and activate it.
TEST_F(LeaksTest, PadsReleasedWhileStatesChange) {
  {
    Pipeline room("sfurouter name=r");
    GstElement* router = room.Element("r");
    std::atomic<bool> stop{false};
    std::thread states([router, &stop] {
      for (bool play = true; !stop; play = !play) {
        gst_element_set_state(router, play ? GST_STATE_PLAYING : GST_STATE_READY);
      }
    });
    for (int i = 0; i < 1000; ++i) {
      GstPad* peer = gst_pad_new("sink", GST_PAD_SINK);
      GstPad* pad = gst_element_request_pad_simple(router, "src_%u");
      EXPECT_EQ(gst_pad_link(pad, peer), GST_PAD_LINK_OK);
      gst_element_release_request_pad(router, pad);
      gst_object_unref(pad);
      gst_object_unref(peer);
    }
    stop = true;
    states.join();
  }
  ExpectNothingLives();
}

TEST_F(LeaksTest, OnePipelineStartedAgainAndAgain) {
  {
    Pipeline room(std::string("sfurouter name=r ") + kVideo +
                  "r.sink_0 r.src_0 ! rtpvp8depay name=d ! fakesink async=false sync=false "
                  "r.src_1 ! t.sink_0 plaintransport name=t address=127.0.0.1 "
                  "remote-address=127.0.0.1 remote-port=9");
    for (int round = 0; round < kRounds; ++round) {
      FirstFrame frame(room, "d");
      ASSERT_TRUE(room.SetState(GST_STATE_PLAYING));
      frame.Await();
      ASSERT_TRUE(room.SetState(round % 2 == 0 ? GST_STATE_READY : GST_STATE_NULL));
    }
  }
  ExpectNothingLives();
}

}  // namespace
}  // namespace sfu::test

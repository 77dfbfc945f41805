// Simulcast through webrtctransport: three encodings by RID become one pad, and whoever takes one
// stream gets the best that comes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "webrtc_client.h"

namespace sfu::test {
namespace {

// So long an encoding may be silent before the next lower one takes over, with much to spare.
constexpr TimeDelta kFallBack = TimeDelta::Seconds(5);
constexpr TimeDelta kFrame = TimeDelta::Millis(20);

// What the payload descriptor of a source adds to what it is told is part of the payload.
size_t EncodingOf(size_t payload_size) { return (payload_size + 100) / 300 - 1; }

// A client that sends as long as it is told to, and answers key-frame requests as an encoder does.
class Camera {
 public:
  explicit Camera(WebRtcClient* client) : client_(client) {}

  // One frame of each encoding in `encodings`, then a little time.
  void Send(std::initializer_list<size_t> encodings) {
    for (const size_t encoding : encodings) {
      const uint32_t plis = client_->plis_received(WebRtcClient::EncodingSsrc(encoding));
      const bool key_frame = frames_[encoding]++ == 0 || plis != plis_[encoding];
      plis_[encoding] = plis;
      client_->SendEncoding(encoding, key_frame);
    }
    g_usleep(static_cast<gulong>(kFrame.ns() / 1000));
  }
  template <typename Condition>
  bool SendUntil(std::initializer_list<size_t> encodings, Condition condition) {
    const Timestamp end = Worker::Now() + kFallBack;
    while (!condition() && Worker::Now() < end) Send(encodings);
    return condition();
  }

 private:
  WebRtcClient* const client_;
  std::array<uint32_t, 3> plis_{};
  std::array<size_t, 3> frames_{};
};

std::vector<GstStructure*> Encodings(GstStructure* stats) {
  std::vector<GstStructure*> found;
  const GValue* all = gst_structure_get_value(stats, "encodings");
  for (guint i = 0; all != nullptr && i < gst_value_array_get_size(all); ++i) {
    found.push_back(
        static_cast<GstStructure*>(g_value_get_boxed(gst_value_array_get_value(all, i))));
  }
  return found;
}

uint64_t Field(const GstStructure* s, const char* name) {
  guint64 value = 0;
  gst_structure_get_uint64(s, name, &value);
  return value;
}

class WebRtcSimulcast : public WebRtcTest {
 protected:
  // Reads what is there, and says which encoding the newest packet is of.
  static std::optional<size_t> Newest(Reader& reader, std::vector<SeenPacket>* all) {
    while (auto* buffer = gst_harness_try_pull(reader.get())) {
      all->push_back(ReadPacket(BufferRef::Adopt(buffer).get()));
    }
    if (all->empty()) return std::nullopt;
    return EncodingOf(all->back().payload.size());
  }
};

TEST_F(WebRtcSimulcast, AForeignBranchGetsTheBestThatComes) {
  Connect();
  const Answer answer = Call(stage_.get(), "produce", ClientProducesSimulcast());
  ASSERT_TRUE(answer.ok()) << answer.error;
  EXPECT_EQ(answer.value()["type"], "simulcast");
  Reader reader(stage_.get(), "src_0", "application/x-rtp");
  g_object_set(reader.peer().get(), "latency", 0, nullptr);
  Camera camera(client_.get());
  std::vector<SeenPacket> seen;
  const auto is = [&](size_t encoding) {
    return [&, encoding] { return Newest(reader, &seen) == encoding; };
  };
  EXPECT_TRUE(camera.SendUntil({0, 1, 2}, is(2)));
  EXPECT_TRUE(camera.SendUntil({0, 1}, is(1))) << "the highest stopped";
  EXPECT_TRUE(camera.SendUntil({0}, is(0)));
  EXPECT_TRUE(camera.SendUntil({0, 1, 2}, is(2))) << "it came back";
  // For the branch it is one stream.
  for (size_t i = 1; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].ssrc, seen[0].ssrc);
    EXPECT_EQ(static_cast<uint16_t>(seen[i].sequence_number - seen[i - 1].sequence_number), 1);
    const auto step = static_cast<int32_t>(seen[i].timestamp - seen[i - 1].timestamp);
    EXPECT_GT(step, 0);
    EXPECT_LT(step, 90'000 * 3);
  }
  const CapsRef caps = CapsRef::Adopt(gst_pad_get_current_caps(reader.pad()));
  guint ssrc = 0;
  gst_structure_get_uint(gst_caps_get_structure(caps.get(), 0), "ssrc", &ssrc);
  EXPECT_EQ(ssrc, seen[0].ssrc);
  EXPECT_FALSE(gst_structure_has_field(gst_caps_get_structure(caps.get(), 0), "encodings"));
}

TEST_F(WebRtcSimulcast, KeyFramesAreAskedOfTheEncodingThatIsForwarded) {
  Connect();
  ASSERT_TRUE(Call(stage_.get(), "produce", ClientProducesSimulcast()).ok());
  Reader reader(stage_.get(), "src_0", "application/x-rtp");
  g_object_set(reader.peer().get(), "latency", 0, nullptr);
  Camera camera(client_.get());
  std::vector<SeenPacket> seen;
  ASSERT_TRUE(camera.SendUntil({0, 1, 2}, [&] { return Newest(reader, &seen) == 2; }));
  const auto plis = [&](size_t encoding) {
    return client_->plis_received(WebRtcClient::EncodingSsrc(encoding));
  };
  const std::array<uint32_t, 3> before = {plis(0), plis(1), plis(2)};
  gst_pad_push_event(reader.pad(), UpstreamEvent("GstForceKeyUnit").release());
  EXPECT_TRUE(camera.SendUntil({0, 1, 2}, [&] { return plis(2) > before[2]; }));
  EXPECT_EQ(plis(0), before[0]);
  EXPECT_EQ(plis(1), before[1]);
}

TEST_F(WebRtcSimulcast, StatsShowEachStream) {
  Connect();
  ASSERT_TRUE(Call(stage_.get(), "produce", ClientProducesSimulcast()).ok());
  Reader reader(stage_.get(), "src_0", "application/x-rtp");
  Camera camera(client_.get());
  std::vector<SeenPacket> seen;
  ASSERT_TRUE(camera.SendUntil({0, 1, 2}, [&] { return Newest(reader, &seen) == 2; }));
  GstStructure* stats = Get<GstStructure*>(reader.peer().get(), "stats");
  const auto streams = Encodings(stats);
  ASSERT_EQ(streams.size(), 3U);
  uint64_t sum = 0;
  for (size_t i = 0; i < streams.size(); ++i) {
    EXPECT_STREQ(gst_structure_get_string(streams[i], "rid"), kClientRids[i]);
    guint ssrc = 0;
    gst_structure_get_uint(streams[i], "ssrc", &ssrc);
    EXPECT_EQ(ssrc, WebRtcClient::EncodingSsrc(i));
    EXPECT_GT(Field(streams[i], "packetsReceived"), 0U);
    sum += Field(streams[i], "packetsReceived");
  }
  EXPECT_EQ(Field(stats, "packetsReceived"), sum);
  gst_structure_free(stats);
  EXPECT_GT(Get<guint>(reader.peer().get(), "score"), 0U);
}

TEST_F(WebRtcSimulcast, WrongEncodingsNameTheField) {
  Json request = ClientProducesSimulcast();
  request["rtpParameters"]["encodings"][2]["rid"] = "l";
  EXPECT_THAT(Call(stage_.get(), "produce", request).error,
              testing::StartsWith("rtpParameters.encodings[2]"));
  request = ClientProducesSimulcast();
  request["rtpParameters"]["codecs"].push_back(
      {{"mimeType", "video/VP9"}, {"payloadType", 98}, {"clockRate", 90000}});
  request["rtpParameters"]["encodings"][1]["codecPayloadType"] = 98;
  EXPECT_THAT(Call(stage_.get(), "produce", request).error,
              testing::StartsWith("rtpParameters.encodings[1].codecPayloadType"));
  request = ClientProducesSimulcast();
  for (int i = 0; i < 6; ++i) {
    request["rtpParameters"]["encodings"].push_back({{"rid", "x" + std::to_string(i)}});
  }
  EXPECT_THAT(Call(stage_.get(), "produce", request).error,
              testing::StartsWith("rtpParameters.encodings"));
  EXPECT_EQ(stage_.get()->numsrcpads, 0U);
  EXPECT_TRUE(Call(stage_.get(), "produce", ClientProducesSimulcast()).ok());
}

TEST_F(WebRtcSimulcast, SvcIsOneStream) {
  Connect();
  Json request = ClientProduces();
  request["rtpParameters"]["encodings"][0]["scalabilityMode"] = "L1T3";
  const Answer answer = Call(stage_.get(), "produce", request);
  ASSERT_TRUE(answer.ok()) << answer.error;
  EXPECT_EQ(answer.value()["type"], "svc");
  Reader reader(stage_.get(), "src_0", "application/x-rtp");
  const size_t count = client_->SendFrame(true);
  EXPECT_EQ(reader.PullPackets(count).size(), count);
}

// By a router, and without one: pad to pad.
class SimulcastViewer : public testing::TestWithParam<bool> {};

TEST_P(SimulcastViewer, GetsTheBestThatComes) {
  const bool routed = GetParam();
  WebRtcRoom room;
  if (routed) {
    const Answer consumed = room.Route(ClientProducesSimulcast());
    ASSERT_TRUE(consumed.ok()) << consumed.error;
    EXPECT_EQ(consumed.value()["type"], "simulcast");
    EXPECT_EQ(GetString(room.FindPad("r", "sink_0").get(), "type"), "simulcast");
    EXPECT_EQ(GetString(room.FindPad("r", "src_0").get(), "type"), "simulcast");
  } else {
    ASSERT_TRUE(Call(room.in().get(), "produce", ClientProducesSimulcast()).ok());
    ASSERT_TRUE(gst_element_link_pads(room.in().get(), "src_0", room.out().get(), "sink_0"));
    RtpCodec codec = ClientCodec();
    codec.rtx_payload_type = -1;
    room.viewer->Receive(codec, 0);
  }
  WebRtcClient& viewer = *room.viewer;
  Camera camera(&*room.publisher);
  const auto is = [&](size_t encoding) {
    return [&, encoding] {
      return viewer.received() > 0 && EncodingOf(viewer.last_size()) == encoding;
    };
  };
  EXPECT_TRUE(camera.SendUntil({0, 1, 2}, is(2)));
  EXPECT_TRUE(camera.SendUntil({0, 1}, is(1)));
  EXPECT_TRUE(camera.SendUntil({0, 1, 2}, is(2)));
  if (!routed) return;
  GstStructure* stats = Get<GstStructure*>(room.FindPad("r", "sink_0").get(), "stats");
  const auto streams = Encodings(stats);
  ASSERT_EQ(streams.size(), 3U);
  EXPECT_GT(Field(streams[2], "keyFramesReceived"), 0U);
  gst_structure_free(stats);
}

INSTANTIATE_TEST_SUITE_P(Ways, SimulcastViewer, testing::Values(true, false),
                         [](const auto& way) { return way.param ? "Routed" : "PadToPad"; });

}  // namespace
}  // namespace sfu::test

// What webrtctransport shows of itself: dump, trace events; and the limits of what it sends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "webrtc_client.h"

namespace sfu::test {
namespace {

using testing::StartsWith;

Json Dump(GstElement* element) { return Json::parse(GetString(element, "dump")); }

class WebRtcInspect : public WebRtcTest {
 protected:
  Answer SetRate(const char* action, guint rate) {
    GstStructure* answer = nullptr;
    g_signal_emit_by_name(stage_.get(), action, rate, &answer);
    return ReadAnswer(answer);
  }
  // The types of a pad's trace messages, until those are among them. The client sends meanwhile.
  std::set<std::string> Traced(const std::set<std::string>& wanted, Reader& reader) {
    std::set<std::string> types;
    const auto done = [&] {
      return std::includes(types.begin(), types.end(), wanted.begin(), wanted.end());
    };
    for (int i = 0; i < 4000 && !done(); ++i) {
      client_->SendFrame(i % 10 == 0);
      reader.Pull();
      g_usleep(5'000);
      while (const MessageRef message = stage_.PopMessage(GST_MESSAGE_ELEMENT)) {
        const GstStructure* s = gst_message_get_structure(message.get());
        if (!gst_structure_has_name(s, "sfu-trace")) continue;
        EXPECT_STREQ(gst_structure_get_string(s, "pad"), "src_0");
        guint ssrc = 0;
        gst_structure_get_uint(s, "ssrc", &ssrc);
        EXPECT_EQ(ssrc, kClientSsrc);
        types.insert(gst_structure_get_string(s, "type"));
      }
    }
    return types;
  }
};

TEST_F(WebRtcInspect, DumpBeforeAnythingIsThere) {
  const Json dump = Dump(stage_.get());
  EXPECT_TRUE(dump["producerIds"].empty());
  EXPECT_FALSE(dump.contains("iceState"));
}

TEST_F(WebRtcInspect, DumpShowsWhatThereIs) {
  Connect();
  ASSERT_TRUE(Call(stage_.get(), "produce", ClientProducesSimulcast()).ok());
  Reader reader(stage_.get(), "src_0", "application/x-rtp");
  client_->SendEncoding(1, true);
  ASSERT_TRUE(reader.Pull());
  const Json dump = Dump(stage_.get());
  EXPECT_EQ(dump["producerIds"], Json({"cam"}));
  EXPECT_EQ(dump["iceRole"], "controlled");
  EXPECT_EQ(dump["iceState"], "completed");
  EXPECT_EQ(dump["dtlsState"], "connected");
  EXPECT_EQ(dump["dtlsParameters"]["role"], "server");
  EXPECT_TRUE(dump["iceParameters"]["iceLite"].get<bool>());
  EXPECT_EQ(dump["iceSelectedTuple"]["protocol"], "udp");
  EXPECT_EQ(dump["recvRtpHeaderExtensions"], Json({{"mid", 1}, {"rid", 2}, {"rrid", 3}}));
  const Json& listener = dump["rtpListener"];
  EXPECT_EQ(listener["ssrcTable"],
            Json::array({{{"key", WebRtcClient::EncodingSsrc(1)}, {"value", "cam"}}}));
  EXPECT_EQ(listener["midTable"], Json::array({{{"key", "0"}, {"value", "cam"}}}));
  EXPECT_EQ(listener["ridTable"].size(), kClientRids.size());
}

TEST_F(WebRtcInspect, DumpShowsConsumers) {
  Feeder feeder(stage_.get(), "sink_0", kVp8Caps);
  stage_.Play();
  feeder.Start();
  feeder.PushFrame(true);
  feeder.WaitForWorker();
  EXPECT_EQ(Dump(stage_.get())["consumerIds"], Json({"sink_0"}));
  EXPECT_EQ(Dump(stage_.get())["mapSsrcConsumerId"].size(), 1U);
}

TEST_F(WebRtcInspect, TraceTypesOfASourcePad) {
  Connect();
  ASSERT_TRUE(Call(stage_.get(), "produce", ClientProduces()).ok());
  Reader reader(stage_.get(), "src_0", "application/x-rtp");
  const PadRef pad = reader.peer();
  gst_util_set_object_arg(G_OBJECT(pad.get()), "trace-types", "rtp+keyframe+sr");
  reader.WaitForWorker();
  EXPECT_EQ(Traced({"keyframe", "rtp", "sr"}, reader),
            (std::set<std::string>{"keyframe", "rtp", "sr"}));
  gst_util_set_object_arg(G_OBJECT(pad.get()), "trace-types", "pli");
  reader.WaitForWorker();
  gst_pad_push_event(reader.pad(), UpstreamEvent("GstForceKeyUnit").release());
  EXPECT_TRUE(Traced({"pli"}, reader).contains("pli"));
}

TEST_F(WebRtcInspect, LimitsOfTheOutgoingBitrate) {
  Connect();
  EXPECT_TRUE(SetRate("set-max-outgoing-bitrate", 400'000).ok());
  EXPECT_TRUE(SetRate("set-min-outgoing-bitrate", 100'000).ok());
  EXPECT_EQ(Stat(stage_.get(), "availableOutgoingBitrate"), 400'000U);
  EXPECT_EQ(Stat(stage_.get(), "maxOutgoingBitrate"), 400'000U);
  EXPECT_EQ(Stat(stage_.get(), "minOutgoingBitrate"), 100'000U);
  EXPECT_THAT(SetRate("set-max-outgoing-bitrate", 20'000).error,
              StartsWith("max-outgoing-bitrate:"));
  EXPECT_THAT(SetRate("set-min-outgoing-bitrate", 500'000).error,
              StartsWith("min-outgoing-bitrate:"));
  EXPECT_EQ(Get<guint>(stage_.get(), "max-outgoing-bitrate"), 400'000U);
  EXPECT_EQ(Get<guint>(stage_.get(), "min-outgoing-bitrate"), 100'000U);
  // A wrong value of the property warns, and changes nothing.
  g_object_set(stage_.get(), "max-outgoing-bitrate", 1U, nullptr);
  EXPECT_TRUE(stage_.WaitForMessage(GST_MESSAGE_WARNING));
  EXPECT_EQ(Get<guint>(stage_.get(), "max-outgoing-bitrate"), 400'000U);
}

TEST_F(WebRtcInspect, WhatComesBeforeProduceHasNoStreamYet) {
  Connect();
  client_->SendFrame(true);
  for (int i = 0; i < 1000 && Stat(stage_.get(), "dropped-unknown-ssrc") < 3; ++i) {
    g_usleep(2000);
  }
  EXPECT_EQ(Stat(stage_.get(), "dropped-unknown-ssrc"), 3U);
  EXPECT_FALSE(HasStat(stage_.get(), "dropped-unknown-payload-type"));
}

}  // namespace
}  // namespace sfu::test

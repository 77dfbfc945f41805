// webrtctransport: media of a browser to pads, and from pads to a browser.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "webrtc_client.h"

namespace sfu::test {
namespace {

class WebRtcMedia : public WebRtcTest {};

TEST_F(WebRtcMedia, WhatIsProducedComesOutOfItsPad) {
  Connect();
  const Answer answer = Call(stage_.get(), "produce", ClientProduces());
  ASSERT_TRUE(answer.ok()) << answer.error;
  EXPECT_EQ(answer.value()["pad"], "src_0");
  Reader reader(stage_.get(), "src_0", "application/x-rtp");
  const size_t count = client_->SendFrame(true);
  for (const SeenPacket& packet : reader.PullPackets(count)) {
    EXPECT_EQ(packet.ssrc, kClientSsrc);
    EXPECT_EQ(packet.payload_type, 96);
  }
}

TEST_F(WebRtcMedia, APadMayBeThereBeforeThePeer) {
  stage_.SetState(GST_STATE_READY);
  ASSERT_TRUE(Call(stage_.get(), "produce", ClientProduces()).ok());
  Connect();
  Reader reader(stage_.get(), "src_0", "application/x-rtp");
  const size_t count = client_->SendFrame(true);
  EXPECT_EQ(reader.PullPackets(count).size(), count);
}

TEST_F(WebRtcMedia, AskingForAKeyFrameReachesThePeer) {
  Connect();
  ASSERT_TRUE(Call(stage_.get(), "produce", ClientProduces()).ok());
  Reader reader(stage_.get(), "src_0", "application/x-rtp");
  client_->SendFrame(true);
  ASSERT_TRUE(reader.Pull());
  const uint32_t before = client_->plis_received();
  gst_pad_push_event(reader.pad(), UpstreamEvent("GstForceKeyUnit").release());
  for (int i = 0; i < 200 && client_->plis_received() == before; ++i) {
    client_->SendFrame();
    ASSERT_TRUE(reader.Pull());
  }
  EXPECT_GT(client_->plis_received(), before);
}

TEST_F(WebRtcMedia, ThePeerIsToldALimit) {
  Connect();
  ASSERT_TRUE(Call(stage_.get(), "produce", ClientProduces()).ok());
  Reader reader(stage_.get(), "src_0", "application/x-rtp");
  client_->SendFrame(true);
  ASSERT_TRUE(reader.Pull());
  GstStructure* answer = nullptr;
  g_signal_emit_by_name(stage_.get(), "set-max-incoming-bitrate", 500'000U, &answer);
  EXPECT_TRUE(ReadAnswer(answer).ok());
  EXPECT_EQ(Get<guint>(stage_.get(), "max-incoming-bitrate"), 500'000U);
  std::optional<DataRate> told;
  for (int i = 0; i < 1000 && !told; ++i) {
    client_->SendFrame();
    ASSERT_TRUE(reader.Pull());
    client_->OnWorker([&] { told = client_->peer().transport().session().Stats().remb; });
  }
  ASSERT_TRUE(told);
  EXPECT_NEAR(static_cast<double>(told->bps()), 500e3, 5e3);
}

TEST_F(WebRtcMedia, PausedNothingComesAndThenItGoesOn) {
  Connect();
  ASSERT_TRUE(Call(stage_.get(), "produce", ClientProduces()).ok());
  Reader reader(stage_.get(), "src_0", "application/x-rtp");
  client_->SendFrame(true);
  ASSERT_TRUE(reader.Pull());
  stage_.SetState(GST_STATE_READY);
  stage_.SetState(GST_STATE_PLAYING);
  EXPECT_EQ(GetString(stage_.get(), "dtls-state"), "connected");
  EXPECT_TRUE(reader.WaitFor(GST_EVENT_STREAM_START));
  client_->SendFrame(true);
  EXPECT_TRUE(reader.Pull());
}

// vp8enc ! rtpvp8pay ! webrtctransport.sink_0, with the encoder in the test's hands.
TEST_F(WebRtcMedia, AnEncoderFeedsAPad) {
  Feeder feeder(stage_.get(), "sink_0", kVp8Caps);
  Connect();
  feeder.Start();
  const auto sent = feeder.PushFrame(true);
  const Ssrc ssrc = ReadPacket(MakeBuffer(sent[0].bytes).get()).ssrc;
  RtpCodec codec = ClientCodec();
  codec.rtx_payload_type = -1;
  RtpReceiver* receiver = client_->Receive(codec, ssrc);
  // What was sent before is nobody's.
  const size_t count = feeder.PushFrame(true).size();
  EXPECT_TRUE(client_->WaitForPackets(count));
  // PLI from the browser reaches the encoder.
  client_->AskForKeyFrame(receiver);
  EXPECT_TRUE(feeder.WaitForUpstream("GstForceKeyUnit"));
}

TEST(WebRtcRouted, ARouterFeedsAConsumer) {
  WebRtcRoom room;
  const Answer consumed = room.Route(ClientProduces());
  ASSERT_TRUE(consumed.ok()) << consumed.error;
  size_t sent = 0;
  while (room.viewer->received() == 0 && sent < 3000) {
    sent += room.publisher->SendFrame(sent % 30 == 0);
  }
  EXPECT_TRUE(room.viewer->WaitForPackets(1));
}

TEST_F(WebRtcMedia, PadsComeAndGoUnderLoad) {
  // The last harness of an element would stop it.
  const Feeder keeper(stage_.get(), "sink_0", kVp8Caps);
  Connect();
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(Call(stage_.get(), "produce", ClientProduces()).ok()) << i;
    client_->SendFrame(true);
    if (i % 2 == 0) {
      Reader reader(stage_.get(), "src_0", "application/x-rtp");
      client_->SendFrame(true);
      ASSERT_TRUE(reader.Pull());
    }
    ASSERT_TRUE(CallText(stage_.get(), "close-producer", "cam").ok());
    EXPECT_EQ(stage_.get()->numsrcpads, 0U);
  }
}

TEST_F(WebRtcMedia, StatsSayWhatTheTransportIs) {
  g_object_set(stage_.get(), "initial-available-outgoing-bitrate", 1'500'000U, nullptr);
  Connect();
  ASSERT_TRUE(Call(stage_.get(), "produce", ClientProduces()).ok());
  Reader reader(stage_.get(), "src_0", "application/x-rtp");
  const size_t count = client_->SendFrame(true);
  reader.PullPackets(count);
  GstStructure* stats = Get<GstStructure*>(stage_.get(), "stats");
  EXPECT_STREQ(gst_structure_get_string(stats, "dtlsState"), "connected");
  EXPECT_STREQ(gst_structure_get_string(stats, "protocol"), "udp");
  EXPECT_TRUE(gst_structure_has_field(stats, "src_0"));
  gst_structure_free(stats);
  EXPECT_GE(Stat(stage_.get(), "packetsReceived"), count);
  EXPECT_EQ(Stat(stage_.get(), "availableOutgoingBitrate"), 1'500'000U);
}

}  // namespace
}  // namespace sfu::test

// What travels with a packet besides its payload: header extensions, and the sender's wall clock.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plain_peer.h"

namespace sfu::test {
namespace {

constexpr char kCaps[] =
    "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,"
    "extmap-5=urn:ietf:params:rtp-hdrext:ssrc-audio-level";

// A packet that is 6 dB below the loudest (RFC 6464), with an abs-send-time as id 3.
Bytes Loud(uint16_t sequence) {
  return BuildRtpPacket({.ssrc = 7,
                         .payload_type = 111,
                         .sequence_number = sequence,
                         .timestamp = sequence * 960U,
                         .extension = {0x50, 6, 0x32, 1, 2, 3},
                         .payload = Bytes(40, 0x78)});
}

// Behind the fixed header all is as in `sent`.
void ExpectSameBehindHeader(const Bytes& seen, const Bytes& sent) {
  ASSERT_GE(seen.size(), 12U);
  EXPECT_TRUE((seen[0] & 0x10) != 0) << "the extension bit";
  EXPECT_EQ(Bytes(seen.begin() + 12, seen.end()), Bytes(sent.begin() + 12, sent.end()));
}

Bytes BytesOf(GstBuffer* buffer) {
  Bytes bytes(buffer == nullptr ? 0 : gst_buffer_get_size(buffer));
  if (buffer != nullptr) gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
  return bytes;
}

bool Announces(GstPad* pad, const char* field) {
  const auto caps = CapsRef::Adopt(gst_pad_get_current_caps(pad));
  return caps && gst_structure_has_field(gst_caps_get_structure(caps.get(), 0), field);
}

TEST(Extensions, SurviveARouterBetweenPlainPads) {
  Stage router("sfurouter");
  Feeder feeder(router.get(), "sink_0", kCaps);
  Reader reader(router.get(), "src_0", "application/x-rtp");
  router.Play();
  feeder.Start();
  const Bytes sent = Loud(1);
  feeder.Push(sent);
  const BufferRef buffer = reader.Pull();
  ExpectSameBehindHeader(BytesOf(buffer.get()), sent);
  EXPECT_TRUE(Announces(reader.pad(), "extmap-5"));
  auto* stats = Get<GstStructure*>(feeder.peer().get(), "stats");
  gdouble level = 0;
  EXPECT_TRUE(gst_structure_get_double(stats, "audioLevel", &level));
  EXPECT_NEAR(level, 0.501, 0.001);
  gst_structure_free(stats);
}

TEST(Extensions, SurviveTheWayInFromTheNetwork) {
  PlainTransport transport;
  Reader reader(transport.get(), "src_0", "application/x-rtp");
  g_object_set(reader.peer().get(), "caps", MakeCaps(kCaps).get(), nullptr);
  transport.Play();
  reader.WaitForWorker();
  UdpPeer peer;
  const Bytes sent = Loud(1);
  peer.SendTo(transport.port(), sent);
  const BufferRef buffer = reader.Pull();
  ExpectSameBehindHeader(BytesOf(buffer.get()), sent);
  EXPECT_TRUE(Announces(reader.pad(), "extmap-5"));
}

// From a plain pad through a router, and as a batch to a transport.
TEST(Extensions, SurviveTheWayOutToTheNetwork) {
  UdpPeer peer;
  RouterToPeer pipeline(peer, kCaps);
  const Bytes sent = Loud(1);
  pipeline.feeder().Push(sent);
  ExpectSameBehindHeader(peer.ReceiveRtp(), sent);
}

TEST(SenderTime, IsOnTheBuffersOnceAReportHasCome) {
  PlainTransport transport;
  Reader reader(transport.get(), "src_0", "application/x-rtp");
  g_object_set(reader.peer().get(), "caps", MakeCaps(kVp8Caps).get(), nullptr);
  transport.Play();
  reader.WaitForWorker();
  UdpPeer peer;
  peer.SendTo(transport.port(), Video(1));
  const BufferRef before = reader.Pull();
  ASSERT_TRUE(before);
  EXPECT_EQ(gst_buffer_get_reference_timestamp_meta(before.get(), nullptr), nullptr);
  peer.SendTo(transport.port(), Report(7));
  peer.SendTo(transport.port(), Video(4));
  const BufferRef after = reader.Pull();
  ASSERT_TRUE(after);
  const CapsRef ntp = MakeCaps("timestamp/x-ntp");
  const GstReferenceTimestampMeta* meta =
      gst_buffer_get_reference_timestamp_meta(after.get(), ntp.get());
  ASSERT_NE(meta, nullptr);
  // Packet 4 is 9000 ticks of 90 kHz after what the report names.
  EXPECT_EQ(meta->timestamp, kReportSeconds * GST_SECOND + 100 * GST_MSECOND);
}

}  // namespace
}  // namespace sfu::test

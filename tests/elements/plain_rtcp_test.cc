// RTCP pads of plaintransport: what the peer says comes out, what the neighbour wants goes in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "base/bytes.h"
#include "plain_peer.h"

namespace sfu::test {
namespace {

// The packet type of the first message, and the SSRC of its sender.
std::pair<int, uint32_t> FirstMessage(GstBuffer* buffer) {
  GstMapInfo map;
  if (buffer == nullptr || !gst_buffer_map(buffer, &map, GST_MAP_READ)) return {};
  std::pair<int, uint32_t> first;
  if (map.size >= 8) first = {map.data[1], LoadBe32(map.data + 4)};
  gst_buffer_unmap(buffer, &map);
  return first;
}

TEST(PlainRtcp, ReportsOfThePeerComeOutWithTimeAndCaps) {
  PlainTransport transport;
  Reader media(transport.get(), "src_0", "application/x-rtp");
  g_object_set(media.peer().get(), "caps", MakeCaps(kVp8Caps).get(), nullptr);
  const auto requested =
      PadRef::Adopt(gst_element_request_pad_simple(transport.get(), "rtcp_src_0"));
  ASSERT_TRUE(requested);
  Harness reports(transport.get(), "rtcp_src_0", Harness::Side::kReads, "application/x-rtcp");
  transport.Play();
  media.WaitForWorker();
  UdpPeer peer;
  peer.SendTo(transport.port(), Video(1));
  ASSERT_TRUE(media.Pull());
  peer.SendTo(transport.port(), Report(7));
  const auto buffer = BufferRef::Adopt(gst_harness_pull(reports.get()));
  ASSERT_TRUE(buffer);
  EXPECT_EQ(FirstMessage(buffer.get()), std::pair(200, 7U));
  EXPECT_TRUE(GST_BUFFER_PTS_IS_VALID(buffer.get()));
  const auto caps = CapsRef::Adopt(gst_pad_get_current_caps(reports.pad()));
  ASSERT_TRUE(caps);
  EXPECT_TRUE(gst_structure_has_name(gst_caps_get_structure(caps.get(), 0), "application/x-rtcp"));
}

TEST(PlainRtcp, NackAndPliOfTheNeighbourAreAnswered) {
  PlainTransport transport;
  Reader media(transport.get(), "src_0", "application/x-rtp");
  g_object_set(media.peer().get(), "caps",
               MakeCaps("application/x-rtp,media=video,encoding-name=VP8,payload=96,"
                        "clock-rate=90000,rtcp-fb-nack-pli=true")
                   .get(),
               nullptr);
  Harness wishes(transport.get(), "rtcp_sink_0", Harness::Side::kFeeds, "application/x-rtcp");
  gst_harness_set_src_caps_str(wishes.get(), "application/x-rtcp");
  transport.Play();
  media.WaitForWorker();
  UdpPeer peer;
  transport.ConnectTo(peer.port());
  for (uint16_t s = 1; s <= 3; ++s) peer.SendTo(transport.port(), Video(s));
  ASSERT_EQ(media.PullPackets(3).back().sequence_number, 3);
  // RFC 4585, section 6.2.1: packet 2 of stream 7.
  const Bytes nack = {0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 7, 0, 2, 0, 0};
  EXPECT_EQ(gst_harness_push(wishes.get(), MakeBuffer(nack).release()), GST_FLOW_OK);
  EXPECT_EQ(media.PullPacket().sequence_number, 2);
  const Bytes pli = {0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 7};
  EXPECT_EQ(gst_harness_push(wishes.get(), MakeBuffer(pli).release()), GST_FLOW_OK);
  for (;;) {
    const Bytes rtcp = peer.Receive();
    ASSERT_FALSE(rtcp.empty()) << "no PLI came";
    if (rtcp.size() == 12 && rtcp[1] == 206 && (rtcp[0] & 0x1F) == 1) break;
  }
}

TEST(PlainRtcp, WhatIsNoRtcpIsIgnored) {
  PlainTransport transport;
  Harness wishes(transport.get(), "rtcp_sink_3", Harness::Side::kFeeds, "application/x-rtcp");
  gst_harness_set_src_caps_str(wishes.get(), "application/x-rtcp");
  transport.Play();
  for (const Bytes& bytes : {Bytes{}, Bytes{1, 2, 3}, Bytes(4000, 0x81)}) {
    EXPECT_EQ(gst_harness_push(wishes.get(), MakeBuffer(bytes).release()), GST_FLOW_OK);
  }
}

// A neighbour that blocks costs nobody else anything.
TEST(PlainRtcp, ABlockedNeighbourHoldsNothingUp) {
  PlainTransport transport;
  Reader media(transport.get(), "src_0", "application/x-rtp");
  g_object_set(media.peer().get(), "caps", MakeCaps(kVp8Caps).get(), nullptr);
  Harness reports(transport.get(), "rtcp_src_0", Harness::Side::kReads, "application/x-rtcp");
  const PadRef pad = transport.Pad("rtcp_src_0");
  const gulong probe = gst_pad_add_probe(
      pad.get(), GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM,
      [](GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_OK; }, nullptr, nullptr);
  transport.Play();
  media.WaitForWorker();
  UdpPeer peer;
  // One by one: what comes in a burst the kernel may drop. More reports than may wait.
  for (uint16_t s = 1; s <= 100; ++s) {
    peer.SendTo(transport.port(), Video(s));
    peer.SendTo(transport.port(), Report(7));
    ASSERT_EQ(media.PullPacket().sequence_number, s);
  }
  gst_pad_remove_probe(pad.get(), probe);
  EXPECT_TRUE(BufferRef::Adopt(gst_harness_pull(reports.get())));
}

TEST(PlainRtcp, PadsComeAndGoInAllStates) {
  PlainTransport transport;
  for (int round = 0; round < 20; ++round) {
    const auto source =
        PadRef::Adopt(gst_element_request_pad_simple(transport.get(), "rtcp_src_0"));
    const auto sink = PadRef::Adopt(gst_element_request_pad_simple(transport.get(), "rtcp_sink_0"));
    ASSERT_TRUE(source && sink);
    if (round % 2 == 0) transport.Play();
    if (round % 3 == 0) transport.SetState(GST_STATE_NULL);
    gst_element_release_request_pad(transport.get(), source.get());
    gst_element_release_request_pad(transport.get(), sink.get());
  }
  EXPECT_EQ(GST_ELEMENT_CAST(transport.get())->numpads, 0);
}

// rtpbin gets media and reports as from two udpsrc.
TEST(PlainRtcp, RtpbinHearsTheReports) {
  Pipeline pipeline(
      "plaintransport name=t address=127.0.0.1 src_0::caps=\"application/x-rtp,media=video,"
      "encoding-name=VP8,payload=96,clock-rate=90000\" rtpbin name=b "
      "t.src_0 ! b.recv_rtp_sink_0  t.rtcp_src_0 ! b.recv_rtcp_sink_0  "
      "b.send_rtcp_src_0 ! t.rtcp_sink_0");
  ASSERT_TRUE(pipeline.ok()) << pipeline.error();
  static std::atomic<guint> heard;
  heard = 0;
  g_signal_connect(pipeline.Find("b").get(), "on-ssrc-sdes",
                   G_CALLBACK(+[](GstElement*, guint, guint ssrc, gpointer) { heard = ssrc; }),
                   nullptr);
  pipeline.SetState(GST_STATE_PLAYING);
  const guint port = Get<guint>(pipeline.Find("t").get(), "local-port");
  UdpPeer peer;
  Bytes named = Report(7);
  const Bytes sdes = {0x81, 202, 0, 3, 0, 0, 0, 7, 1, 3, 'c', 'a', 'm', 0, 0, 0};
  named.insert(named.end(), sdes.begin(), sdes.end());
  const gint64 give_up = g_get_monotonic_time() + static_cast<gint64>(kPatience / 1000);
  for (uint16_t s = 1; heard == 0 && g_get_monotonic_time() < give_up; ++s) {
    peer.SendTo(port, Video(s));
    peer.SendTo(port, named);
    g_usleep(20'000);
  }
  EXPECT_EQ(heard, 7U);
}

}  // namespace
}  // namespace sfu::test

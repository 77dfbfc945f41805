// sfurouter: streams that become others while they flow, that end, and that begin anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gate.h"
#include "harness.h"
#include "pad_log.h"

namespace sfu::test {
namespace {

constexpr Ssrc kH264Ssrc = 0x4444'4444;

// A whole H264 picture in one packet (RFC 6184, section 5.6): an IDR slice, or another.
Bytes H264Packet(uint16_t sequence_number, bool key_frame, Ssrc ssrc = kH264Ssrc) {
  PacketSpec spec;
  spec.ssrc = ssrc;
  spec.payload_type = 102;
  spec.sequence_number = sequence_number;
  spec.timestamp = sequence_number * 3000U;
  spec.marker = true;
  spec.payload = Bytes(200, 0xA5);
  spec.payload[0] = key_frame ? 0x65 : 0x41;
  return BuildRtpPacket(spec);
}

// One producer, two plain consumers, each with a log of what it gets.
class Stream : public testing::Test {
 protected:
  Stream() {
    router_.Play();
    feeder_.Start();
  }
  size_t PushFrames(int count, bool key_frame = false) {
    size_t packets = 0;
    for (int i = 0; i < count; ++i) packets += feeder_.PushFrame(key_frame && i == 0).size();
    return packets;
  }
  void PushCaps(const char* caps) {
    EXPECT_TRUE(feeder_.PushEvent(gst_event_new_caps(MakeCaps(caps).get())));
  }
  void ExpectStoryAtBoth(const std::string& story) {
    EXPECT_EQ(first_log_.Story(), story);
    EXPECT_EQ(second_log_.Story(), story);
  }
  bool WaitForPacketsAtBoth(size_t count) {
    return first_log_.WaitForPackets(count) && second_log_.WaitForPackets(count);
  }
  bool WaitForEventsAtBoth(GstEventType type, size_t count = 1) {
    return first_log_.WaitForEvents(type, count) && second_log_.WaitForEvents(type, count);
  }

  Stage router_{"sfurouter"};
  Feeder feeder_{router_.get(), "sink_0", kVp8Caps};
  Reader first_{router_.get(), "src_0", "application/x-rtp"};
  Reader second_{router_.get(), "src_1", "application/x-rtp"};
  PadLog first_log_{first_.peer().get()};
  PadLog second_log_{second_.peer().get()};
};

constexpr char kBegun[] = "caps:VP8 segment ";

// The numbers of the new stream lie just behind those of the old one, or far from them: none of
// its packets may be taken for an old one that comes late.
TEST_F(Stream, NewCapsInMidStreamReachConsumersInOrder) {
  const uint16_t kFirstNumbers[] = {1000, 40'000, 990, 500};
  size_t count = 0;
  std::string story;
  for (const uint16_t first : kFirstNumbers) {
    if (count > 0) PushCaps(kVp8Caps);
    const size_t vp8 = PushFrames(3, true);
    PushCaps(kH264Caps);
    for (uint16_t i = 0; i < 4; ++i) {
      feeder_.Push(H264Packet(static_cast<uint16_t>(first + i), i == 0));
    }
    story += story.empty() ? "caps:VP8 segment" : " caps:VP8";
    story += " 96*" + std::to_string(vp8) + " caps:H264 102*4";
    count += vp8 + 4;
  }
  ASSERT_TRUE(WaitForPacketsAtBoth(count)) << first_log_.Story();
  ExpectStoryAtBoth(story);
}

TEST_F(Stream, NewCapsOvertakeNothing) {
  Gate gate;
  const gulong probe = gate.Guard(first_.pad());
  const size_t vp8 = PushFrames(1, true);
  gate.WaitForVisitor();
  const size_t more = PushFrames(5);
  PushCaps(kH264Caps);
  for (uint16_t i = 0; i < 4; ++i) feeder_.Push(H264Packet(i, i == 0));
  // The other one has all of it, while the first has not yet taken the first packet.
  ASSERT_TRUE(second_log_.WaitForPackets(vp8 + more + 4));
  gst_pad_remove_probe(first_.pad(), probe);
  gate.Open();
  ASSERT_TRUE(first_log_.WaitForPackets(vp8 + more + 4));
  ExpectStoryAtBoth(kBegun + ("96*" + std::to_string(vp8 + more)) + " caps:H264 102*4");
}

// A repair that is still waited for belongs to the old stream; so do the packets behind the hole.
TEST_F(Stream, NewCapsComeBehindWhatWaitsForARepair) {
  g_object_set(first_.peer().get(), "latency", 10'000, nullptr);
  g_object_set(second_.peer().get(), "latency", 10'000, nullptr);
  PushCaps(kH264Caps);
  for (const uint16_t number : {uint16_t{10}, uint16_t{11}, uint16_t{13}, uint16_t{14}}) {
    feeder_.Push(H264Packet(number, number == 10));
  }
  PushCaps(kVp8Caps);
  const size_t vp8 = PushFrames(1, true);
  ASSERT_TRUE(WaitForPacketsAtBoth(4 + vp8)) << first_log_.Story();
  EXPECT_THAT(first_log_.Story(), testing::EndsWith("caps:H264 102*4 caps:VP8 96*3"));
  EXPECT_EQ(second_log_.Story(), first_log_.Story());
}

// What has other numbers is another stream to its receivers: it says so by its SSRC. An SRTP
// transport would otherwise protect two packets with one key stream.
TEST_F(Stream, AnotherCodecHasAnotherSsrc) {
  const size_t vp8 = PushFrames(1, true);
  PushCaps(kH264Caps);
  feeder_.Push(H264Packet(1000, true));
  ASSERT_TRUE(WaitForPacketsAtBoth(vp8 + 1)) << first_log_.Story();
  const auto packets = first_log_.packets();
  EXPECT_NE(packets.front().packet.ssrc, packets.back().packet.ssrc);
  const auto caps = CapsRef::Adopt(gst_pad_get_current_caps(first_.pad()));
  guint ssrc = 0;
  gst_structure_get_uint(gst_caps_get_structure(caps.get(), 0), "ssrc", &ssrc);
  EXPECT_EQ(ssrc, packets.back().packet.ssrc);
}

// The same caps once more change nothing, nor does a field that is no part of the codec.
TEST_F(Stream, TheSameCodecGoesOnUnbroken) {
  PushFrames(1, true);
  PushCaps("application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000,a-mid=x");
  const size_t count = 3 + PushFrames(3);
  ASSERT_TRUE(WaitForPacketsAtBoth(count)) << first_log_.Story();
  EXPECT_EQ(Unbroken(first_log_.packets()), "");
  EXPECT_EQ(Unbroken(second_log_.packets()), "");
}

// Ends and beginnings. What a file source does when it goes on to the next file, or a network
// source when its peer comes back: EOS, then stream-start, caps, segment, data.
class Ending : public Stream {
 protected:
  void Begin(const char* caps) {
    EXPECT_TRUE(feeder_.PushEvent(gst_event_new_stream_start("again")));
    PushCaps(caps);
    EXPECT_TRUE(feeder_.PushEvent(NewSegment()));
  }
  void End() { feeder_.PushEvent(gst_event_new_eos()); }
  void Flush() {
    feeder_.PushEvent(gst_event_new_flush_start());
    feeder_.PushEvent(gst_event_new_flush_stop(TRUE));
  }
  static GstEvent* NewSegment() {
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    return gst_event_new_segment(&segment);
  }
};

constexpr char kAgain[] = " eos stream-start caps:VP8 segment 96*3";

TEST_F(Ending, AStreamBegunAnewGoesOn) {
  std::string story = "caps:VP8 segment 96*3";
  PushFrames(1, true);
  for (size_t round = 2; round < 5; ++round) {
    End();
    Begin(kVp8Caps);
    PushFrames(1, true);
    ASSERT_TRUE(WaitForPacketsAtBoth(3 * round)) << first_log_.Story();
    story += kAgain;
  }
  ExpectStoryAtBoth(story);
  EXPECT_EQ(Unbroken(first_log_.packets()), "");
  // And they have arrived.
  EXPECT_EQ(first_.PullPackets(12).back().payload_type, 96);
  EXPECT_EQ(second_.PullPackets(12).back().payload_type, 96);
}

TEST_F(Ending, AnotherCodecMayBegin) {
  PushFrames(1, true);
  End();
  Begin(kH264Caps);
  feeder_.Push(H264Packet(1, true));
  ASSERT_TRUE(WaitForPacketsAtBoth(4)) << first_log_.Story();
  EXPECT_THAT(first_log_.Story(), testing::EndsWith("eos stream-start caps:H264 segment 102*1"));
}

// A payloader that is told its SSRC begins at random numbers each time; the receivers' go on.
TEST_F(Ending, NumbersMayBeginAnywhere) {
  PushCaps(kH264Caps);
  size_t count = 0;
  for (const uint16_t first : {uint16_t{30'000}, uint16_t{29'990}, uint16_t{5}}) {
    if (count > 0) {
      End();
      Begin(kH264Caps);
    }
    for (uint16_t i = 0; i < 5; ++i) {
      feeder_.Push(H264Packet(static_cast<uint16_t>(first + i), i == 0));
    }
    count += 5;
  }
  ASSERT_TRUE(WaitForPacketsAtBoth(count)) << first_log_.Story();
  EXPECT_EQ(Unbroken(first_log_.packets()), "");
}

TEST_F(Ending, AFlushAfterTheEndIsANewBeginning) {
  PushFrames(1, true);
  End();
  ASSERT_TRUE(WaitForEventsAtBoth(GST_EVENT_EOS));
  Flush();
  feeder_.PushEvent(NewSegment());
  PushFrames(1, true);
  ASSERT_TRUE(WaitForPacketsAtBoth(6)) << first_log_.Story();
  ExpectStoryAtBoth(std::string("caps:VP8 segment 96*3") + kAgain);
}

TEST_F(Ending, AFlushInMidStreamIsNone) {
  PushFrames(1, true);
  ASSERT_TRUE(WaitForPacketsAtBoth(3));
  Flush();
  feeder_.PushEvent(NewSegment());
  PushFrames(1, true);
  ASSERT_TRUE(WaitForPacketsAtBoth(6)) << first_log_.Story();
  ExpectStoryAtBoth("caps:VP8 segment 96*6");
}

// Flushes come at any time, also right behind the end: the stream is never left ended.
TEST_F(Ending, EndsAndFlushesInQuickSuccession) {
  for (int i = 0; i < 200; ++i) {
    PushFrames(1, true);
    if (i % 2 == 0) End();
    Flush();
    if (i % 3 == 0) PushCaps(i % 2 == 0 ? kH264Caps : kVp8Caps);
    feeder_.PushEvent(NewSegment());
  }
  PushCaps(kH264Caps);
  feeder_.Push(H264Packet(7, true));
  for (const Reader* reader : {&first_, &second_}) {
    SeenPacket last;
    while (last.payload_type != 102) {
      const auto buffer = BufferRef::Adopt(gst_harness_pull(reader->get()));
      ASSERT_TRUE(buffer);
      last = ReadPacket(buffer.get());
    }
  }
}

TEST_F(Ending, EndAndBeginningWaitBehindABlockedBranch) {
  Gate gate;
  const gulong probe = gate.Guard(first_.pad());
  PushFrames(1, true);
  gate.WaitForVisitor();
  PushFrames(2);
  End();
  Begin(kVp8Caps);
  PushFrames(1, true);
  ASSERT_TRUE(second_log_.WaitForPackets(12));
  gst_pad_remove_probe(first_.pad(), probe);
  gate.Open();
  ASSERT_TRUE(first_log_.WaitForPackets(12));
  ExpectStoryAtBoth(std::string("caps:VP8 segment 96*9") + kAgain);
}

TEST_F(Ending, AConsumerThatComesAfterTheEndIsToldOfIt) {
  PushFrames(1, true);
  End();
  Reader late(router_.get(), "src_2", "application/x-rtp");
  ASSERT_TRUE(late.WaitFor(GST_EVENT_EOS));
  Begin(kVp8Caps);
  const size_t count = PushFrames(1, true);
  EXPECT_EQ(late.PullPackets(count).back().marker, true);
}

// On one Worker the events of a link between our own elements are no others.
TEST(RouterLinks, EndBeginningAndCapsPassThroughOurElements) {
  Stage front("sfurouter", "front");
  Stage back("sfurouter", "back");
  Feeder feeder(front.get(), "sink_0", kVp8Caps);
  const Link link(front, back);
  Reader reader(back.get(), "src_0", "application/x-rtp");
  const PadLog log(reader.peer().get());
  back.Play();
  front.Play();
  feeder.Start();
  feeder.PushFrame(true);
  feeder.PushEvent(gst_event_new_eos());
  feeder.PushEvent(gst_event_new_stream_start("again"));
  feeder.PushEvent(gst_event_new_caps(MakeCaps(kH264Caps).get()));
  for (uint16_t i = 0; i < 3; ++i) feeder.Push(H264Packet(i, i == 0));
  feeder.PushEvent(gst_event_new_caps(MakeCaps(kVp8Caps).get()));
  feeder.PushFrame(true);
  ASSERT_TRUE(log.WaitForPackets(9)) << log.Story();
  EXPECT_EQ(log.Story(),
            "caps:VP8 segment 96*3 eos stream-start caps:H264 segment 102*3 caps:VP8 96*3");
}

}  // namespace
}  // namespace sfu::test

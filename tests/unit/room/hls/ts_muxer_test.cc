#include "examples/room/hls/ts_muxer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace room {
namespace {

using testing::StartsWith;

constexpr size_t kPacketBytes = 188;
constexpr int kPicture = 0x100;
constexpr int kSound = 0x101;

uint8_t At(std::string_view bytes, size_t i) { return static_cast<uint8_t>(bytes.at(i)); }

struct Packet {
  int pid = 0;
  bool begins = false;
  int continuity = 0;
  std::string adaptation;  // behind its length
  std::string payload;
};

std::vector<Packet> Parse(std::string_view bytes) {
  std::vector<Packet> packets;
  EXPECT_EQ(bytes.size() % kPacketBytes, 0U);
  for (; bytes.size() >= kPacketBytes; bytes.remove_prefix(kPacketBytes)) {
    const std::string_view packet = bytes.substr(0, kPacketBytes);
    EXPECT_EQ(At(packet, 0), 0x47);
    Packet parsed;
    parsed.begins = (At(packet, 1) & 0x40) != 0;
    parsed.pid = (At(packet, 1) & 0x1F) << 8 | At(packet, 2);
    parsed.continuity = At(packet, 3) & 0x0F;
    std::string_view rest = packet.substr(4);
    EXPECT_TRUE((At(packet, 3) & 0x10) != 0);
    if ((At(packet, 3) & 0x20) != 0) {
      parsed.adaptation = rest.substr(1, At(rest, 0));
      rest.remove_prefix(1 + parsed.adaptation.size());
    }
    parsed.payload = rest;
    packets.push_back(parsed);
  }
  return packets;
}

std::string PayloadOf(const std::vector<Packet>& packets, int pid) {
  std::string payload;
  for (const Packet& packet : packets) {
    if (packet.pid == pid) payload += packet.payload;
  }
  return payload;
}

uint64_t Timestamp(std::string_view pes) {
  return static_cast<uint64_t>(At(pes, 9) >> 1 & 7) << 30 | uint64_t{At(pes, 10)} << 22 |
         static_cast<uint64_t>(At(pes, 11) >> 1) << 15 | uint64_t{At(pes, 12)} << 7 |
         At(pes, 13) >> 1;
}

TEST(TsMuxer, TablesNameTheStreams) {
  TsMuxer muxer;
  std::string bytes;
  muxer.WriteTables(&bytes);
  const auto packets = Parse(bytes);
  ASSERT_EQ(packets.size(), 2U);
  EXPECT_EQ(packets[0].pid, 0);
  EXPECT_EQ(packets[1].pid, 0x1000);
  // The checksum is the one that FFmpeg writes for this table.
  EXPECT_EQ(packets[0].payload.substr(0, 17),
            std::string("\0\0\xB0\x0D\0\1\xC1\0\0\0\1\xF0\0\x2A\xB1\x04\xB2", 17));
  EXPECT_EQ(packets[1].payload.substr(13, 10), std::string("\x1B\xE1\0\xF0\0\x0F\xE1\1\xF0\0", 10));
}

TEST(TsMuxer, APictureHasItsTimeAndADelimiter) {
  TsMuxer muxer;
  std::string bytes;
  const std::string unit = std::string("\0\0\0\1\x65", 5) + std::string(500, 'x');
  muxer.WritePicture(2'000'000'000, true, unit, &bytes);
  const auto packets = Parse(bytes);
  const std::string pes = PayloadOf(packets, kPicture);
  EXPECT_THAT(pes, StartsWith(std::string("\0\0\1\xE0\0\0\x84\x80\5", 9)));
  EXPECT_EQ(Timestamp(pes), 900'000U + 180'000U);
  EXPECT_EQ(pes.substr(14), std::string("\0\0\0\1\x09\xF0", 6) + unit);
  // The clock, and that one can begin here.
  EXPECT_EQ(At(packets[0].adaptation, 0), 0x50);
  const uint64_t clock =
      uint64_t{At(packets[0].adaptation, 1)} << 25 | uint64_t{At(packets[0].adaptation, 2)} << 17 |
      uint64_t{At(packets[0].adaptation, 3)} << 9 | uint64_t{At(packets[0].adaptation, 4)} << 1 |
      At(packets[0].adaptation, 5) >> 7;
  EXPECT_LT(clock, Timestamp(pes));
}

TEST(TsMuxer, TimesWrapAtThirtyThreeBits) {
  TsMuxer muxer;
  std::string bytes;
  const int64_t day = 86'400'000'000'000;
  muxer.WriteSound(2 * day, "sound", &bytes);
  const uint64_t ticks = 900'000 + uint64_t{2} * 86'400 * 90'000;
  EXPECT_EQ(Timestamp(PayloadOf(Parse(bytes), kSound)), ticks & 0x1'FFFF'FFFF);
}

// Of every length: nothing is lost where the last packet is nearly full.
TEST(TsMuxer, FramesOfAllLengthsComeThrough) {
  TsMuxer muxer;
  std::map<int, int> continuity;
  for (size_t size = 1; size < 600; ++size) {
    std::string bytes;
    const std::string frame(size, 's');
    muxer.WriteSound(0, frame, &bytes);
    muxer.WritePicture(0, false, std::string("\0\0\1\x09\xF0", 5) + frame, &bytes);
    const auto packets = Parse(bytes);
    const std::string sound = PayloadOf(packets, kSound);
    EXPECT_EQ(sound.substr(14), frame);
    EXPECT_EQ(size_t{At(sound, 4)} << 8 | At(sound, 5), size + 8);
    EXPECT_EQ(PayloadOf(packets, kPicture).substr(14 + 5), frame);
    for (const Packet& packet : packets) {
      EXPECT_EQ(packet.continuity, continuity[packet.pid]);
      continuity[packet.pid] = (packet.continuity + 1) % 16;
    }
  }
}

TEST(FindNalUnit, FindsTheFirstOfAType) {
  const std::string unit("\0\0\0\1\x67one\0\0\1\x68two\0\0\0\1\x65three", 25);
  EXPECT_EQ(FindNalUnit(unit, 7), "\x67one");
  EXPECT_EQ(FindNalUnit(unit, 8), "\x68two");
  EXPECT_EQ(FindNalUnit(unit, 5), "\x65three");
  EXPECT_EQ(FindNalUnit(unit, 1), "");
  EXPECT_EQ(FindNalUnit("", 7), "");
  EXPECT_EQ(FindNalUnit(std::string_view("\0\0\1", 3), 0), "");
}

}  // namespace
}  // namespace room

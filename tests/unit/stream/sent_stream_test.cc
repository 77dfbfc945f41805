// The sent stream: counters, reports, and which NACKs are answered.
#include "stream/sent_stream.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/support/packet_builder.h"

namespace sfu {
namespace {

// One per stream and receiver, so its size is what a thousand viewers cost.
static_assert(sizeof(SentStream) <= 1024);

constexpr Ssrc kSsrc = 0x5555'0001;
constexpr Ssrc kRtxSsrc = 0x5555'0002;
constexpr uint16_t kShift = 64'500;  // sent sequence number minus received one

class SentStreamTest : public testing::Test {
 protected:
  static SentStreamOptions Options(bool rtx) {
    SentStreamOptions options;
    options.ssrc = kSsrc;
    if (rtx) {
      options.rtx_payload_type = 97;
      options.rtx_ssrc = kRtxSsrc;
      options.rtx_first_sequence = 65'535;
    }
    return options;
  }
  static Timestamp Ms(int64_t ms) { return Timestamp::FromMillis(ms); }
  NtpTime Ntp(int64_t ms) const { return clock_.ToNtp(Ms(ms)); }

  // One frame of three packets (1,123 and 1,122 bytes), captured 20 ms before it is sent.
  void SendFrame(SentStream& stream, int64_t ms) {
    batch_.entries.clear();
    size_t bytes = 0;
    for (const test::BuiltPacket& built : source_.NextFrame(Ms(ms - 20))) {
      RtpPacketRef packet = test::PoolPacket(pool_, built, Ms(ms));
      RtpBatchEntry entry;
      entry.packet = packet.get();
      entry.sequence_number = static_cast<uint16_t>(built.index + kShift);
      entry.timestamp = packet->header.timestamp + 1'000;
      entry.marker = packet->header.marker;
      bytes += packet->size();
      newest_ = entry.sequence_number;
      batch_.entries.push_back(entry);
      ring_->Insert(std::move(packet));
    }
    batch_.ring = ring_;
    stream.OnSent(batch_, bytes, Ms(ms));
  }
  void SendFor(SentStream& stream, int64_t from_ms, int64_t to_ms) {
    for (int64_t ms = from_ms; ms < to_ms; ms += 33) SendFrame(stream, ms);
  }
  // The sequence numbers sent again for a NACK of the `count` newest packets.
  size_t NackNewest(SentStream& stream, int count, int64_t ms) {
    std::vector<SeqNum> lost;
    for (int i = 0; i < count; ++i) lost.push_back(SeqNum(newest_) + -i);
    return Nack(stream, lost, ms);
  }
  size_t Nack(SentStream& stream, const std::vector<SeqNum>& lost, int64_t ms) {
    repairs_.clear();
    stream.OnNack(lost, Ms(ms), [this](const Repair& repair) {
      repairs_.push_back(repair);
      return repair_size_;
    });
    return repairs_.size();
  }
  rtcp::ReportBlock Block(uint32_t highest, uint8_t fraction = 0) const {
    rtcp::ReportBlock block;
    block.ssrc = kSsrc;
    block.highest_sequence = highest;
    block.fraction_lost = fraction;
    return block;
  }

  RtpPacketPool pool_;
  test::Vp8Source source_;
  std::shared_ptr<PacketRing> ring_ = std::make_shared<PacketRing>(TimeDelta::Seconds(2));
  RtpBatch batch_;
  uint16_t newest_ = 0;
  std::vector<Repair> repairs_;
  size_t repair_size_ = 1'099 + 30;  // of the packet as written
  NtpClock clock_{Timestamp(), NtpTime(3'900'000'000, 0)};
};

TEST_F(SentStreamTest, CountsAsW3cDoes) {
  SentStream stream(Options(true));
  SendFor(stream, 1'000, 2'000);  // 31 frames
  const SentStreamStats stats = stream.Stats(Ms(2'000));
  EXPECT_EQ(stats.packets_sent, 93u);
  EXPECT_EQ(stats.bytes_sent, 31u * (1'100 + 2 * 1'099));
  EXPECT_EQ(stats.header_bytes_sent, 93u * 12);
  EXPECT_NEAR(static_cast<double>(stats.bitrate.bps()), 30.3 * 3'334 * 8, 50'000);
  stream.OnPli();
  stream.OnFir();
  stream.OnFir();
  EXPECT_EQ(stream.Stats(Ms(2'000)).pli_count, 1u);
  EXPECT_EQ(stream.Stats(Ms(2'000)).fir_count, 2u);
  EXPECT_FALSE(stats.round_trip_time);
  EXPECT_EQ(stats.score, 10);
}

TEST_F(SentStreamTest, SenderReportExtrapolatesTheNewestCapture) {
  SentStream stream(Options(true));
  EXPECT_FALSE(stream.MakeSenderInfo(Ms(0), clock_));
  SendFrame(stream, 1'000);  // captured at 980 as timestamp 91,000
  SendFrame(stream, 1'033);  // captured at 1,013 as 94,000
  const auto info = stream.MakeSenderInfo(Ms(1'113), clock_);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->ntp, Ntp(1'113));
  EXPECT_EQ(info->rtp_timestamp, 94'000u + 9'000);
  EXPECT_EQ(info->packet_count, 6u);
  EXPECT_EQ(info->octet_count, 2u * (1'100 + 2 * 1'099));
}

TEST_F(SentStreamTest, SenderReportIgnoresLatePackets) {
  SentStream stream(Options(true));
  SendFrame(stream, 1'000);
  RtpBatch late = batch_;
  SendFrame(stream, 1'033);
  const auto before = stream.MakeSenderInfo(Ms(1'100), clock_);
  stream.OnSent(late, 3'334, Ms(1'050));
  const auto after = stream.MakeSenderInfo(Ms(1'100), clock_);
  EXPECT_EQ(after->rtp_timestamp, before->rtp_timestamp);
  EXPECT_EQ(after->packet_count, 9u);
}

TEST_F(SentStreamTest, AnswersWithRtx) {
  SentStream stream(Options(true));
  SendFor(stream, 1'000, 2'000);
  ASSERT_EQ(NackNewest(stream, 2, 2'000), 2u);
  EXPECT_EQ(repairs_[0].entry.sequence_number, newest_);
  EXPECT_EQ(repairs_[0].entry.packet->index, newest_ - kShift + 65'536);
  EXPECT_EQ(repairs_[0].entry.timestamp, repairs_[0].entry.packet->header.timestamp + 1'000);
  ASSERT_TRUE(repairs_[0].rtx);
  EXPECT_EQ(repairs_[0].rtx->ssrc, kRtxSsrc);
  EXPECT_EQ(repairs_[0].rtx->payload_type, 97);
  EXPECT_EQ(repairs_[0].rtx->sequence_number, 65'535);
  EXPECT_EQ(repairs_[1].rtx->sequence_number, 0);
  const SentStreamStats stats = stream.Stats(Ms(2'000));
  EXPECT_EQ(stats.packets_sent, 95u);
  EXPECT_EQ(stats.retransmitted_packets_sent, 2u);
  EXPECT_EQ(stats.retransmitted_bytes_sent, 2u * 1'099);
  EXPECT_EQ(stats.nack_count, 1u);
  EXPECT_EQ(stats.nacked_packets, 2u);
  // RTX is another SSRC: it does not count in this one's sender reports.
  EXPECT_EQ(stream.MakeSenderInfo(Ms(2'000), clock_)->packet_count, 93u);
}

TEST_F(SentStreamTest, RepairsCountAsTheyAreWrittenIfTheyAre) {
  for (const bool rtx : {false, true}) {
    SentStream stream(Options(rtx));
    SendFor(stream, 1'000, 1'500);
    const SentStreamStats before = stream.Stats(Ms(1'500));
    const auto info = stream.MakeSenderInfo(Ms(1'500), clock_);
    repair_size_ = 0;
    EXPECT_EQ(NackNewest(stream, 1, 1'600), 1u);
    EXPECT_EQ(stream.Stats(Ms(1'600)).packets_sent, before.packets_sent);
    EXPECT_EQ(stream.MakeSenderInfo(Ms(1'600), clock_)->packet_count, info->packet_count);
    repair_size_ = 1'099 + 30;
    EXPECT_EQ(NackNewest(stream, 1, 1'700), 1u);
    const SentStreamStats after = stream.Stats(Ms(1'700));
    EXPECT_EQ(after.packets_sent, before.packets_sent + 1);
    EXPECT_EQ(after.retransmitted_packets_sent, 1u);
    EXPECT_EQ(after.header_bytes_sent, before.header_bytes_sent + 30);
    EXPECT_EQ(stream.MakeSenderInfo(Ms(1'700), clock_)->packet_count,
              info->packet_count + (rtx ? 0 : 1));
  }
}

TEST_F(SentStreamTest, AnswersByPlainResendingWithoutRtx) {
  SentStream stream(Options(false));
  SendFor(stream, 1'000, 2'000);
  ASSERT_EQ(NackNewest(stream, 1, 2'000), 1u);
  EXPECT_FALSE(repairs_[0].rtx);
  EXPECT_EQ(stream.MakeSenderInfo(Ms(2'000), clock_)->packet_count, 94u);
}

TEST_F(SentStreamTest, AnswersNothingWhenNackIsNotNegotiated) {
  SentStreamOptions options = Options(true);
  options.nack = false;
  SentStream stream(options);
  SendFor(stream, 1'000, 2'000);
  EXPECT_EQ(NackNewest(stream, 5, 2'000), 0u);
  EXPECT_EQ(stream.Stats(Ms(2'000)).nack_count, 1u);
}

TEST_F(SentStreamTest, RepeatsWithinARoundTripAreIgnored) {
  SentStream stream(Options(true));
  SendFor(stream, 1'000, 2'000);
  rtcp::ReportBlock block = Block(newest_);
  block.last_sr = CompactNtp(Ntp(1'800));
  block.delay_since_last_sr = CompactDelay(TimeDelta::Millis(100));
  stream.OnReportBlock(block, Ntp(2'000));
  ASSERT_TRUE(stream.round_trip_time());
  EXPECT_NEAR(stream.round_trip_time()->seconds(), 0.1, 0.001);
  EXPECT_EQ(NackNewest(stream, 3, 2'100), 3u);
  EXPECT_EQ(NackNewest(stream, 3, 2'150), 0u);
  EXPECT_EQ(NackNewest(stream, 3, 2'185), 0u);
  EXPECT_EQ(NackNewest(stream, 4, 2'186), 1u);  // one that was not asked before
  EXPECT_EQ(NackNewest(stream, 3, 2'201), 3u);
  EXPECT_EQ(stream.Stats(Ms(2'300)).repairs_repeated, 9u);
}

// A packet that was late on its way to us is asked for before it can be there.
TEST_F(SentStreamTest, ARequestFromBeforeThePacketCouldArriveIsIgnored) {
  SentStream stream(Options(true));
  rtcp::ReportBlock block = Block(0);
  block.last_sr = CompactNtp(Ntp(1'800));
  block.delay_since_last_sr = CompactDelay(TimeDelta::Millis(100));
  SendFrame(stream, 2'000);
  EXPECT_EQ(NackNewest(stream, 1, 2'001), 1u);  // the round trip is not known
  stream.OnReportBlock(block, Ntp(2'000));
  ASSERT_NEAR(stream.round_trip_time()->seconds(), 0.1, 0.001);
  SendFrame(stream, 3'000);
  EXPECT_EQ(NackNewest(stream, 3, 3'000), 0u);
  EXPECT_EQ(NackNewest(stream, 3, 3'070), 0u);
  EXPECT_EQ(NackNewest(stream, 3, 3'085), 0u);
  EXPECT_EQ(NackNewest(stream, 3, 3'090), 3u);
}

TEST_F(SentStreamTest, OneLongRoundTripDoesNotMakeRequestsTooSoon) {
  SentStream stream(Options(true));
  rtcp::ReportBlock block = Block(0);
  block.last_sr = CompactNtp(Ntp(1'800));
  block.delay_since_last_sr = CompactDelay(TimeDelta::Millis(199));
  SendFrame(stream, 2'000);
  stream.OnReportBlock(block, Ntp(2'000));
  stream.OnReportBlock(block, Ntp(2'008));  // the peer was busy
  EXPECT_NEAR(stream.round_trip_time()->seconds(), 0.009, 0.001);
  SendFrame(stream, 3'000);
  EXPECT_EQ(NackNewest(stream, 3, 3'002), 3u);
  // When the path is longer, that is learnt.
  for (int i = 0; i < 100; ++i) stream.OnReportBlock(block, Ntp(2'099));
  SendFrame(stream, 4'000);
  EXPECT_EQ(NackNewest(stream, 3, 4'080), 0u);
  EXPECT_EQ(NackNewest(stream, 3, 4'100), 3u);
}

// Row 27 of the hostile inputs: any number of NACKs cost a quarter of the stream's rate.
TEST_F(SentStreamTest, ANackFloodIsHeldToTheBudget) {
  SentStream stream(Options(true));
  std::vector<SeqNum> all;
  for (uint32_t i = 0; i < 65'536; ++i) all.push_back(SeqNum(static_cast<uint16_t>(i)));
  SendFor(stream, 0, 3'000);
  const SentStreamStats before = stream.Stats(Ms(3'000));
  uint64_t answered = 0;
  for (int64_t ms = 3'000; ms < 8'000; ms += 33) {
    SendFrame(stream, ms);
    answered += Nack(stream, all, ms);
  }
  const SentStreamStats after = stream.Stats(Ms(8'000));
  const auto repaired = static_cast<double>(after.retransmitted_bytes_sent);
  const auto sent = static_cast<double>(after.bytes_sent - before.bytes_sent) - repaired;
  EXPECT_EQ(answered, after.retransmitted_packets_sent);
  EXPECT_LE(repaired, sent * 0.25 * 1.2);  // five windows and the edge of a sixth
  EXPECT_GE(repaired, sent * 0.25 * 0.8);
  EXPECT_GT(after.repairs_not_found, 60'000u);
  EXPECT_GT(after.repairs_refused, 10'000u);
}

TEST_F(SentStreamTest, ASlowStreamCanAlwaysRepairAFewPackets) {
  SentStream stream(Options(true));
  SendFrame(stream, 1'000);
  SendFrame(stream, 1'500);
  SendFrame(stream, 2'000);
  EXPECT_EQ(NackNewest(stream, 9, 2'000), 9u);
}

TEST_F(SentStreamTest, TheShareIsConfigurable) {
  SentStreamOptions options = Options(true);
  options.repair_share = 1.0;
  SentStream stream(options);
  SendFor(stream, 1'000, 2'000);
  EXPECT_GE(NackNewest(stream, 93, 2'000), 85u);
}

TEST_F(SentStreamTest, NacksOfWhatWasNeverSentFindNothing) {
  SentStream stream(Options(true));
  EXPECT_EQ(Nack(stream, {SeqNum(0), SeqNum(40'000)}, 900), 0u);
  SendFrame(stream, 1'000);
  EXPECT_EQ(
      Nack(stream, {SeqNum(newest_) + 1, SeqNum(newest_) + -3, SeqNum(newest_) + 32'767}, 1'000),
      0u);
  EXPECT_EQ(stream.Stats(Ms(1'000)).repairs_not_found, 5u);
}

TEST_F(SentStreamTest, TakesInReports) {
  SentStream stream(Options(true));
  SendFor(stream, 1'000, 2'000);
  rtcp::ReportBlock block = Block(newest_, 64);
  block.cumulative_lost = -3;
  block.jitter = 900;
  stream.OnReportBlock(block, Ntp(2'000));
  const SentStreamStats stats = stream.Stats(Ms(2'000));
  EXPECT_DOUBLE_EQ(stats.fraction_lost, 0.25);
  EXPECT_EQ(stats.packets_lost, -3);
  EXPECT_EQ(stats.jitter, TimeDelta::Millis(10));
  EXPECT_FALSE(stats.round_trip_time);  // it has had no sender report
  EXPECT_EQ(stats.reports_received, 1u);
}

TEST_F(SentStreamTest, ReportsAboutOthersAreIgnored) {
  SentStream stream(Options(true));
  rtcp::ReportBlock own = Block(5, 255);
  EXPECT_FALSE(stream.OnReportBlock(own, Ntp(900)));  // nothing was sent yet
  SendFrame(stream, 1'000);
  rtcp::ReportBlock other = Block(5, 255);
  other.ssrc = kRtxSsrc;
  EXPECT_FALSE(stream.OnReportBlock(other, Ntp(1'000)));
  EXPECT_EQ(stream.Stats(Ms(1'000)).reports_received, 0u);
}

// Row 29 of the hostile inputs.
TEST_F(SentStreamTest, GarbageInReportsStaysWithinBounds) {
  SentStream stream(Options(true));
  SendFor(stream, 1'000, 2'000);
  Random random(11);
  for (int i = 0; i < 20'000; ++i) {
    rtcp::ReportBlock block = Block(random.U32(), static_cast<uint8_t>(random.U32()));
    block.cumulative_lost = static_cast<int32_t>(random.U32());
    block.jitter = random.U32();
    block.last_sr = CompactNtp(random.U32());
    block.delay_since_last_sr = CompactDelay(random.U32());
    stream.OnReportBlock(block, NtpTime(random.U64()));
    const SentStreamStats stats = stream.Stats(Ms(2'000));
    ASSERT_GE(*stats.round_trip_time, TimeDelta::Zero());
    ASSERT_LE(*stats.round_trip_time, TimeDelta::Seconds(10));
    ASSERT_GE(stats.jitter, TimeDelta::Zero());
    ASSERT_LE(stats.score, 10);
    ASSERT_LE(stats.fraction_lost, 1.0);
  }
  // Even a claimed round trip of ten seconds does not switch repair off for longer than one.
  rtcp::ReportBlock block = Block(newest_);
  block.last_sr = CompactNtp(Ntp(2'000 - 60'000));
  stream.OnReportBlock(block, Ntp(2'000));
  EXPECT_EQ(*stream.round_trip_time(), TimeDelta::Seconds(10));
  EXPECT_EQ(NackNewest(stream, 1, 2'900), 1u);
  const SeqNum again(newest_);
  SendFor(stream, 2'900, 3'900);
  EXPECT_EQ(Nack(stream, {again}, 3'899), 0u);
  EXPECT_EQ(Nack(stream, {again}, 3'900), 1u);
}

TEST_F(SentStreamTest, LossLowersTheScoreAndRepairSoftensIt) {
  SentStream lossy(Options(true));
  SentStream repaired(Options(true));
  uint32_t highest = 1'000;
  for (int64_t ms = 1'000; ms < 6'000; ms += 1'000) {
    SendFor(lossy, ms, ms + 1'000);
    lossy.OnReportBlock(Block(highest, 26), Ntp(ms + 1'000));  // 10 %
    highest += 93;
  }
  EXPECT_LE(lossy.score(), 7);
  highest = 1'000;
  for (int64_t ms = 7'000; ms < 12'000; ms += 1'000) {
    SendFor(repaired, ms, ms + 1'000);
    NackNewest(repaired, 9, ms + 1'000);
    repaired.OnReportBlock(Block(highest, 26), Ntp(ms + 1'000));
    highest += 93;
  }
  EXPECT_GE(repaired.score(), 9);
}

TEST_F(SentStreamTest, ForgettingLetsGoOfTheRing) {
  SentStream stream(Options(true));
  SendFrame(stream, 1'000);
  batch_.ring.reset();
  EXPECT_EQ(ring_.use_count(), 2);
  stream.ForgetHistory();
  EXPECT_EQ(ring_.use_count(), 1);
  EXPECT_EQ(NackNewest(stream, 3, 1'000), 0u);
}

}  // namespace
}  // namespace sfu

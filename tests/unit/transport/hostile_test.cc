// What an attacker or a broken peer may send to a plain transport: one test for each row of the
// list of hostile inputs, at the level of datagrams. Whatever comes, what is good goes on.
#include <time.h>

#include <limits>
#include <set>

#include "base/log.h"
#include "base/random.h"
#include "router/router.h"
#include "stream/local_ingress.h"
#include "tests/unit/transport/transport_fixture.h"

namespace sfu::test {
namespace {

const SocketAddress kPeer = Ip(1, 4000);

// A receiver, a Producer, a Consumer and a sender back to the peer; a sound receiver beside it.
class Hostile : public TransportFixture {
 protected:
  Hostile() : router_(5) { Build(); }

  void Build() {
    EXPECT_TRUE(transport_->Connect({.rtp = kPeer}));
    RtpCodec codec = VideoCodec();
    codec.rtx_payload_type = 97;
    receiver_ = transport_->AddReceiver({.codec = codec}).value();
    producer_ = router_.CreateProducer({.id = "p", .codec = codec}).value();
    receiver_->SetSink(producer_);
    producer_->SetUpstream(receiver_);
    consumer_ = router_.CreateConsumer({.producer_id = "p", .ssrc = 17}).value();
    sender_ = transport_->AddSender({.codec = codec, .rtx_ssrc = 18}).value();
    sender_->SetSource(consumer_);
    consumer_->SetSink(sender_, now_);
    sound_receiver_ = transport_->AddReceiver({.codec = AudioCodec()}).value();
    sound_receiver_->SetSink(&recorder_);
  }
  void Receive(const Bytes& bytes) { TransportFixture::Receive(bytes, kPeer); }
  void ReceiveFrame() {
    for (const BuiltPacket& packet : source_.NextFrame(now_)) Receive(packet.bytes);
  }
  // A good frame still goes through, to the last packet.
  void ExpectAlive() {
    source_.ForceKeyFrame();
    const uint64_t before = sender_->Stats(now_).stream.packets_sent;
    ReceiveFrame();
    EXPECT_GE(sender_->Stats(now_).stream.packets_sent, before + 3);
  }
  // The RTP packets of the Consumer that were sent.
  std::vector<RtpHeader> Forwarded() const {
    std::vector<RtpHeader> all;
    for (const auto& datagram : socket_.sent) {
      if (ClassifyDatagram(datagram.bytes) != DatagramKind::kRtp) continue;
      const auto header = ParseRtpHeader(datagram.bytes);
      EXPECT_TRUE(header);
      if (header && header->ssrc == 17) all.push_back(*header);
    }
    return all;
  }
  uint64_t ReceiverDrop(DropReason reason) { return receiver_->Stats(now_).drops[reason]; }

  Vp8Source source_{{.ssrc = 7, .first_sequence = 1000}};
  Router router_;
  RtpReceiver* receiver_ = nullptr;
  RtpReceiver* sound_receiver_ = nullptr;
  RtpSender* sender_ = nullptr;
  Producer* producer_ = nullptr;
  Consumer* consumer_ = nullptr;
};

TEST_F(Hostile, Row1DatagramSizes) {
  ExpectAlive();
  for (const size_t size : {0, 1, 7}) Receive(Bytes(size, 0x80));
  EXPECT_EQ(drops()[DropReason::kTooShort], 3u);
  for (const size_t size : {8, 11}) Receive(Bytes(size, 0x80));
  EXPECT_EQ(drops()[DropReason::kBadHeader], 2u);
  Receive(BuildRtpPacket({.ssrc = 8, .payload_type = 111, .sequence_number = 1}));
  for (const size_t size : {1501, 9000, 65507}) Receive(Bytes(size, 0x80));
  EXPECT_EQ(drops()[DropReason::kTooBig], 3u);
  ExpectAlive();
}

TEST_F(Hostile, Row1FloodDoesNotFloodTheLog) {
  int lines = 0;
  SetLogFunction([](LogLevel, std::string_view, std::string_view,
                    void* count) { ++*static_cast<int*>(count); },
                 &lines);
  for (int i = 0; i < 10'000; ++i) Receive(Bytes(3, 0x80));
  SetLogFunction(nullptr, nullptr);
  EXPECT_GE(lines, 1);
  EXPECT_LE(lines, 2);
}

TEST_F(Hostile, Row2FirstByte) {
  ExpectAlive();
  const uint64_t before = drops().Total();
  uint64_t expected = 0;
  for (int first = 0; first < 256; ++first) {
    if (first >= 128 && first <= 191) continue;
    Bytes bytes = Rtp(5);
    bytes[0] = static_cast<uint8_t>(first);
    Receive(bytes);
    ++expected;
  }
  EXPECT_EQ(drops()[DropReason::kNotRtp], expected);
  EXPECT_EQ(drops().Total() - before, expected);
  ExpectAlive();
}

TEST_F(Hostile, Row17Headers) {
  ExpectAlive();
  Bytes csrcs = Rtp(2000);
  csrcs[0] = 0x8f;
  Receive(csrcs);
  Bytes extension = Rtp(2000);
  extension[0] = 0x90;
  StoreBe16(&extension[14], 0xffff);
  Receive(extension);
  Bytes padding = Rtp(2000);
  padding[0] = 0xa0;
  padding.back() = 0;
  Receive(padding);
  padding.back() = 200;
  Receive(padding);
  EXPECT_EQ(drops()[DropReason::kBadHeader], 4u);
  // Extension blocks that lie about their elements go on as they are.
  for (const Bytes& block : {Bytes{0x3f, 1}, Bytes{0x0f, 2, 3, 4}, Bytes{0xff, 1, 2, 3},
                             Bytes{0x00, 0x00, 0x00, 0x10}}) {
    for (const uint16_t profile : {0xBEDE, 0x1000, 0x100f, 0x1234}) {
      BuiltPacket packet = source_.NextFrame(now_)[0];
      Receive(BuildRtpPacket({.ssrc = 7,
                              .payload_type = 96,
                              .sequence_number = static_cast<uint16_t>(packet.index),
                              .timestamp = 1,
                              .extension_profile = profile,
                              .extension = block,
                              .payload = {0x10, 1, 2, 3}}));
    }
  }
  EXPECT_EQ(drops()[DropReason::kBadHeader], 4u);
  ExpectAlive();
}

TEST_F(Hostile, Row18EmptyAndPaddingOnlyPacketsAreNotForwarded) {
  ExpectAlive();
  socket_.sent.clear();
  const auto received = [&] { return receiver_->Stats(now_).stream.packets; };
  const uint64_t before = received();
  // They take numbers of the stream, as probes of a sender do.
  const std::vector<BuiltPacket> next = source_.NextFrame(now_);
  Receive(BuildRtpPacket({.ssrc = 7, .payload_type = 96, .sequence_number = 1003}));
  Receive(BuildRtpPacket({.ssrc = 7, .payload_type = 96, .sequence_number = 1004, .padding = 255}));
  Receive(
      BuildRtpPacket({.ssrc = 7, .payload_type = 96, .sequence_number = 1005, .payload = {0x10}}));
  EXPECT_EQ(received(), before + 3);
  EXPECT_EQ(Forwarded().size(), 1u);
  socket_.sent.clear();
  Advance(100);
  EXPECT_TRUE(TakeRtcp().nacks.empty());
  ExpectAlive();
}

TEST_F(Hostile, Row18EmptyRtxIsAProbe) {
  ExpectAlive();
  Receive(BuildRtpPacket({.ssrc = 70, .payload_type = 97, .padding = 200}));
  Receive(BuildRtpPacket({.ssrc = 70, .payload_type = 97, .sequence_number = 1, .payload = {1}}));
  EXPECT_EQ(receiver_->Stats(now_).rtx_packets, 2u);
  EXPECT_EQ(ReceiverDrop(DropReason::kBadRtx), 1u);
  ExpectAlive();
}

TEST_F(Hostile, Row19And30StrangersChangeNothing) {
  ExpectAlive();
  const SocketAddress stranger = Ip(66, 4000);
  const uint64_t before = sender_->Stats(now_).stream.packets_sent;
  TransportFixture::Receive(Rtp(1003), stranger);
  TransportFixture::Receive(Bye(7), stranger);
  TransportFixture::Receive(SenderReport(7, now_, 0), stranger);
  TransportFixture::Receive(Rtcp(rtcp::Pli{1, 17}), stranger);
  TransportFixture::Receive(Nack(17, {0, 1}), stranger);
  EXPECT_EQ(drops()[DropReason::kUnknownSource], 5u);
  EXPECT_EQ(sender_->Stats(now_).stream.packets_sent, before);
  // The peer itself may not speak for others either.
  Receive(Bye(17));
  Receive(Bye(99));
  Receive(SenderReport(17, now_, 0));
  EXPECT_EQ(receiver_->ssrc(), 7u);
  EXPECT_EQ(receiver_->Stats(now_).stream.packets, 3u);
  ExpectAlive();
}

TEST_F(Hostile, Row20TenThousandSsrcs) {
  ExpectAlive();
  for (Ssrc ssrc = 1000; ssrc < 11'000; ++ssrc) Receive(Rtp(1, ssrc));
  EXPECT_EQ(drops()[DropReason::kUnknownSsrc], 10'000u);
  EXPECT_EQ(transport_->session().receivers().size(), 2u);
  for (Ssrc ssrc = 1000; ssrc < 11'000; ++ssrc) Receive(Rtp(1, ssrc, 97));
  EXPECT_EQ(transport_->session().receivers().size(), 2u);
  ExpectAlive();
}

TEST_F(Hostile, Row21SequenceJumps) {
  ExpectAlive();
  Random random(1);
  uint16_t sequence = 1003;
  for (int i = 0; i < 200; ++i) {
    sequence = static_cast<uint16_t>(sequence + (i % 2 == 0 ? 30'000 : -30'000));
    socket_.sent.clear();
    Receive(Rtp(sequence));
    Receive(Rtp(static_cast<uint16_t>(sequence + 1)));
    Receive(Rtp(static_cast<uint16_t>(sequence + 2)));
    Advance(30);
    size_t asked = 0;
    for (const auto& nack : TakeRtcp().nacks) asked += nack.message.size();
    ASSERT_LE(asked, 2 * NackGenerator::kMaxMissing);
  }
  // It is in step again at once: the last numbers are those of the stream.
  const uint64_t before = receiver_->Stats(now_).stream.packets;
  for (int i = 3; i < 13; ++i) Receive(Rtp(static_cast<uint16_t>(sequence + i)));
  EXPECT_EQ(receiver_->Stats(now_).stream.packets, before + 10);
}

TEST_F(Hostile, Row21AJumpOfTheSenderIsNoneForReceivers) {
  ExpectAlive();
  Vp8Source again({.ssrc = 7, .first_sequence = 40'000, .first_timestamp = 5});
  for (int i = 0; i < 5; ++i) {
    again.ForceKeyFrame();
    for (const BuiltPacket& packet : again.NextFrame(now_)) Receive(packet.bytes);
    now_ += TimeDelta::Millis(33);
  }
  const std::vector<RtpHeader> out = Forwarded();
  ASSERT_GE(out.size(), 3u + 12);
  for (size_t i = 1; i < out.size(); ++i) {
    EXPECT_EQ(static_cast<uint16_t>(out[i].sequence_number - out[i - 1].sequence_number), 1);
  }
}

TEST_F(Hostile, Row21TimestampJumps) {
  ExpectAlive();
  BatchRecorder* end = &recorder_;
  receiver_->SetSink(end);
  uint16_t sequence = 1003;
  for (const uint32_t step : {3000u, 0x7fff'ffffu, 0x8000'0000u, 0xffff'ffffu, 1u, 0xff00'0000u}) {
    uint32_t timestamp = step;
    for (int i = 0; i < 50; ++i, timestamp += 3000) {
      now_ += TimeDelta::Millis(33);
      Receive(BuildRtpPacket({.ssrc = 7,
                              .payload_type = 96,
                              .sequence_number = sequence++,
                              .timestamp = timestamp,
                              .payload = {0x10, 1, 2}}));
    }
  }
  EXPECT_GE(end->packets.size(), 290u);
  for (const auto& packet : end->packets) {
    EXPECT_LE(packet.capture, now_);
    EXPECT_GE(packet.capture, Timestamp::FromMillis(10'000) - TimeDelta::Seconds(60));
  }
  // Steps below kMaxStep are slewed, larger ones are followed.
  EXPECT_LE(now_ - end->packets.back().capture, StreamClock::kMaxStep);
}

TEST_F(Hostile, Row22PayloadTypes) {
  ExpectAlive();
  const uint64_t before = sender_->Stats(now_).stream.packets_sent;
  uint64_t wrong = 0;
  for (uint8_t type = 0; type < 128; ++type) {
    if (type == 96 || type == 97) continue;
    Bytes bytes = Rtp(1003, 7, type);
    // Types 72 to 79 with the marker are RTCP to everybody (RFC 5761).
    Receive(bytes);
    ++wrong;
  }
  EXPECT_EQ(drops().Total(), wrong);
  EXPECT_EQ(drops()[DropReason::kUnknownPayloadType], wrong);
  EXPECT_EQ(sender_->Stats(now_).stream.packets_sent, before);
  EXPECT_TRUE(recorder_.packets.empty());
}

TEST_F(Hostile, Row23TruncatedDescriptors) {
  ExpectAlive();
  const Bytes descriptor = {0x90, 0xf0, 0x81, 0x23, 0x45, 0x60, 0x30, 0x01, 0x9d, 0x01, 0x2a, 1};
  uint16_t sequence = 1003;
  for (size_t size = 0; size <= descriptor.size(); ++size) {
    Receive(BuildRtpPacket(
        {.ssrc = 7,
         .payload_type = 96,
         .sequence_number = sequence++,
         .payload = Bytes(descriptor.begin(), descriptor.begin() + static_cast<int64_t>(size))}));
  }
  for (int i = 0; i < 12; ++i) source_.NextFrame(now_);
  ExpectAlive();
}

// Monotonic for the receiver: no number twice, and none far from the newest.
void ExpectOneRun(const std::vector<RtpHeader>& headers) {
  std::set<int64_t> seen;
  SeqUnwrapper unwrapper;
  int64_t newest = -1;
  for (const RtpHeader& header : headers) {
    const int64_t index = unwrapper.Unwrap(header.sequence_number);
    ASSERT_TRUE(seen.insert(index).second) << header.sequence_number;
    if (newest >= 0) {
      ASSERT_LT(std::abs(index - newest), 4096);
    }
    newest = std::max(newest, index);
  }
}

TEST_F(Hostile, Row24LyingLayersKeepTheConsumerMonotonic) {
  ExpectAlive();
  Random random(24);
  uint16_t sequence = 1003;
  for (int i = 0; i < 5000; ++i) {
    // X, I, L, T set; picture id, TL0PICIDX, TID/Y/KEYIDX and the rest are random.
    Bytes payload = {0x90, 0xf0, random.U16() % 2 ? uint8_t{0x80} : uint8_t{0x00}};
    for (int k = 0; k < 12; ++k) payload.push_back(static_cast<uint8_t>(random.U32()));
    Receive(BuildRtpPacket({.ssrc = 7,
                            .payload_type = 96,
                            .sequence_number = sequence++,
                            .timestamp = random.U32(),
                            .marker = i % 3 == 0,
                            .payload = payload}));
    now_ += TimeDelta::Millis(3);
  }
  const std::vector<RtpHeader> out = Forwarded();
  EXPECT_GT(out.size(), 4500u);
  ExpectOneRun(out);
}

TEST_F(Hostile, Row25CompoundsThatLie) {
  ExpectAlive();
  const Bytes good = Rtcp(rtcp::Pli{1, 17});
  const std::vector<Bytes> bad = {
      {0x80, 201, 0xff, 0xff, 0, 0, 0, 1},                // length overrun
      {0x9f, 201, 0, 1, 0, 0, 0, 1},                      // RC=31, and nothing there
      {0x9f, 200, 0, 1, 0, 0, 0, 7},                      // the same as SR
      {0x81, 202, 0, 2, 0, 0, 0, 7, 1, 200, 'a', 'b'},    // SDES item overrun
      {0x81, 202, 0, 2, 0, 0, 0, 7, 1, 2, 'a', 'b'},      // SDES without end
      {0x81, 203, 0, 2, 0, 0, 0, 8, 200, 'a', 'b', 'c'},  // BYE reason overrun
      {0x9f, 203, 0, 1, 0, 0, 0, 7},                      // BYE count
      {0x80, 207, 0, 2, 0, 0, 0, 1, 4, 0, 0, 0},          // XR block of length 0
      {0x80, 207, 0, 2, 0, 0, 0, 1, 5, 0, 0xff, 0xff},    // XR block overrun
      {0x81, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 17},         // NACK of nothing
      {0x84, 206, 0, 1, 0, 0, 0, 1},                      // FIR, short
      {0xa0, 201, 0, 1, 0, 0, 0, 200},                    // padding overrun
  };
  for (const Bytes& bytes : bad) {
    for (size_t size = 0; size <= bytes.size(); ++size) {
      Receive(Bytes(bytes.begin(), bytes.begin() + static_cast<int64_t>(size)));
    }
    // What stood before the bad part counts, what is behind it does not.
    Bytes compound = good;
    compound.insert(compound.end(), bytes.begin(), bytes.end());
    compound.insert(compound.end(), good.begin(), good.end());
    Receive(compound);
  }
  EXPECT_GT(drops()[DropReason::kBadRtcp], 10u);
  EXPECT_EQ(receiver_->ssrc(), 7u);
  ExpectAlive();
}

TEST_F(Hostile, Row26KeyFrameRequestFlood) {
  ExpectAlive();
  TakeRtcp();
  uint8_t fir_sequence = 0;
  for (int ms = 0; ms < 2000; ++ms) {
    if (ms % 2 == 0) {
      Receive(Rtcp(rtcp::Pli{1, 17}));
    } else {
      rtcp::Fir fir{.sender_ssrc = 1};
      fir.entries.Add({17, fir_sequence++});
      Receive(Rtcp(fir));
    }
    Advance(1);
    if (router_.NextDeadline() <= now_) router_.HandleTimeout(now_);
  }
  const size_t upstream = TakeRtcp().plis.size();
  EXPECT_GE(upstream, 2u);
  EXPECT_LE(upstream, 10u);
  EXPECT_EQ(sender_->Stats(now_).stream.pli_count, 1000u);
}

// Milliseconds that the thread computes.
double CpuTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

// As many SSRCs as fit into datagrams, to a peer that gets as many streams as there may be: looking
// at each stream for each SSRC would take seconds.
TEST_F(Hostile, Row26ManyStreamsMakeRequestsNoDearer) {
  Bytes requests;
  for (Ssrc ssrc = 1000; ssrc < 1115; ++ssrc) {
    const Bytes request = Rtcp(rtcp::Pli{1, ssrc});
    requests.insert(requests.end(), request.begin(), request.end());
  }
  const auto cost = [&] {
    const double before = CpuTime();
    for (int i = 0; i < 500; ++i) Receive(requests);
    return CpuTime() - before;
  };
  const double few = cost();
  while (transport_->AddSender({.codec = VideoCodec()}).ok()) {
  }
  const double many = cost();
  EXPECT_LT(many, 10 * few + 20);
  ExpectAlive();
}

TEST_F(Hostile, Row27NackFlood) {
  for (int i = 0; i < 100; ++i) {
    ReceiveFrame();
    Advance(33);
  }
  const uint64_t sent = sender_->Stats(now_).stream.packets_sent;
  std::vector<uint16_t> all;
  for (int s = 0; s < 65'536; s += 17) all.push_back(static_cast<uint16_t>(s));
  for (int i = 0; i < 1000; ++i) {
    for (size_t first = 0; first < all.size(); first += 55) {
      const size_t end = std::min(all.size(), first + 55);
      Bytes nack = Nack(
          17, {all.begin() + static_cast<int64_t>(first), all.begin() + static_cast<int64_t>(end)});
      // Every number: each mask is full.
      for (size_t at = 14; at + 2 <= nack.size(); at += 4) StoreBe16(&nack[at], 0xffff);
      if (i % 100 == 0) Receive(nack);
    }
    Advance(1);
  }
  const SentStreamStats stats = sender_->Stats(now_).stream;
  EXPECT_GT(stats.retransmitted_packets_sent, 0u);
  EXPECT_LE(stats.retransmitted_packets_sent, sent / 3);
  EXPECT_GT(stats.repairs_not_found, 100'000u);
}

TEST_F(Hostile, Row29ReportsOfNonsense) {
  ExpectAlive();
  Random random(29);
  for (int i = 0; i < 3000; ++i) {
    rtcp::ReceiverReport report{.sender_ssrc = 1};
    rtcp::ReportBlock block;
    block.ssrc = 17;
    block.fraction_lost = 255;
    block.cumulative_lost = i % 2 == 0 ? std::numeric_limits<int32_t>::max() : -5;
    block.highest_sequence = random.U32();
    block.jitter = random.U32();
    block.last_sr = CompactNtp(NtpTime::FromUnixNanos(static_cast<int64_t>(random.U64() >> 2)));
    block.delay_since_last_sr =
        CompactDelay(TimeDelta::Nanos(static_cast<int64_t>(random.U64() >> 2)));
    report.blocks.Add(block);
    rtcp::ExtendedReport xr{.sender_ssrc = 1};
    xr.dlrr.Add({receiver_->ssrc(), block.last_sr, block.delay_since_last_sr});
    rtcp::SenderReport sr{.sender_ssrc = 7};
    sr.ntp = NtpTime::FromUnixNanos(static_cast<int64_t>(random.U64() >> 2));
    sr.rtp_timestamp = random.U32();
    Receive(Rtcp(sr, report, xr));
    const auto round_trip = sender_->Stats(now_).stream.round_trip_time;
    ASSERT_GE(round_trip.value_or(TimeDelta::Zero()), TimeDelta::Zero());
    ASSERT_LE(round_trip.value_or(TimeDelta::Zero()), TimeDelta::Seconds(10));
    if (i % 100 == 0) Advance(10);
  }
  const auto received = receiver_->Stats(now_).stream.round_trip;
  EXPECT_LE(received.value_or(TimeDelta::Zero()), TimeDelta::Seconds(10));
  ExpectAlive();
}

TEST_F(Hostile, Row41TimeStandsStillOrLeaps) {
  ExpectAlive();
  TakeRtcp();
  // A suspended machine: no storm of what was due meanwhile.
  now_ += TimeDelta::Seconds(3600);
  transport_->HandleTimeout(now_);
  EXPECT_LE(socket_.sent.size(), 3u);
  EXPECT_GT(transport_->NextDeadline(), now_);
  ExpectAlive();
  // The SFU's clock is monotonic: it may stand, and many calls at one time cost nothing.
  socket_.sent.clear();
  for (int i = 0; i < 1000; ++i) transport_->HandleTimeout(now_);
  EXPECT_LE(socket_.sent.size(), 1u);
}

TEST_F(Hostile, Row40AFullSocketIsCountedAndSurvived) {
  ExpectAlive();
  socket_.full = true;
  ReceiveFrame();
  Advance(5000);
  EXPECT_EQ(sender_->Stats(now_).drops[DropReason::kSendFailed], 3u);
  socket_.full = false;
  ExpectAlive();
}

// Valid datagrams with a few bytes changed, in a random order of time. Whatever they do to the
// stream, what goes out is a proper stream, and what is kept stays bounded.
TEST_F(Hostile, MutatedDatagrams) {
  ExpectAlive();
  Random random(4711);
  std::vector<Bytes> corpus;
  for (int i = 0; i < 20; ++i) {
    for (const BuiltPacket& packet : source_.NextFrame(now_)) {
      corpus.emplace_back(packet.bytes.begin(), packet.bytes.begin() + 60);
    }
  }
  rtcp::Sdes sdes;
  sdes.chunks.Add({7, "name"});
  rtcp::ExtendedReport xr{.sender_ssrc = 7};
  xr.reference_time = NtpTime::FromUnixNanos(1);
  xr.dlrr.Add({1, CompactNtp(), CompactDelay()});
  corpus.push_back(Rtcp(rtcp::SenderReport{.sender_ssrc = 7}, sdes, xr));
  corpus.push_back(Nack(17, {1, 2, 3, 100}));
  corpus.push_back(Rtcp(rtcp::Pli{1, 17}));
  corpus.push_back(Bye(7));
  corpus.push_back(BuildRtpPacket({.ssrc = 70, .payload_type = 97, .payload = {3, 0xe8, 0x10, 1}}));
  Timestamp next_advance = now_;
  uint16_t sequence = 1003;
  for (int i = 0; i < 100'000; ++i) {
    Bytes bytes = corpus[random.U32() % corpus.size()];
    if (bytes[1] == 96 || bytes[1] == 0xe0) StoreBe16(&bytes[2], sequence++);
    for (uint32_t changes = random.U32() % 4; changes > 0; --changes) {
      bytes[random.U32() % bytes.size()] = static_cast<uint8_t>(random.U32());
    }
    if (random.U32() % 8 == 0) bytes.resize(random.U32() % (bytes.size() + 1));
    now_ += TimeDelta::Micros(random.U32() % 2000);
    Receive(bytes);
    if (now_ >= next_advance) {
      Advance(1);
      if (router_.NextDeadline() <= now_) router_.HandleTimeout(now_);
      next_advance = now_ + TimeDelta::Millis(20);
    }
    if (i % 1000 == 0) {
      ASSERT_EQ(transport_->session().receivers().size(), 2u);
      ASSERT_LE(transport_->session().sync_group_count(), 4u);
      for (const auto& datagram : socket_.sent) ASSERT_LE(datagram.bytes.size(), 1500u);
      ExpectOneRun(Forwarded());
      socket_.sent.clear();
    }
  }
  // The attack over, the stream is taken up again.
  now_ += TimeDelta::Seconds(2);
  for (int i = 0; i < 5; ++i) source_.NextFrame(now_);
  ReceiveFrame();
  now_ += TimeDelta::Seconds(2);
  ReceiveFrame();
  ExpectAlive();
}

}  // namespace
}  // namespace sfu::test

// The shared port: whose datagram it is, and what strangers get.
#include "ice/ice_demux.h"

#include <gtest/gtest.h>

#include "ice_test_util.h"

namespace sfu::test {
namespace {

class IceDemuxTest : public SharedPortTest {
 protected:
  std::unique_ptr<IceLiteSession> session_ = MakeSession(observer_, kFragment);
  RecordingObserver other_observer_;
  std::unique_ptr<IceLiteSession> other_ = MakeSession(other_observer_, "other");
};

TEST_F(IceDemuxTest, KeepsEachSessionsBatchTogether) {
  Check("192.0.2.9:1000");
  PushCheck("192.0.2.9:2000", {}, "other");
  Deliver();
  observer_.Take();
  other_observer_.Take();
  Push("192.0.2.9:1000", '\x80', "a");
  Push("192.0.2.9:2000", '\x80', "b");
  Push("192.0.2.9:1000", '\x81', "c");
  Push("192.0.2.9:1000", 22, "d");
  Push("192.0.2.9:2000", '\x80', "e");
  Push("192.0.2.9:1000", '\x80', "f");
  Deliver();
  EXPECT_EQ(observer_.Take(), (Events{"media a c", "dtls d", "media f", "done"}));
  EXPECT_EQ(other_observer_.Take(), (Events{"media b e", "done"}));
  EXPECT_EQ(demux_.drops().Total(), 0u);
}

TEST_F(IceDemuxTest, ACheckLetsThroughWhatComesRightBehindIt) {
  Push("192.0.2.9:1000", 22, "before");
  PushCheck("192.0.2.9:1000");
  Push("192.0.2.9:1000", 22, "behind");
  Deliver();
  EXPECT_EQ(observer_.Take(),
            (Events{"tuple 192.0.2.9:1000", "state connected", "dtls behind", "done"}));
  EXPECT_EQ(Drops(DropReason::kUnknownSource), 1u);
}

TEST_F(IceDemuxTest, StrangersAndRubbishAreDropped) {
  Check("192.0.2.9:1000");
  observer_.Take();
  Push("192.0.2.9:1001", 22, "ClientHello");       // another port
  Push("192.0.2.8:1000", '\x80', "rtp");           // another address
  Push("192.0.2.9:1000", 4, "ranges");             // between STUN and DTLS
  Push("192.0.2.9:1000", '\xff', "ranges");        // above RTP
  Push("192.0.2.9:1000", 'A', "TURN channel");     // 64..79
  Push("192.0.2.9:1000", std::vector<uint8_t>{});  // nothing
  Push("192.0.2.9:1000", std::vector<uint8_t>{0x80});
  Deliver();
  EXPECT_EQ(observer_.Take(), Events{});
  EXPECT_EQ(Drops(DropReason::kUnknownSource), 2u);
  EXPECT_EQ(Drops(DropReason::kNotRtp), 3u);
  EXPECT_EQ(Drops(DropReason::kTooShort), 2u);
}

TEST_F(IceDemuxTest, WrongChecksAreRefusedAndChangeNothing) {
  const auto error_of = [&](const std::vector<uint8_t>& check) {
    const size_t before = udp_.sent.size();
    Push("192.0.2.9:1000", check);
    Deliver();
    return udp_.sent.size() == before ? -1 : LastReply().error;
  };
  const std::string name = "abcd:remote";
  const auto begin = [&] { return StunBuilder(++transaction_).Username(name).Priority(1); };
  EXPECT_EQ(error_of(MakeCheck(kFragment, "wrong", 1)), 401);
  EXPECT_EQ(error_of(MakeCheck("nobody", Password(), 1)), -1);
  EXPECT_EQ(error_of(begin().Fingerprint().bytes()), 400);          // no MESSAGE-INTEGRITY
  EXPECT_EQ(error_of(begin().Integrity(Password()).bytes()), 400);  // no FINGERPRINT
  EXPECT_EQ(error_of(StunBuilder(2).Username(name).Integrity(Password()).Fingerprint().bytes()),
            400);  // no PRIORITY
  EXPECT_EQ(error_of(StunBuilder(3).Priority(1).Integrity(Password()).Fingerprint().bytes()),
            400);  // no USERNAME
  EXPECT_EQ(error_of(begin().Controlled().Integrity(Password()).Fingerprint().bytes()), 487);
  EXPECT_EQ(error_of(begin().Add32(0x7fff, 0).Integrity(Password()).Fingerprint().bytes()), 420);
  std::vector<uint8_t> bad_fingerprint = MakeCheck(kFragment, Password(), 4);
  bad_fingerprint.back() ^= 1;
  EXPECT_EQ(error_of(bad_fingerprint), 400);
  EXPECT_EQ(observer_.Take(), Events{});
  EXPECT_EQ(session_->tuple_count(), 0u);
  EXPECT_EQ(session_->state(), IceState::kNew);
  EXPECT_EQ(demux_.counters().checks, 0u);
}

TEST_F(IceDemuxTest, ErrorsAreNeverLongerThanWhatTheyAnswer) {
  Push("192.0.2.9:1000", StunBuilder(1).bytes());
  Push("192.0.2.9:1000", StunBuilder(2).Fingerprint().bytes());
  Deliver();
  EXPECT_TRUE(udp_.sent.empty());
  EXPECT_EQ(Drops(DropReason::kBadStun), 2u);
}

TEST_F(IceDemuxTest, IndicationsAndResponsesAreIgnored) {
  Push("192.0.2.9:1000", StunBuilder(1, StunBuilder::kBindingIndication).Fingerprint().bytes());
  Push("192.0.2.9:1000", StunBuilder(1, 0x0101).Fingerprint().bytes());
  Push("192.0.2.9:1000", StunBuilder(1, 0x0003).Fingerprint().bytes());  // TURN Allocate
  Deliver();
  EXPECT_TRUE(udp_.sent.empty());
  EXPECT_EQ(demux_.counters().indications, 1u);
  EXPECT_EQ(Drops(DropReason::kBadStun), 2u);
}

TEST_F(IceDemuxTest, ACopyOfACheckFromElsewhereMovesNothing) {
  const auto check = MakeCheck(kFragment, Password(), 77, {.use_candidate = true});
  Push("192.0.2.9:1000", check);
  Push("192.0.2.9:1000", check);  // repeated by the peer itself
  Push("192.0.2.66:666", check);
  Deliver();
  EXPECT_EQ(observer_.Take(), (Events{"tuple 192.0.2.9:1000", "state completed"}));
  EXPECT_EQ(udp_.sent.size(), 2u);
  EXPECT_EQ(Drops(DropReason::kStunReplay), 1u);
  EXPECT_EQ(session_->tuple_count(), 1u);
}

TEST_F(IceDemuxTest, AFloodOfWrongChecksIsLimitedAndHurtsNobodyElse) {
  Check("192.0.2.9:1000");
  for (int i = 0; i < 10'000; ++i) {
    const auto byte = [i](int divisor) { return static_cast<uint8_t>(i / divisor % 200); };
    const SocketAddress source = SocketAddress::Ipv4({198, 51, byte(200), byte(1)}, 9);
    Push(source.ToString(), MakeCheck(kFragment, "wrong", 9999));
    Push(At("203.0.113.7", 1 + i), MakeCheck("other", "wrong", 9999));
  }
  Deliver();
  EXPECT_EQ(demux_.counters().errors_sent,
            IceLiteSession::kMaxFailures + StunLimiter::kMaxFailures);
  EXPECT_EQ(Drops(DropReason::kStunLimited),
            20'000 - IceLiteSession::kMaxFailures - StunLimiter::kMaxFailures);
  // Those who are known already go on, and other sessions take new peers.
  const size_t sent = udp_.sent.size();
  Check("192.0.2.9:1000");
  PushCheck("192.0.2.9:2000", {}, "other");
  Deliver();
  EXPECT_EQ(udp_.sent.size(), sent + 2);
  // And a second later all is well.
  Advance(TimeDelta::Seconds(1));
  Check("192.0.2.9:1001");
  EXPECT_EQ(udp_.sent.size(), sent + 3);
}

TEST_F(IceDemuxTest, ATupleGoesToAnotherSessionOnlyWhenItsOwnIsSilent) {
  Check("192.0.2.9:1000");
  PushCheck("192.0.2.9:1000", {}, "other");
  Deliver();
  EXPECT_EQ(other_observer_.Take(), Events{});
  EXPECT_EQ(Drops(DropReason::kUnknownSource), 1u);
  Advance(TimeDelta::Seconds(10));
  observer_.Take();
  PushCheck("192.0.2.9:1000", {}, "other");
  Deliver();
  EXPECT_EQ(observer_.Take(), (Events{"tuple none", "state disconnected"}));
  EXPECT_EQ(other_observer_.Take(), (Events{"tuple 192.0.2.9:1000", "state connected"}));
  Push("192.0.2.9:1000", '\x80', "x");
  Deliver();
  EXPECT_EQ(other_observer_.Take(), (Events{"media x", "done"}));
}

TEST_F(IceDemuxTest, UdpAndTcpOfOneAddressAreTwoTuples) {
  Check("192.0.2.9:1000");
  Push("192.0.2.9:1000", '\x80', "x");
  Deliver(IceProtocol::kTcp);
  EXPECT_EQ(Drops(DropReason::kUnknownSource), 1u);
  PushCheck("192.0.2.9:1000");
  Deliver(IceProtocol::kTcp);
  EXPECT_EQ(session_->tuple_count(), 2u);
}

}  // namespace
}  // namespace sfu::test

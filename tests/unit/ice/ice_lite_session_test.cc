// ICE-lite: which path is chosen, when it is given up, what a restart keeps.
#include "ice/ice_lite_session.h"

#include <gtest/gtest.h>

#include "ice_test_util.h"

namespace sfu::test {
namespace {

class IceLiteSessionTest : public SharedPortTest {
 protected:
  std::unique_ptr<IceLiteSession> session_ = MakeSession(observer_, kFragment);
};

TEST_F(IceLiteSessionTest, AnswersAValidCheckAndIsConnected) {
  Check("192.0.2.9:1000");
  ASSERT_EQ(udp_.sent.size(), 1u);
  EXPECT_EQ(udp_.sent[0].to, Address("192.0.2.9:1000"));
  EXPECT_EQ(udp_.sent[0].from, Address(kLocal));
  const StunReply reply = LastReply();
  EXPECT_EQ(reply.type, 0x0101);
  EXPECT_EQ(reply.transaction, transaction_);
  EXPECT_EQ(reply.mapped_address, "192.0.2.9:1000");
  EXPECT_TRUE(reply.has_integrity);
  EXPECT_TRUE(reply.has_fingerprint);
  EXPECT_EQ(observer_.Take(), (Events{"tuple 192.0.2.9:1000", "state connected"}));
  EXPECT_EQ(session_->state(), IceState::kConnected);
  EXPECT_EQ(session_->selected_tuple()->local, Address(kLocal));
}

TEST_F(IceLiteSessionTest, RegularNominationMovesToTheNominatedPath) {
  Check("192.0.2.9:1000");
  Check("192.0.2.9:2000");
  EXPECT_EQ(observer_.Take(), (Events{"tuple 192.0.2.9:1000", "state connected"}));
  Check("192.0.2.9:2000", {.use_candidate = true});
  EXPECT_EQ(observer_.Take(), (Events{"tuple 192.0.2.9:2000", "state completed"}));
  Check("192.0.2.9:1000");
  Check("192.0.2.9:2000", {.use_candidate = true});
  EXPECT_EQ(observer_.Take(), Events{});
}

TEST_F(IceLiteSessionTest, AggressiveNominationFollowsTheLastOne) {
  Check("192.0.2.9:1000", {.use_candidate = true});
  EXPECT_EQ(observer_.Take(), (Events{"tuple 192.0.2.9:1000", "state completed"}));
  Check("192.0.2.9:2000", {.use_candidate = true});
  EXPECT_EQ(observer_.Take(), (Events{"tuple 192.0.2.9:2000"}));
}

TEST_F(IceLiteSessionTest, RenominationHeedsTheNumber) {
  Check("192.0.2.9:1000", {.use_candidate = true, .nomination = 1});
  Check("192.0.2.9:2000", {.use_candidate = true, .nomination = 3});
  EXPECT_EQ(observer_.Take(),
            (Events{"tuple 192.0.2.9:1000", "state completed", "tuple 192.0.2.9:2000"}));
  // Late ones, and the same one again.
  Check("192.0.2.9:1000", {.use_candidate = true, .nomination = 2});
  Check("192.0.2.9:2000", {.use_candidate = true, .nomination = 3});
  EXPECT_EQ(observer_.Take(), Events{});
  Check("192.0.2.9:1000", {.nomination = 4});
  EXPECT_EQ(observer_.Take(), (Events{"tuple 192.0.2.9:1000"}));
}

// Row 7 of the hostile inputs: an agent that never takes the controlling role.
TEST_F(IceLiteSessionTest, ARoleConflictWithoutEndChangesNothing) {
  Check("192.0.2.9:1000", {.use_candidate = true});
  observer_.Take();
  const size_t before = udp_.sent.size();
  constexpr uint32_t kChecks = 10'000;
  for (uint32_t i = 0; i < kChecks; ++i) {
    StunBuilder check(1000 + i);
    check.Username("abcd:remote").Priority(1).Controlled().Integrity(Password()).Fingerprint();
    Push("192.0.2.9:2000", check.bytes());
    Deliver();
    if (i == 0) {
      ASSERT_EQ(udp_.sent.size(), before + 1);
      EXPECT_EQ(LastReply().error, 487);
      EXPECT_LE(udp_.sent.back().bytes.size(), check.bytes().size());
    }
  }
  // Answers end with the source's allowance.
  EXPECT_EQ(udp_.sent.size(), before + StunLimiter::kMaxFailures);
  EXPECT_EQ(observer_.Take(), Events{});
  EXPECT_EQ(session_->state(), IceState::kCompleted);
  EXPECT_EQ(session_->selected_tuple()->remote, Address("192.0.2.9:1000"));
  EXPECT_EQ(session_->tuple_count(), 1u);
}

TEST_F(IceLiteSessionTest, NominationsWithoutEndMoveItSoOftenAndNoMore) {
  Check("192.0.2.9:1000", {.use_candidate = true});
  observer_.Take();
  for (int i = 0; i < 1000; ++i) {
    Check(i % 2 == 0 ? "192.0.2.9:2000" : "192.0.2.9:1000", {.use_candidate = true});
  }
  EXPECT_EQ(observer_.Take().size(), IceLiteSession::kMaxMoves);
  EXPECT_EQ(session_->selected_tuple()->remote, Address("192.0.2.9:1000"));
  // They are answered all the same, and the next one counts.
  EXPECT_EQ(LastReply().type, 0x0101);
  Advance(TimeDelta::Seconds(1));
  Check("192.0.2.9:2000", {.use_candidate = true});
  EXPECT_EQ(observer_.Take(), Events{"tuple 192.0.2.9:2000"});
}

TEST_F(IceLiteSessionTest, DataOnTwoPathsMovesItSoOftenAndNoMore) {
  Check("192.0.2.9:1000");
  Check("192.0.2.9:2000");
  observer_.Take();
  for (int i = 0; i < 1000; ++i) {
    const char* const from = i % 2 == 0 ? "192.0.2.9:2000" : "192.0.2.9:1000";
    session_->OnAuthenticatedData({IceProtocol::kUdp, Address(kLocal), Address(from)}, now_);
  }
  EXPECT_EQ(observer_.Take().size(), IceLiteSession::kMaxMoves);
}

TEST_F(IceLiteSessionTest, SendsToTheSelectedTupleWhateverItIs) {
  EXPECT_TRUE(session_->sender().Reserve(100).empty());
  EXPECT_FALSE(session_->sender().PrefersEqualSizes());
  Check("192.0.2.9:1000");
  const auto send = [&](char byte) {
    session_->sender().Reserve(10)[0] = static_cast<uint8_t>(byte);
    const std::array<uint16_t, 1> sizes = {1};
    session_->sender().Commit(Address("203.0.113.1:1"), sizes, {});
  };
  send('u');
  EXPECT_EQ(udp_.sent.back().bytes, "u");
  EXPECT_EQ(udp_.sent.back().to, Address("192.0.2.9:1000"));
  EXPECT_EQ(udp_.sent.back().from, Address(kLocal));
  PushCheck("192.0.2.9:1000", {.use_candidate = true});
  Deliver(IceProtocol::kTcp);
  send('t');
  EXPECT_EQ(tcp_.sent.back().bytes, "t");
  EXPECT_EQ(session_->selected_tuple()->protocol, IceProtocol::kTcp);
}

TEST_F(IceLiteSessionTest, KeepsEightTuplesAndTheSelectedOne) {
  Check("192.0.2.9:1000", {.use_candidate = true});
  for (int i = 1; i <= 20; ++i) {
    Advance(TimeDelta::Millis(10));
    Check(At("192.0.2.9", 1000 + i));
    EXPECT_LE(session_->tuple_count(), IceLiteSession::kMaxTuples);
  }
  EXPECT_EQ(demux_.tuple_count(), 8u);
  const auto known = [&](const std::string& remote) {
    return demux_.IsValidated({IceProtocol::kUdp, Address(kLocal), Address(remote)});
  };
  EXPECT_TRUE(known("192.0.2.9:1000"));
  EXPECT_FALSE(known("192.0.2.9:1013"));
  EXPECT_TRUE(known("192.0.2.9:1014"));
  EXPECT_EQ(session_->selected_tuple()->remote, Address("192.0.2.9:1000"));
}

TEST_F(IceLiteSessionTest, ConsentExpiresWithoutChecks) {
  EXPECT_TRUE(session_->NextDeadline().is_never());
  Check("192.0.2.9:1000", {.use_candidate = true});
  Advance(TimeDelta::Seconds(20));
  Check("192.0.2.9:1000");
  observer_.Take();
  EXPECT_EQ(session_->NextDeadline(), now_ + TimeDelta::Seconds(30));
  Advance(TimeDelta::Millis(29'999));
  session_->HandleTimeout(now_);
  EXPECT_EQ(observer_.Take(), Events{});
  Advance(TimeDelta::Millis(1));
  session_->HandleTimeout(now_);
  EXPECT_EQ(observer_.Take(), (Events{"tuple none", "state disconnected"}));
  EXPECT_EQ(demux_.tuple_count(), 0u);
  EXPECT_TRUE(session_->sender().Reserve(1).empty());
  EXPECT_TRUE(session_->NextDeadline().is_never());
  Check("192.0.2.9:1000");
  EXPECT_EQ(observer_.Take(), (Events{"tuple 192.0.2.9:1000", "state connected"}));
}

TEST_F(IceLiteSessionTest, AnotherLivePathTakesOverWhenConsentExpires) {
  Check("192.0.2.9:1000", {.use_candidate = true});
  Advance(TimeDelta::Seconds(10));
  Check("192.0.2.9:2000");
  Advance(TimeDelta::Seconds(20));
  observer_.Take();
  session_->HandleTimeout(now_);
  EXPECT_EQ(observer_.Take(), (Events{"tuple 192.0.2.9:2000"}));
  EXPECT_EQ(session_->NextDeadline(), now_ + TimeDelta::Seconds(10));
}

TEST_F(IceLiteSessionTest, ConsentCanBeSwitchedOff) {
  RecordingObserver observer;
  auto session = MakeSession(observer, "forever", TimeDelta::Zero());
  PushCheck("192.0.2.9:1000", {}, "forever");
  Deliver();
  EXPECT_TRUE(session->NextDeadline().is_never());
  Advance(TimeDelta::Seconds(3600));
  session->HandleTimeout(now_);
  EXPECT_EQ(session->state(), IceState::kConnected);
}

TEST_F(IceLiteSessionTest, RestartHonoursTheOldParametersUntilTheNewAreUsed) {
  Check("192.0.2.9:1000", {.use_candidate = true, .nomination = 5});
  ASSERT_TRUE(session_->Restart(Credentials("wxyz")).ok());
  EXPECT_EQ(session_->local_parameters().username_fragment, "wxyz");
  EXPECT_EQ(session_->state(), IceState::kCompleted);
  Check("192.0.2.9:1000");
  EXPECT_EQ(LastReply().error, 0);
  observer_.Take();
  // The count of nominations begins anew.
  PushCheck("192.0.2.9:3000", {.use_candidate = true, .nomination = 1}, "wxyz");
  Deliver();
  EXPECT_EQ(observer_.Take(), (Events{"tuple 192.0.2.9:3000"}));
  const size_t replies = udp_.sent.size();
  Check("192.0.2.9:1000");
  EXPECT_EQ(udp_.sent.size(), replies);
  EXPECT_EQ(Drops(DropReason::kStunAuth), 1u);
  // The old fragment is free again.
  RecordingObserver other;
  EXPECT_NE(MakeSession(other, kFragment), nullptr);
}

TEST_F(IceLiteSessionTest, OnlyTheLastRestartCounts) {
  ASSERT_TRUE(session_->Restart(Credentials("rst1")).ok());
  ASSERT_TRUE(session_->Restart(Credentials("rst2")).ok());
  Check("192.0.2.9:1000");  // before both
  EXPECT_EQ(Drops(DropReason::kStunAuth), 1u);
  PushCheck("192.0.2.9:1000", {}, "rst1");
  Deliver();
  EXPECT_EQ(session_->state(), IceState::kConnected);
}

TEST_F(IceLiteSessionTest, WrongOptionsAreNamedAndChangeNothing) {
  const auto field_of = [&](const IceCredentials& credentials, TimeDelta consent) {
    IceLiteOptions options{credentials, {}, consent};
    auto session = IceLiteSession::Create(demux_, options, observer_);
    return session.ok() ? std::string() : session.error().field;
  };
  const TimeDelta thirty = TimeDelta::Seconds(30);
  EXPECT_EQ(field_of(Credentials("good"), thirty), "");
  EXPECT_EQ(field_of(Credentials("abc"), thirty), "usernameFragment");
  EXPECT_EQ(field_of(Credentials("ab:d"), thirty), "usernameFragment");
  EXPECT_EQ(field_of(Credentials(std::string(kFragment)), thirty), "usernameFragment");
  EXPECT_EQ(field_of({"good", "short"}, thirty), "password");
  EXPECT_EQ(field_of(Credentials("good"), TimeDelta::Seconds(9)), "iceConsentTimeout");
  EXPECT_EQ(field_of(Credentials("good"), TimeDelta::Seconds(61)), "iceConsentTimeout");
  EXPECT_EQ(session_->Restart(Credentials("x")).error().field, "usernameFragment");
  EXPECT_EQ(session_->Restart(Credentials(std::string(kFragment))).error().reason, "is in use");
  EXPECT_EQ(session_->local_parameters().username_fragment, kFragment);
  EXPECT_EQ(session_->SetRemoteParameters({"remote", "", true}).error().field, "iceLite");
  EXPECT_TRUE(session_->SetRemoteParameters({"remote", "", false}).ok());
  Check("192.0.2.9:1000");
  EXPECT_EQ(session_->state(), IceState::kConnected);
}

TEST_F(IceLiteSessionTest, AClosedPathGivesWayToTheFreshestOther) {
  PushCheck("192.0.2.9:1000", {.use_candidate = true});
  Deliver(IceProtocol::kTcp);
  Check("192.0.2.9:2000");
  Advance(TimeDelta::Millis(1));
  Check("192.0.2.9:3000");
  observer_.Take();
  demux_.OnPathClosed({IceProtocol::kTcp, Address(kLocal), Address("192.0.2.9:1000")}, now_);
  EXPECT_EQ(observer_.Take(), (Events{"tuple 192.0.2.9:3000"}));
  EXPECT_EQ(session_->state(), IceState::kCompleted);
  demux_.OnPathClosed({IceProtocol::kUdp, Address(kLocal), Address("192.0.2.9:2000")}, now_);
  EXPECT_EQ(observer_.Take(), Events{});
  demux_.OnPathClosed({IceProtocol::kUdp, Address(kLocal), Address("192.0.2.9:3000")}, now_);
  EXPECT_EQ(observer_.Take(), (Events{"tuple none", "state disconnected"}));
}

TEST_F(IceLiteSessionTest, DataShowsThePathOnlyUntilOneIsNominated) {
  const IceTuple second{IceProtocol::kUdp, Address(kLocal), Address("192.0.2.9:2000")};
  session_->OnAuthenticatedData(second, now_);  // nothing is known yet
  Check("192.0.2.9:1000");
  session_->OnAuthenticatedData(second, now_);  // not validated
  Check("192.0.2.9:2000");
  observer_.Take();
  session_->OnAuthenticatedData(second, now_);
  EXPECT_EQ(observer_.Take(), (Events{"tuple 192.0.2.9:2000"}));
  Check("192.0.2.9:1000", {.use_candidate = true});
  observer_.Take();
  session_->OnAuthenticatedData(second, now_);
  EXPECT_EQ(observer_.Take(), Events{});
}

TEST_F(IceLiteSessionTest, CloseFreesEverythingAndIsSilent) {
  Check("192.0.2.9:1000");
  observer_.Take();
  session_->Close();
  EXPECT_EQ(session_->state(), IceState::kClosed);
  EXPECT_EQ(demux_.tuple_count(), 0u);
  EXPECT_EQ(session_->Restart(Credentials("wxyz")).error().reason, "the session is closed");
  Check("192.0.2.9:1000");
  session_->HandleTimeout(now_ + TimeDelta::Seconds(60));
  EXPECT_EQ(observer_.Take(), Events{});
}

TEST_F(IceLiteSessionTest, MayBeDestroyedByAnyEvent) {
  for (const char* last :
       {"tuple 192.0.2.9:1000", "state connected", "dtls hello", "media rtp", "done"}) {
    RecordingObserver observer;
    auto session = MakeSession(observer, "dies");
    observer.hook = [&](const std::string& event) {
      if (event == last) session.reset();
    };
    PushCheck("192.0.2.9:1000", {}, "dies");
    Push("192.0.2.9:1000", 22, "hello");
    Push("192.0.2.9:1000", '\x80', "rtp");
    Deliver();
    EXPECT_EQ(session, nullptr);
    EXPECT_EQ(observer.Take().back(), last);
    EXPECT_EQ(demux_.tuple_count(), 0u);
  }
}

}  // namespace
}  // namespace sfu::test

// What becomes of a WebRTC transport's media when paths come, go and change.
#include <gtest/gtest.h>

#include "webrtc_media.h"

namespace sfu::test {
namespace {

class WebRtcPaths : public testing::Test {
 protected:
  void SetUp() override {
    link_.Connect();
    ASSERT_TRUE(link_.RunUntilConnected());
    SendVideo(link_, {&up_, &down_}, 30);
    link_.Run(TimeDelta::Millis(100));
    ASSERT_EQ(up_.arrived(), up_.sent());
    ASSERT_EQ(down_.arrived(), down_.sent());
    link_.server().Take();
  }
  // The client sends its check at once.
  void CheckNow() {
    link_.client_ice().Begin(link_.now);
    link_.client().timer = link_.now;
  }

  WebRtcLink link_{Path(1, 0), Path(2, 0)};
  VideoStream up_{link_.client(), link_.server(), 11};
  VideoStream down_{link_.server(), link_.client(), 12};
};

// Row 42: the client notices that its address has changed, and says so.
TEST_F(WebRtcPaths, MediaFollowsAClientThatRoams) {
  link_.client_ice().Roam(WebRtcLink::ClientAddress(2000), link_.now);
  link_.client().timer = link_.now;
  const Timestamp roamed = link_.now;
  EXPECT_TRUE(link_.RunUntil([&] {
    const auto tuple = link_.server().transport->ice_selected_tuple();
    return tuple && tuple->remote == WebRtcLink::ClientAddress(2000);
  }));
  EXPECT_LE(link_.now - roamed, TimeDelta::Millis(20));
  EXPECT_EQ(link_.server().Take(), Events{"tuple 10.0.0.2:2000"});
  const size_t before_up = up_.arrived();
  const size_t before_down = down_.arrived();
  SendVideo(link_, {&up_, &down_}, 30);
  link_.Run(TimeDelta::Millis(100));
  EXPECT_EQ(up_.arrived(), before_up + 90);
  EXPECT_EQ(down_.arrived(), before_down + 90);
}

// Row 42: a NAT gives the client another port, and nobody knows until the next check.
TEST_F(WebRtcPaths, MediaGoesOnAfterTheFirstCheckBehindANewNatBinding) {
  CheckNow();
  link_.Run(TimeDelta::Millis(100));  // the next check is 2.4 s away
  link_.client_ice().Rebind(WebRtcLink::ClientAddress(3000));
  const size_t before_up = up_.arrived();
  SendVideo(link_, {&up_, &down_}, 30);
  // Media from an address that no check came from is a stranger's.
  EXPECT_EQ(up_.arrived(), before_up);
  EXPECT_GE(link_.demux().drops()[DropReason::kUnknownSource], 90u);
  ASSERT_TRUE(link_.RunUntil([&] {
    return link_.server().transport->ice_selected_tuple()->remote ==
           WebRtcLink::ClientAddress(3000);
  }));
  const size_t before_down = down_.arrived();
  SendVideo(link_, {&up_, &down_}, 30);
  link_.Run(TimeDelta::Millis(100));
  EXPECT_GE(up_.arrived(), before_up + 90);
  EXPECT_GE(down_.arrived(), before_down + 90);
}

// Row 8.
TEST_F(WebRtcPaths, NothingIsSentWhenConsentHasExpired) {
  CheckNow();
  link_.Run(TimeDelta::Millis(100));
  const Timestamp last_check = link_.now - TimeDelta::Millis(80);
  link_.client_ice().Silence();
  SendVideo(link_, {&down_}, 880);  // 29 s
  EXPECT_TRUE(link_.server().transport->connected());
  ASSERT_TRUE(link_.RunUntil([&] { return !link_.server().transport->connected(); }));
  EXPECT_EQ(link_.now - last_check, TimeDelta::Seconds(30));
  EXPECT_EQ(link_.server().Take(), (Events{"tuple none", "ice disconnected"}));
  EXPECT_EQ(link_.server().transport->ice_state(), IceState::kDisconnected);
  const uint64_t sent = link_.bytes_from_server;
  SendVideo(link_, {&up_, &down_}, 100);
  EXPECT_EQ(link_.bytes_from_server, sent);
  // A check brings it back, keys and all.
  CheckNow();
  EXPECT_TRUE(link_.RunUntilConnected(TimeDelta::Seconds(1)));
  EXPECT_EQ(link_.server().Take(), (Events{"tuple 10.0.0.2:1000", "ice completed"}));
  const size_t before = down_.arrived();
  SendVideo(link_, {&down_}, 30);
  link_.Run(TimeDelta::Millis(100));
  EXPECT_GE(down_.arrived(), before + 90);
}

TEST_F(WebRtcPaths, MediaGoesOnThroughAnIceRestart) {
  WebRtcTransport& server = *link_.server().transport;
  const IceParameters old_parameters = server.ice_parameters();
  ASSERT_TRUE(server.RestartIce(WebRtcLink::Credentials("wxyz")).ok());
  EXPECT_EQ(server.ice_parameters().username_fragment, "wxyz");
  // Until the new ones are used, the old ones are honoured.
  const uint64_t answers = link_.client_ice().answers();
  SendVideo(link_, {&up_, &down_}, 100);
  EXPECT_GT(link_.client_ice().answers(), answers);
  link_.client_ice().UseServer(server.ice_parameters(), link_.now);
  link_.client().timer = link_.now;
  SendVideo(link_, {&up_, &down_}, 100);
  // Now they are not.
  const uint64_t refused = link_.demux().drops()[DropReason::kStunAuth];
  link_.SendToServer(MakeCheck(old_parameters.username_fragment, old_parameters.password, 77,
                               {.use_candidate = true}),
                     WebRtcLink::ClientAddress(5000));
  link_.Run(TimeDelta::Millis(100));
  EXPECT_EQ(link_.demux().drops()[DropReason::kStunAuth], refused + 1);
  EXPECT_EQ(up_.arrived(), up_.sent());
  EXPECT_EQ(down_.arrived(), down_.sent());
  EXPECT_EQ(link_.server().Take(), Events{});
}

// Row 6: a check that somebody has seen on the wire, sent again from elsewhere.
TEST_F(WebRtcPaths, AReplayedCheckMovesNothing) {
  Datagram seen;
  link_.on_to_server = [&](ByteView datagram, const SocketAddress&) {
    if (ClassifyDatagram(datagram) == DatagramKind::kStun) {
      seen.assign(datagram.begin(), datagram.end());
    }
  };
  CheckNow();
  link_.Run(TimeDelta::Millis(100));
  ASSERT_FALSE(seen.empty());
  link_.on_to_server = nullptr;
  uint64_t strays = 0;
  link_.on_stray = [&](ByteView, const SocketAddress&) { ++strays; };
  for (int i = 0; i < 100; ++i) {
    link_.SendToServer(seen, WebRtcLink::ClientAddress(static_cast<uint16_t>(6000 + i)));
  }
  SendVideo(link_, {&down_}, 30);
  link_.Run(TimeDelta::Millis(100));
  EXPECT_EQ(link_.server().Take(), Events{});
  EXPECT_EQ(strays, 0u);
  EXPECT_EQ(down_.arrived(), down_.sent());
  EXPECT_EQ(link_.demux().drops()[DropReason::kStunReplay], 100u);
}

// Row 5: wrong checks for our session from very many addresses.
TEST_F(WebRtcPaths, AFloodOfWrongChecksDoesNotTouchTheMedia) {
  const Datagram wrong =
      MakeCheck("abcd", "PasswordOf24Characters??", 999, {.use_candidate = true});
  Random random(5);
  for (int frame = 0; frame < 30; ++frame) {
    for (int i = 0; i < 3000; ++i) {
      const uint32_t ip = random.U32();
      link_.SendToServer(wrong, SocketAddress::Ipv4({10, static_cast<uint8_t>(ip >> 8), 9, 9},
                                                    static_cast<uint16_t>(1000 + (ip >> 24))));
    }
    SendVideo(link_, {&up_, &down_}, 1);
  }
  link_.Run(TimeDelta::Millis(100));
  EXPECT_EQ(link_.demux().tuple_count(), 1u);
  EXPECT_EQ(link_.server().Take(), Events{});
  EXPECT_EQ(up_.arrived(), up_.sent());
  EXPECT_EQ(down_.arrived(), down_.sent());
  EXPECT_GT(link_.demux().drops()[DropReason::kStunLimited], 80'000u);
}

// Row 40: a socket that refuses everything for a while.
TEST_F(WebRtcPaths, ASocketThatRefusesIsSurvived) {
  link_.server_can_send = false;
  SendVideo(link_, {&up_, &down_}, 30);
  EXPECT_GE(down_.sender().Stats(link_.now).drops[DropReason::kSendFailed], 90u);
  link_.server_can_send = true;
  const size_t before = down_.arrived();
  SendVideo(link_, {&up_, &down_}, 30);
  link_.Run(TimeDelta::Millis(200));
  EXPECT_GE(down_.arrived(), before + 90);
  EXPECT_EQ(up_.arrived(), up_.sent());
}

}  // namespace
}  // namespace sfu::test

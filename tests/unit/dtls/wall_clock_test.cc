// Row 41 of the hostile inputs: somebody sets the wall clock during a handshake. OpenSSL reads it
// in this program by the functions below, which stand in front of libc's.
#include <sys/time.h>

#include <ctime>

#include "dtls_fixture.h"

namespace {

// What the wall clock shows besides the time; changes with every look if `leaps`.
bool leaps = false;
int looks = 0;

time_t Leap() {
  if (!leaps) return 0;
  constexpr time_t kHour = 3600;
  return (++looks % 3 - 1) * kHour;
}

}  // namespace

extern "C" int gettimeofday(timeval* now, void* /*zone*/) {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  now->tv_sec = 1'700'000'000 + time.tv_sec + Leap();
  now->tv_usec = time.tv_nsec / 1000;
  return 0;
}

namespace sfu::test {
namespace {

class WallClock : public testing::Test {
 protected:
  void SetUp() override {
    OurContext();
    TheirContext();
    leaps = true;
  }
  void TearDown() override { leaps = false; }
};

TEST_F(WallClock, MayBeSetDuringAHandshake) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    NetworkOptions network;
    network.seed = seed;
    network.loss = 0.3;
    network.delay = TimeDelta::Millis(30);
    Link link(network, {.mtu = 400}, {.mtu = 400});
    const Timestamp start = link.now;
    link.Connect();
    link.Run();
    EXPECT_TRUE(link.connected()) << seed;
    EXPECT_LT(link.now - start, DtlsSession::kMaxHandshakeTime);
  }
  EXPECT_GT(looks, 100) << "OpenSSL looks at another clock: this test shows nothing";
}

// Nothing is repeated early, nor late.
TEST_F(WallClock, DoesNotMoveARepetition) {
  End client(TheirContext());
  Timestamp now = Timestamp::FromMillis(7);
  ASSERT_TRUE(client.session.Connect(ParametersOf(*OurContext(), DtlsRole::kServer), now).ok());
  client.session.Start(now);
  EXPECT_EQ(client.TakeSent().size(), 1u);
  for (const int64_t wait : {100, 200, 400}) {
    ASSERT_EQ(client.session.NextDeadline(), now + TimeDelta::Millis(wait));
    client.session.HandleTimeout(now + TimeDelta::Millis(wait - 1));
    EXPECT_EQ(client.TakeSent().size(), 0u);
    now += TimeDelta::Millis(wait);
    client.session.HandleTimeout(now);
    EXPECT_EQ(client.TakeSent().size(), 1u);
  }
}

}  // namespace
}  // namespace sfu::test

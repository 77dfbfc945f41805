// The emulator itself: that it does what its options say, and the same for the same seed.
#include "tests/support/network_emulator.h"

#include <gtest/gtest.h>

namespace sfu::test {
namespace {

struct Delivery {
  uint64_t tag;
  int64_t ms;
  bool operator==(const Delivery&) const = default;
};

// Sends `count` packets of `size` bytes, one per `interval`; returns what arrives when.
std::vector<Delivery> RunPath(NetworkEmulator& path, int count, size_t size = 100,
                              TimeDelta interval = TimeDelta::Millis(1)) {
  std::vector<Delivery> deliveries;
  const std::vector<uint8_t> packet(size, 7);
  Timestamp now;
  const auto deliver = [&](ByteView bytes, uint64_t tag) {
    EXPECT_EQ(bytes.size(), size);
    deliveries.push_back({tag, now.ms()});
  };
  for (int i = 0; i < count; ++i) {
    const Timestamp send_at = Timestamp() + interval * i;
    while (path.NextDeadline() <= send_at) {
      now = path.NextDeadline();
      path.Poll(now, deliver);
    }
    path.Send(packet, send_at, static_cast<uint64_t>(i));
  }
  while (!path.NextDeadline().is_never()) {
    now = path.NextDeadline();
    path.Poll(now, deliver);
  }
  return deliveries;
}

TEST(NetworkEmulatorTest, APerfectPathOnlyDelays) {
  NetworkOptions options;
  options.delay = TimeDelta::Millis(25);
  NetworkEmulator path(options);
  const auto deliveries = RunPath(path, 100);
  ASSERT_EQ(deliveries.size(), 100u);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(deliveries[static_cast<size_t>(i)], (Delivery{static_cast<uint64_t>(i), i + 25}));
  }
}

TEST(NetworkEmulatorTest, TheSameSeedGivesTheSameRun) {
  NetworkOptions options;
  options.loss = 0.1;
  options.jitter = TimeDelta::Millis(30);
  options.reorder = 0.1;
  options.duplicate = 0.1;
  NetworkEmulator a(options);
  NetworkEmulator b(options);
  options.seed = 2;
  NetworkEmulator c(options);
  const auto run = RunPath(a, 1'000);
  EXPECT_EQ(run, RunPath(b, 1'000));
  EXPECT_NE(run, RunPath(c, 1'000));
}

TEST(NetworkEmulatorTest, LossIsAsFrequentAsTold) {
  NetworkOptions options;
  options.loss = 0.05;
  NetworkEmulator path(options);
  const auto deliveries = RunPath(path, 20'000);
  EXPECT_EQ(deliveries.size() + path.stats().lost, 20'000u);
  EXPECT_NEAR(static_cast<double>(path.stats().lost), 1'000, 100);
}

TEST(NetworkEmulatorTest, BurstLossComesInBursts) {
  NetworkOptions options;
  options.burst_loss = {.good_to_bad = 0.01, .bad_to_good = 0.2};
  NetworkEmulator path(options);
  const auto deliveries = RunPath(path, 50'000);
  // The share of time in the bad state, and its mean length.
  EXPECT_NEAR(static_cast<double>(path.stats().lost) / 50'000, 0.01 / 0.21, 0.01);
  int bursts = 0;
  for (size_t i = 1; i < deliveries.size(); ++i) {
    if (deliveries[i].tag != deliveries[i - 1].tag + 1) ++bursts;
  }
  EXPECT_NEAR(static_cast<double>(path.stats().lost) / bursts, 5, 1);
}

TEST(NetworkEmulatorTest, JitterKeepsTheOrderAndReorderingDoesNot) {
  NetworkOptions options;
  options.delay = TimeDelta::Millis(10);
  options.jitter = TimeDelta::Millis(20);
  NetworkEmulator jittery(options);
  const auto ordered = RunPath(jittery, 1'000);
  for (size_t i = 0; i < ordered.size(); ++i) {
    EXPECT_EQ(ordered[i].tag, i);
    EXPECT_GE(ordered[i].ms, static_cast<int64_t>(i) + 10);
    EXPECT_LE(ordered[i].ms, static_cast<int64_t>(i) + 30);
  }
  options.jitter = TimeDelta::Zero();
  options.reorder = 0.1;
  NetworkEmulator reordering(options);
  const auto mixed = RunPath(reordering, 1'000);
  ASSERT_EQ(mixed.size(), 1'000u);
  int backwards = 0;
  for (size_t i = 1; i < mixed.size(); ++i) backwards += mixed[i].tag < mixed[i - 1].tag ? 1 : 0;
  EXPECT_NEAR(backwards, 90, 30);
  EXPECT_NEAR(static_cast<double>(reordering.stats().reordered), 100, 30);
}

TEST(NetworkEmulatorTest, TheBottleneckDelaysThenDrops) {
  NetworkOptions options;
  options.rate = DataRate::KilobitsPerSecond(800);  // 100 bytes/ms
  options.queue_bytes = 1'000;
  NetworkEmulator fitting(options);
  EXPECT_EQ(RunPath(fitting, 1'000, 100).size(), 1'000u);
  NetworkEmulator overloaded(options);
  const auto deliveries = RunPath(overloaded, 1'000, 200);
  EXPECT_NEAR(static_cast<double>(deliveries.size()), 505, 3);
  EXPECT_NEAR(static_cast<double>(overloaded.stats().lost_in_queue), 495, 3);
  for (const Delivery& delivery : deliveries) {
    EXPECT_LE(delivery.ms - static_cast<int64_t>(delivery.tag), 10);
  }
}

TEST(NetworkEmulatorTest, AnOutageLosesWhatIsSentThen) {
  NetworkOptions options;
  options.delay = TimeDelta::Millis(50);
  options.outages = {{Timestamp::FromMillis(100), Timestamp::FromMillis(200)}};
  NetworkEmulator path(options);
  const auto deliveries = RunPath(path, 300);
  ASSERT_EQ(deliveries.size(), 200u);
  EXPECT_EQ(deliveries[99], (Delivery{99, 149}));
  EXPECT_EQ(deliveries[100], (Delivery{200, 250}));
  EXPECT_EQ(path.stats().lost_in_outage, 100u);
}

TEST(NetworkEmulatorTest, DuplicatesComeTwice) {
  NetworkOptions options;
  options.duplicate = 1;
  NetworkEmulator path(options);
  const auto deliveries = RunPath(path, 10);
  ASSERT_EQ(deliveries.size(), 20u);
  EXPECT_EQ(deliveries[1].tag, 0u);
  EXPECT_EQ(deliveries[2].tag, 1u);
}

}  // namespace
}  // namespace sfu::test

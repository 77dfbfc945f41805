// When offers are told, and which budget counts.
#include "router/layer_offer.h"

#include <gtest/gtest.h>

namespace sfu {
namespace {

constexpr DataRate Kbps(int64_t v) { return DataRate::KilobitsPerSecond(v); }
constexpr Timestamp At(int64_t ms) { return Timestamp::FromMillis(ms); }

TEST(OfferTellerTest, TellsWhatChanged) {
  OfferTeller teller;
  LayerOffer offer{.bitrate = Kbps(500), .priority = 1, .wanted = true};
  ASSERT_TRUE(teller.IsDue(offer, At(1'000)));
  teller.OnTold(offer, At(1'000));
  EXPECT_FALSE(teller.IsDue(offer, At(5'000)));
  offer.bitrate = Kbps(590);
  EXPECT_FALSE(teller.IsDue(offer, At(5'000))) << "about the same";
  offer.bitrate = Kbps(610);
  EXPECT_TRUE(teller.IsDue(offer, At(5'000)));
  offer.bitrate = Kbps(500);
  offer.priority = 2;
  EXPECT_TRUE(teller.IsDue(offer, At(5'000)));
  offer.priority = 1;
  offer.wanted = false;
  EXPECT_TRUE(teller.IsDue(offer, At(5'000)));
}

TEST(OfferTellerTest, NoMoreThanTenTimesASecond) {
  OfferTeller teller;
  int told = 0;
  for (int64_t ms = 0; ms < 1'000; ++ms) {
    const LayerOffer offer{.priority = static_cast<uint8_t>(1 + ms % 200)};
    if (!teller.IsDue(offer, At(ms))) continue;
    teller.OnTold(offer, At(ms));
    ++told;
  }
  EXPECT_EQ(told, 10);
}

TEST(BudgetTest, TheLeastOfAllReceiversCounts) {
  Budget budget;
  EXPECT_FALSE(budget.value());
  budget.Add(Kbps(900), 10);
  budget.Add(Kbps(300), 10);
  budget.Add(Kbps(500), 11);
  EXPECT_EQ(budget.value(), Kbps(300));
}

TEST(BudgetTest, WhoSaysNothingMoreIsForgotten) {
  Budget budget;
  budget.Add(Kbps(300), 10);
  for (uint64_t epoch = 10; epoch <= 13; ++epoch) budget.Add(Kbps(900), epoch);
  EXPECT_EQ(budget.value(), Kbps(900));
  budget.Add(Kbps(100), 10);
  EXPECT_EQ(budget.value(), Kbps(900)) << "too old";
}

}  // namespace
}  // namespace sfu

// The SSRC table against a model, and its bound.
#include "transport/ssrc_table.h"

#include <gtest/gtest.h>

#include <unordered_map>
#include <vector>

#include "base/random.h"

namespace sfu::test {
namespace {

class SsrcTableTest : public testing::Test {
 protected:
  SsrcTableTest() {
    for (int i = 0; i < 3; ++i) {
      receivers_.push_back(std::make_unique<RtpReceiver>(
          RtpReceiverOptions(), std::make_shared<SyncGroup>(), &pool_, nullptr));
    }
  }
  RtpPacketPool pool_;
  std::vector<std::unique_ptr<RtpReceiver>> receivers_;
};

TEST_F(SsrcTableTest, IsLikeAMap) {
  Random random(4);
  SsrcTable table(random.U64());
  std::unordered_map<Ssrc, RtpReceiver*> model;
  for (int i = 0; i < 50'000; ++i) {
    const Ssrc ssrc = random.U32() % 300;
    RtpReceiver* receiver = receivers_[random.U32() % receivers_.size()].get();
    if (random.U32() % 2 == 0) {
      const bool inserted = table.Insert({ssrc, RtpReceiver::Role::kPrimary, false, receiver});
      ASSERT_EQ(inserted, model.emplace(ssrc, receiver).second);
    } else if (random.U32() % 1000 == 0) {
      table.EraseAllOf(receiver);
      std::erase_if(model, [&](const auto& entry) { return entry.second == receiver; });
    } else {
      table.Erase(ssrc);
      model.erase(ssrc);
    }
    ASSERT_EQ(table.size(), model.size());
    const Ssrc other = random.U32() % 300;
    const SsrcTable::Entry* found = table.Find(other);
    const auto expected = model.find(other);
    ASSERT_EQ(found == nullptr ? nullptr : found->receiver,
              expected == model.end() ? nullptr : expected->second);
  }
}

TEST_F(SsrcTableTest, OnlyWhatWasLearntIsBounded) {
  SsrcTable table(1);
  RtpReceiver* receiver = receivers_.front().get();
  for (Ssrc ssrc = 1; ssrc <= 10'000; ++ssrc) {
    const bool inserted = table.Insert({ssrc, RtpReceiver::Role::kPrimary, true, receiver});
    EXPECT_EQ(inserted, ssrc <= SsrcTable::kMaxLearnt);
  }
  EXPECT_EQ(table.learnt(), SsrcTable::kMaxLearnt);
  EXPECT_TRUE(table.Insert({20'000, RtpReceiver::Role::kPrimary, false, receiver}));
  EXPECT_FALSE(table.Insert({20'001, RtpReceiver::Role::kPrimary, true, receiver}));
  table.Erase(5);
  EXPECT_TRUE(table.Insert({20'001, RtpReceiver::Role::kPrimary, true, receiver}));
}

}  // namespace
}  // namespace sfu::test

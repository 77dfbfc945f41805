// Key-frame requests: few go upstream however many are asked, and a lost one is repeated.
#include "router/key_frame_requester.h"

#include <gtest/gtest.h>

namespace sfu {
namespace {

Timestamp Ms(int64_t ms) { return Timestamp::FromMillis(ms); }

TEST(KeyFrameRequester, FloodBecomesOnePerInterval) {
  KeyFrameRequester requester;
  int sent = 0;
  for (int ms = 0; ms < 1000; ++ms) {
    if (requester.Request(Ms(ms))) ++sent;
    if (requester.next_deadline() <= Ms(ms) && requester.HandleTimeout(Ms(ms))) ++sent;
  }
  EXPECT_EQ(sent, 2);
}

TEST(KeyFrameRequester, WhatWasAskedTooSoonGoesOutLater) {
  KeyFrameRequester requester;
  EXPECT_TRUE(requester.Request(Ms(0)));
  requester.OnKeyFrame(Ms(50));
  EXPECT_TRUE(requester.next_deadline().is_never());
  EXPECT_FALSE(requester.Request(Ms(100)));
  EXPECT_EQ(requester.next_deadline(), Ms(500));
  EXPECT_FALSE(requester.HandleTimeout(Ms(499)));
  EXPECT_TRUE(requester.HandleTimeout(Ms(500)));
}

TEST(KeyFrameRequester, KeyFrameAnswersWhatWasHeldBack) {
  KeyFrameRequester requester;
  EXPECT_TRUE(requester.Request(Ms(0)));
  EXPECT_FALSE(requester.Request(Ms(100)));
  requester.OnKeyFrame(Ms(200));
  EXPECT_TRUE(requester.next_deadline().is_never());
  EXPECT_FALSE(requester.HandleTimeout(Ms(600)));
}

TEST(KeyFrameRequester, UnansweredIsRepeatedButNotForEver) {
  KeyFrameRequester requester;
  int sent = requester.Request(Ms(0)) ? 1 : 0;
  for (int ms = 0; ms < 60'000; ms += 10) {
    if (requester.next_deadline() <= Ms(ms) && requester.HandleTimeout(Ms(ms))) ++sent;
  }
  EXPECT_EQ(sent, KeyFrameRequester::kMaxAttempts);
  EXPECT_TRUE(requester.next_deadline().is_never());
}

}  // namespace
}  // namespace sfu

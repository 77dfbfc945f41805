// Browsers that come and go: of what their transports made, GStreamer's leaks tracer must list
// nothing afterwards.
#include <gtest/gtest.h>

#include "live_objects.h"
#include "webrtc_client.h"

namespace sfu::test {
namespace {

constexpr int kConnections = 100;

class WebRtcLeaks : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(HasLeaksTracer()) << "GST_TRACERS=leaks is not set"; }
};

TEST_F(WebRtcLeaks, AHundredConnections) {
  for (int i = 0; i < kConnections; ++i) {
    WebRtcStage stage;
    Published published(stage);
    // Some say goodbye, others are just gone.
    if (i % 2 == 0) published.client->Close();
  }
  ExpectNothingLives();
}

TEST_F(WebRtcLeaks, AThousandThatNobodyCalls) {
  for (int i = 0; i < 1000; ++i) {
    WebRtcStage stage;
    stage.SetState(i % 2 == 0 ? GST_STATE_READY : GST_STATE_PLAYING);
  }
  ExpectNothingLives();
}

}  // namespace
}  // namespace sfu::test

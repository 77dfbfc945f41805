// What the OpenSSL back end can and libsrtp2 cannot: a stream whose first packets, just before a
// wrap, were lost.
#include <gtest/gtest.h>

#include "srtp_test_util.h"

namespace sfu {
namespace {

constexpr Ssrc kSsrc = 0x11223344;

class OpenSslReceiver : public EverySuite {
 protected:
  std::vector<uint8_t> Sent(int64_t index) {
    return Protect(stream_, RtpPacketOf(kSsrc, static_cast<uint16_t>(index)));
  }
  std::string Receive(const std::vector<uint8_t>& packet) {
    return Unprotect(receiver_.get(), packet).reason;
  }
  SrtpSendStream* stream_ = sender_->AddStream(kSsrc);
};
INSTANTIATE_TEST_SUITE_P(Srtp, OpenSslReceiver, ::testing::ValuesIn(kAllSrtpSuites), SuiteName);

TEST_P(OpenSslReceiver, FindsTheRolloverCounterWhenTheFirstCycleIsLost) {
  const std::vector<uint8_t> first = Sent(65534);
  Sent(65535);
  for (const bool in_place : {false, true}) {
    receiver_ = TestReceiver(key_);
    std::vector<uint8_t> packet = Sent(65536 + 3);
    std::vector<uint8_t> elsewhere(packet.size());
    std::vector<uint8_t>& out = in_place ? packet : elsewhere;
    const UnprotectResult result = receiver_->Unprotect(packet, out);
    ASSERT_TRUE(result.ok());
    out.resize(result.size());
    EXPECT_EQ(out, RtpPacketOf(kSsrc, 3));
    EXPECT_EQ(Receive(first), "");  // reordered, from before the wrap
    EXPECT_EQ(Receive(Sent(65536 + 4)), "");
  }
}

}  // namespace
}  // namespace sfu

// Our packets and libsrtp2's are the same, in both directions, for every suite.
#include <gtest/gtest.h>

#include "libsrtp2_oracle.h"
#include "srtp_test_util.h"

namespace sfu {
namespace {

constexpr Ssrc kSsrc = 0xcafebabe;

class SrtpOracle : public EverySuite {
 protected:
  Libsrtp2Oracle oracle_sender_{key_, Libsrtp2Session::Direction::kOutbound};
  Libsrtp2Oracle oracle_receiver_{key_, Libsrtp2Session::Direction::kInbound};
};
INSTANTIATE_TEST_SUITE_P(Srtp, SrtpOracle, ::testing::ValuesIn(kAllSrtpSuites), SuiteName);

TEST_P(SrtpOracle, SamePacketsForEveryPayloadSize) {
  SrtpSendStream* stream = sender_->AddStream(kSsrc);
  uint16_t seq = 100;
  for (size_t size = 0; size <= 1400; size += size < 70 ? 1 : 133) {
    const std::vector<uint8_t> plain = RtpPacketOf(kSsrc, seq++, size);
    const std::vector<uint8_t> ours = Protect(stream, plain);
    ASSERT_EQ(ours.size(), plain.size() + info().rtp_overhead());
    EXPECT_EQ(ours, oracle_sender_.Protect(plain)) << size;
    EXPECT_EQ(oracle_receiver_.Unprotect(ours), plain) << size;
    EXPECT_EQ(Unprotect(receiver_.get(), ours).packet, plain) << size;
  }
}

// CSRC list, extension block, marker and padding bit: all of it is authenticated in the clear.
TEST_P(SrtpOracle, SamePacketsWithLongHeaders) {
  SrtpSendStream* stream = sender_->AddStream(kSsrc);
  uint16_t seq = 0;
  for (const size_t csrcs : {size_t{0}, size_t{1}, size_t{15}}) {
    for (const size_t words : {size_t{0}, size_t{1}, size_t{20}}) {
      std::vector<uint8_t> plain = RtpPacketOf(kSsrc, seq++, csrcs * 4 + 4 + words * 4 + 50);
      plain[0] = static_cast<uint8_t>(0xb0 | csrcs);
      const size_t extension = 12 + csrcs * 4;
      StoreBe16(&plain[extension], 0xbede);
      StoreBe16(&plain[extension + 2], static_cast<uint16_t>(words));
      plain.back() = 0xff;  // a padding count that does not fit; it shows only after decryption
      const std::vector<uint8_t> ours = Protect(stream, plain, extension + 4 + words * 4);
      EXPECT_EQ(ours, oracle_sender_.Protect(plain));
      EXPECT_EQ(oracle_receiver_.Unprotect(ours), plain);
      EXPECT_EQ(Unprotect(receiver_.get(), ours).packet, plain);
    }
  }
}

TEST_P(SrtpOracle, SamePacketsOverManyWrapsWithRetransmissions) {
  SrtpSendStream* stream = sender_->AddStream(kSsrc);
  uint16_t seq = 65000;
  for (int i = 0; i < 500; ++i, seq = static_cast<uint16_t>(seq + 997)) {
    // A step back: what was sent 900 numbers ago, perhaps before a wrap.
    for (const int back : {0, i > 0 ? 900 : 0}) {
      const std::vector<uint8_t> plain = RtpPacketOf(kSsrc, static_cast<uint16_t>(seq - back), 40);
      EXPECT_EQ(Protect(stream, plain), oracle_sender_.Protect(plain)) << i << " " << back;
    }
  }
}

TEST_P(SrtpOracle, SamePacketsAfterJumps) {
  SrtpSendStream* stream = sender_->AddStream(kSsrc);
  for (const int seq : {5, 50000, 50001, 15000, 40000, 39000, 100, 32767, 60000, 27000}) {
    const std::vector<uint8_t> plain = RtpPacketOf(kSsrc, static_cast<uint16_t>(seq));
    const std::vector<uint8_t> ours = Protect(stream, plain);
    EXPECT_EQ(ours, oracle_sender_.Protect(plain)) << seq;
    EXPECT_EQ(oracle_receiver_.Unprotect(ours), plain) << seq;
    EXPECT_EQ(Unprotect(receiver_.get(), ours).packet, plain) << seq;
  }
}

TEST_P(SrtpOracle, WeReadWhatLibsrtpSends) {
  uint16_t seq = 65500;
  for (int i = 0; i < 200; ++i) {
    const std::vector<uint8_t> plain = RtpPacketOf(kSsrc, seq++);
    EXPECT_EQ(Unprotect(receiver_.get(), oracle_sender_.Protect(plain)).packet, plain) << i;
  }
}

TEST_P(SrtpOracle, ManyStreamsShareOneKey) {
  for (Ssrc ssrc = 1; ssrc <= 50; ++ssrc) {
    SrtpSendStream* stream = sender_->AddStream(ssrc);
    for (uint16_t seq = 65534; seq != 2; ++seq) {
      const std::vector<uint8_t> plain = RtpPacketOf(ssrc, seq);
      const std::vector<uint8_t> ours = Protect(stream, plain);
      EXPECT_EQ(ours, oracle_sender_.Protect(plain));
      EXPECT_EQ(Unprotect(receiver_.get(), ours).packet, plain);
    }
  }
}

TEST_P(SrtpOracle, SameRtcp) {
  // RFC 3711 begins with index 0, libsrtp2 with 1: both are read. Then the oracle is brought level.
  const std::vector<uint8_t> first = RtcpPacketOf(kSsrc, 0);
  const std::vector<uint8_t> sealed = ProtectRtcp(sender_.get(), first);
  EXPECT_EQ(oracle_receiver_.UnprotectRtcp(sealed), first);
  const size_t index_at = sealed.size() - 4 - (info().aead ? 0U : info().rtcp_tag_size);
  const uint32_t index = LoadBe32(&sealed[index_at]) & 0x7fffffff;
  ASSERT_LE(index, 1U);
  if (index == 1) oracle_sender_.ProtectRtcp(first);
  for (size_t extra = 0; extra <= 1200; extra += 60) {
    const std::vector<uint8_t> plain = RtcpPacketOf(kSsrc, extra);
    const std::vector<uint8_t> ours = ProtectRtcp(sender_.get(), plain);
    ASSERT_EQ(ours.size(), plain.size() + info().rtcp_overhead());
    EXPECT_EQ(ours, oracle_sender_.ProtectRtcp(plain)) << extra;
    EXPECT_EQ(oracle_receiver_.UnprotectRtcp(ours), plain) << extra;
    EXPECT_EQ(UnprotectRtcp(receiver_.get(), ours).packet, plain) << extra;
  }
}

// The packet that libsrtp's own driver is checked with.
TEST(SrtpReference, LibsrtpDriverPacket) {
  const SrtpKey key =
      MakeSrtpKey(SrtpSuite::kAesCm128HmacSha1_80,
                  FromHex("e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6"))
          .value();
  const auto sender = TestSender(key);
  const std::string plain = "800f1234decafbadcafebabe abababababababababababababababab";
  EXPECT_EQ(Protect(sender->AddStream(kSsrc), FromHex(plain)),
            FromHex("800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402"
                    "b78d6acc99ea179b8dbb"));
}

}  // namespace
}  // namespace sfu

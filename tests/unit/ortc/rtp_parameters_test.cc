// Finding codecs in parameters, and the checks that JSON cannot reach.
#include "ortc/rtp_parameters.h"

#include <gtest/gtest.h>

#include "golden.h"
#include "ortc/limits.h"

namespace sfu::ortc {
namespace {

RtpParameters Simulcast() { return GoldenParameters("chromium_produce_vp8"); }

std::string ErrorOf(const RtpParameters& parameters) {
  const Status status = CheckRtpParameters(parameters, "p");
  return status ? "none" : status.error().ToString();
}

TEST(RtpParametersTest, CodecsOfEncodings) {
  RtpParameters p = Simulcast();
  RtpCodecParameters other = p.codecs[0];
  other.name = "VP9";
  other.payload_type = 50;
  p.codecs.push_back(other);
  p.encodings[1].codec_payload_type = 50;
  EXPECT_EQ(ErrorOf(p), "none");
  EXPECT_EQ(p.CodecOf(0)->name, "VP8");
  EXPECT_EQ(p.CodecOf(1)->name, "VP9");
  EXPECT_EQ(p.CodecOf(17)->name, "VP8");
  EXPECT_TRUE(p.RtxOf(*p.CodecOf(0))->IsRtx());
  EXPECT_EQ(p.RtxOf(*p.CodecOf(1)), nullptr);
  EXPECT_EQ(RtpParameters().CodecOf(0), nullptr);
}

TEST(RtpParametersTest, TwoRtxOfOneCodec) {
  RtpParameters p = Simulcast();
  p.codecs.push_back(p.codecs[1]);
  p.codecs.back().payload_type = 3;
  EXPECT_EQ(ErrorOf(p), "p.codecs[2].parameters.apt: 96 has RTX by p.codecs[1] already");
}

TEST(RtpParametersTest, ValuesThatJsonCannotHave) {
  RtpParameters p = Simulcast();
  p.codecs[0].payload_type = 200;
  EXPECT_EQ(ErrorOf(p), "p.codecs[0].payloadType: must be 0..127");
  p = Simulcast();
  p.codecs[0].clock_rate = 0;
  EXPECT_EQ(ErrorOf(p), "p.codecs[0].clockRate: must be 1..1000000");
  p = Simulcast();
  p.codecs[0].name.clear();
  EXPECT_EQ(ErrorOf(p), "p.codecs[0].mimeType: names no codec");
  p = Simulcast();
  p.header_extensions[0].id = 0;
  EXPECT_EQ(ErrorOf(p), "p.headerExtensions[0].id: must be 1..255");
  p = Simulcast();
  p.header_extensions[0].uri.clear();
  EXPECT_EQ(ErrorOf(p), "p.headerExtensions[0].uri: must not be empty");
  p = Simulcast();
  p.encodings[0].ssrc = 0;
  EXPECT_EQ(ErrorOf(p), "p.encodings[0].ssrc: must be 1..4294967295");
  p = Simulcast();
  p.encodings[0].rtx_ssrc = 0;
  EXPECT_EQ(ErrorOf(p), "p.encodings[0].rtx.ssrc: must be 1..4294967295");
  p = Simulcast();
  p.encodings.resize(kMaxEncodings + 1);
  EXPECT_EQ(ErrorOf(p), "p.encodings: has more than 8 elements");
  p = Simulcast();
  p.rtcp.cname = std::string(256, 'c');
  EXPECT_EQ(ErrorOf(p), "p.rtcp.cname: is longer than 255");
  p = GoldenParameters("chromium_produce_opus");
  p.codecs[0].channels = 0;
  EXPECT_EQ(ErrorOf(p), "p.codecs[0].channels: must be 1..255");
}

TEST(RtpParametersTest, Mids) {
  EXPECT_TRUE(IsMid("0"));
  EXPECT_TRUE(IsMid("video-1"));
  EXPECT_TRUE(IsMid(std::string(32, 'a')));
  EXPECT_FALSE(IsMid(""));
  EXPECT_FALSE(IsMid("a b"));
  EXPECT_FALSE(IsMid(std::string("a\0", 2)));
  EXPECT_FALSE(IsMid("ü"));
  EXPECT_FALSE(IsMid(std::string(33, 'a')));
}

}  // namespace
}  // namespace sfu::ortc

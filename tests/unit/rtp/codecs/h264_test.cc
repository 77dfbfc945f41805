// H264 payloads (RFC 6184).
#include "rtp/codecs/h264.h"

#include <gtest/gtest.h>

#include "payload_test_util.h"

namespace sfu {
namespace {

PayloadInfo Parse(std::string_view text) { return ParseHex(CodecId::kH264, text); }

TEST(H264Test, SingleNalUnits) {
  const PayloadInfo aud = Parse("0910");
  EXPECT_TRUE(aud.valid && aud.frame_start);
  EXPECT_FALSE(aud.key_frame);
  EXPECT_FALSE(aud.discardable);  // NRI 0, but no frame
  const PayloadInfo sps = Parse("67f4000d90d9640507ec");
  EXPECT_TRUE(sps.valid && sps.key_frame && sps.frame_start);
  const PayloadInfo pps = Parse("68ebcc448440");
  EXPECT_TRUE(pps.valid && pps.frame_start);
  EXPECT_FALSE(pps.key_frame);
  const PayloadInfo idr = Parse("65888407effa7fdf");
  EXPECT_TRUE(idr.valid && idr.key_frame && idr.frame_start);
  const PayloadInfo second_slice = Parse("65014222101fbffa");
  EXPECT_TRUE(second_slice.valid && second_slice.key_frame);
  EXPECT_FALSE(second_slice.frame_start);
  const PayloadInfo slice = Parse("419a3b1020bffeda");
  EXPECT_TRUE(slice.valid && slice.frame_start);
  EXPECT_FALSE(slice.key_frame);
  EXPECT_FALSE(slice.discardable);
}

TEST(H264Test, UnreferencedSlicesAreDiscardable) {
  EXPECT_TRUE(Parse("01e00040be400a78").discardable);      // Chromium, upper temporal layer
  EXPECT_FALSE(Parse("61e00040013e4053").discardable);     // Chromium, base layer
  EXPECT_TRUE(Parse("1c8100e00040").discardable);          // the same in an FU-A
  EXPECT_FALSE(Parse("7800020188000261 88").discardable);  // STAP-A with one referenced slice
}

TEST(H264Test, StapA) {
  // Chromium: SPS and PPS.
  const PayloadInfo info = Parse("7800136742c0158c8d40a0cbcf37010d010784423500000468ce3c80");
  EXPECT_TRUE(info.valid && info.key_frame && info.frame_start);
  // An access unit delimiter and two slices of a picture that is no key frame.
  const PayloadInfo inter = Parse("58 00020930 0004419a3b10 000441014268");
  EXPECT_TRUE(inter.valid && inter.frame_start);
  EXPECT_FALSE(inter.key_frame);
}

TEST(H264Test, StapBAndMtaps) {
  EXPECT_TRUE(Parse("79 1234 00046588 8407").key_frame);
  EXPECT_TRUE(Parse("7a 1234 0004 01 0000 65888407").key_frame);
  EXPECT_TRUE(Parse("7b 1234 0004 01 000000 65888407").key_frame);
  EXPECT_FALSE(Parse("79 12").valid);
  EXPECT_FALSE(Parse("79 1234").valid);
  EXPECT_FALSE(Parse("7a 1234 0004 01").valid);
}

TEST(H264Test, BrokenAggregatesAreInvalid) {
  EXPECT_FALSE(Parse("78").valid);
  EXPECT_FALSE(Parse("7800").valid);
  EXPECT_FALSE(Parse("780000").valid);      // an empty unit
  EXPECT_FALSE(Parse("7800036588").valid);  // longer than the packet
  EXPECT_FALSE(Parse("78ffff65888407").valid);
  EXPECT_FALSE(Parse("780002658800").valid);    // half a length behind the last unit
  EXPECT_FALSE(Parse("78000478000165").valid);  // nested
}

TEST(H264Test, FuA) {
  const PayloadInfo first = Parse("7c8588840000");
  EXPECT_TRUE(first.valid && first.key_frame && first.frame_start);
  const PayloadInfo second_slice = Parse("7c8501422208");
  EXPECT_TRUE(second_slice.valid && second_slice.key_frame);
  EXPECT_FALSE(second_slice.frame_start);
  const PayloadInfo middle = Parse("7c0588840000");
  EXPECT_TRUE(middle.valid && middle.key_frame);
  EXPECT_FALSE(middle.frame_start);
  const PayloadInfo inter = Parse("5c819a3b10");
  EXPECT_TRUE(inter.valid && inter.frame_start);
  EXPECT_FALSE(inter.key_frame);
  EXPECT_FALSE(Parse("7c").valid);
  EXPECT_FALSE(Parse("7c85").valid);
  EXPECT_FALSE(Parse("7c9800").valid);  // a STAP-A in fragments
  EXPECT_FALSE(Parse("7c8000").valid);  // type 0
}

TEST(H264Test, FuB) {
  const PayloadInfo info = Parse("7d85123488840000");
  EXPECT_TRUE(info.valid && info.key_frame && info.frame_start);
  EXPECT_FALSE(Parse("7d851234").valid);
}

TEST(H264Test, ReservedTypesAndEmptySlicesAreInvalid) {
  EXPECT_FALSE(Parse("0011").valid);
  EXPECT_FALSE(Parse("1e11").valid);
  EXPECT_FALSE(Parse("1f11").valid);
  EXPECT_FALSE(Parse("65").valid);
  EXPECT_TRUE(Parse("0a").valid);  // end of sequence has no body
}

TEST(H264Test, TruncatedStapAIsValidOnlyBetweenUnits) {
  const std::vector<uint8_t> payload = FromHex("78 00036742c0 000268ce 000465888407");
  ForEachTruncation(payload, [](const std::vector<uint8_t>& shorter) {
    const bool whole_units = shorter.size() == 6 || shorter.size() == 10;
    EXPECT_EQ(ParseH264(shorter).valid, whole_units) << shorter.size();
  });
}

}  // namespace
}  // namespace sfu

// The dependency descriptor header extension, on what Chromium sends for scalable VP9, AV1 and
// H264.
#include "rtp/codecs/dependency_descriptor.h"

#include <gtest/gtest.h>

#include "payload_test_util.h"

namespace sfu {
namespace {

// Key frames: each announces its structure.
constexpr std::string_view kL1T3 = "c00001800214eaa860414d1410208427013f00b3";
constexpr std::string_view kL2T3 =
    "c10001800514853abfaaa18f04304302a02a006001001b934515e082704608c0c787004321651111543276809f80"
    "59813f80b380";
constexpr std::string_view kL2T3Vp9 =  // the same, with one of its two spatial layers active
    "c10001c00514853abfaaa18f04304302a02a006001001b934515e082704608c0c787004321651111543276809f80"
    "59813f80b38e";
constexpr std::string_view kL2T3Key =
    "c00001800514853aaaa8018004004002a02a0060010015d34514174d144c700874321651118543276809f8059813"
    "f80b38";
constexpr std::string_view kL1T2H264 = "c0000180011ea851410108";

class DependencyDescriptorTest : public ::testing::Test {
 protected:
  bool Read(std::string_view text) {
    const std::vector<uint8_t> bytes = FromHex(text);
    return reader_.Read(bytes, &descriptor_);
  }

  DependencyDescriptorReader reader_;
  DependencyDescriptor descriptor_;
};

TEST_F(DependencyDescriptorTest, StructureOfL1T3) {
  ASSERT_TRUE(Read(kL1T3));
  EXPECT_TRUE(descriptor_.start_of_frame && descriptor_.end_of_frame && descriptor_.has_structure);
  EXPECT_EQ(descriptor_.frame_number, 1);
  EXPECT_EQ(descriptor_.active_targets, 7u);
  EXPECT_FALSE(descriptor_.has_active_targets);
  EXPECT_TRUE(descriptor_.layer_switch);
  const DependencyStructure* structure = reader_.structure();
  ASSERT_NE(structure, nullptr);
  EXPECT_EQ(structure->decode_target_count, 3);
  EXPECT_EQ(structure->template_count, 5);
  EXPECT_EQ(structure->chain_count, 1);
  EXPECT_EQ(structure->spatial_layer_count, 1);
  EXPECT_EQ(structure->temporal_layer_count, 3);
  ASSERT_TRUE(structure->has_resolutions);
  EXPECT_EQ(structure->resolutions[0].width, 320u);
  EXPECT_EQ(structure->resolutions[0].height, 180u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(structure->decode_targets[i].temporal_layer, i);
    EXPECT_EQ(structure->decode_targets[i].protected_by, 0);
  }
}

TEST_F(DependencyDescriptorTest, FramesOfL1T3FollowTheirTemplates) {
  ASSERT_TRUE(Read(kL1T3));
  struct Expected {
    const char* text;
    uint16_t frame_number;
    int temporal;
  };
  for (const Expected& e : {Expected{"c30002", 2, 2}, Expected{"c20003", 3, 1},
                            Expected{"c40004", 4, 2}, Expected{"c10005", 5, 0}}) {
    ASSERT_TRUE(Read(e.text)) << e.text;
    EXPECT_EQ(descriptor_.frame_number, e.frame_number);
    EXPECT_EQ(descriptor_.frame.temporal_layer, e.temporal);
    EXPECT_EQ(descriptor_.frame.spatial_layer, 0);
    EXPECT_FALSE(descriptor_.has_structure);
    EXPECT_EQ(descriptor_.active_targets, 7u);
  }
  // The base layer frame refers to the base layer frame four before it, and so says its chain.
  EXPECT_EQ(descriptor_.frame.frame_diff_count, 1);
  EXPECT_EQ(descriptor_.frame.frame_diffs[0], 4);
  EXPECT_EQ(descriptor_.frame.chain_diffs[0], 4);
}

TEST_F(DependencyDescriptorTest, ReadsToTheVeryEnd) {
  // What follows the last field is padding of less than a byte; so every field had its right width.
  for (const std::string_view text : {kL1T3, kL2T3, kL2T3Vp9, kL2T3Key, kL1T2H264}) {
    ASSERT_TRUE(Read(text)) << text;
    const size_t bits = FromHex(text).size() * 8;
    EXPECT_LE(descriptor_.end_bit, bits) << text;
    EXPECT_GT(descriptor_.end_bit + 8u, bits) << text;
  }
}

TEST_F(DependencyDescriptorTest, StructureOfL2T3) {
  ASSERT_TRUE(Read(kL2T3));
  const DependencyStructure* structure = reader_.structure();
  EXPECT_EQ(structure->decode_target_count, 6);
  EXPECT_EQ(structure->template_count, 10);
  EXPECT_EQ(structure->chain_count, 2);
  EXPECT_EQ(structure->spatial_layer_count, 2);
  EXPECT_EQ(structure->temporal_layer_count, 3);
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(structure->decode_targets[i].spatial_layer, i / 3);
    EXPECT_EQ(structure->decode_targets[i].temporal_layer, i % 3);
    EXPECT_EQ(structure->decode_targets[i].protected_by, i / 3);
  }
  EXPECT_EQ(structure->resolutions[0].width, 320u);
  EXPECT_EQ(structure->resolutions[0].height, 180u);
  EXPECT_EQ(structure->resolutions[1].width, 640u);
  EXPECT_EQ(structure->resolutions[1].height, 360u);
  ASSERT_TRUE(Read("c60002"));
  EXPECT_EQ(descriptor_.frame.spatial_layer, 1);
  EXPECT_EQ(descriptor_.frame.temporal_layer, 0);
  EXPECT_EQ(descriptor_.frame.frame_diffs[0], 1);
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(descriptor_.frame.indication(i),
              i < 3 ? DecodeTargetIndication::kNotPresent : DecodeTargetIndication::kSwitch);
  }
}

TEST_F(DependencyDescriptorTest, ActiveDecodeTargetsLastUntilChanged) {
  ASSERT_TRUE(Read(kL2T3Vp9));
  EXPECT_TRUE(descriptor_.has_active_targets);
  EXPECT_EQ(descriptor_.active_targets, 7u);
  ASSERT_TRUE(Read("c60006"));
  EXPECT_EQ(descriptor_.active_targets, 7u);
  // Extended: only the active-targets flag, and all six targets: 01000 111111.
  ASSERT_TRUE(Read("c60007 47e0"));
  EXPECT_EQ(descriptor_.active_targets, 0x3fu);
  // Late: counts for its own packet only.
  ASSERT_TRUE(Read("c60006 40e0"));
  EXPECT_EQ(descriptor_.active_targets, 7u);
  ASSERT_TRUE(Read("c60008"));
  EXPECT_EQ(descriptor_.active_targets, 0x3fu);
}

TEST_F(DependencyDescriptorTest, CustomFields) {
  ASSERT_TRUE(Read(kL2T3Vp9));
  // Chromium: a frame with references and chains of its own.
  ASSERT_TRUE(Read("c300021a000800"));
  EXPECT_EQ(descriptor_.frame_number, 2);
  EXPECT_EQ(descriptor_.frame.temporal_layer, 2);
  ASSERT_EQ(descriptor_.frame.frame_diff_count, 1);
  EXPECT_EQ(descriptor_.frame.frame_diffs[0], 1);
  EXPECT_EQ(descriptor_.frame.chain_diffs[0], 1);
  EXPECT_EQ(descriptor_.frame.chain_diffs[1], 0);
  // Chromium: a frame which also makes all targets active.
  ASSERT_TRUE(Read("c200035fe8804040"));
  EXPECT_TRUE(descriptor_.has_active_targets);
  EXPECT_EQ(descriptor_.active_targets, 0x3fu);
  EXPECT_EQ(descriptor_.frame.temporal_layer, 1);
  ASSERT_EQ(descriptor_.frame.frame_diff_count, 1);
  EXPECT_EQ(descriptor_.frame.frame_diffs[0], 2);
  EXPECT_EQ(descriptor_.frame.chain_diffs[0], 2);
  EXPECT_EQ(descriptor_.frame.chain_diffs[1], 2);
  EXPECT_EQ(descriptor_.frame.indications, 0xf24u);  // the template's
}

TEST_F(DependencyDescriptorTest, CustomIndications) {
  ASSERT_TRUE(Read(kL1T2H264));
  ASSERT_TRUE(Read("c20002 2300"));  // flags 00100; 01, 10
  EXPECT_EQ(descriptor_.frame.indication(0), DecodeTargetIndication::kDiscardable);
  EXPECT_EQ(descriptor_.frame.indication(1), DecodeTargetIndication::kSwitch);
  ASSERT_TRUE(Read("c20003"));
  EXPECT_EQ(descriptor_.frame.indication(0), DecodeTargetIndication::kNotPresent);
}

TEST_F(DependencyDescriptorTest, WideFrameDiffs) {
  ASSERT_TRUE(Read(kL1T2H264));
  // Flags 00010; 4 bits: 0xf; 8 bits: 0xff; 12 bits: 0xfff; end. 00010 01 1111 10 11111111 11
  // 111111111111 00.
  ASSERT_TRUE(Read("c20002 13f7ffffe0"));
  ASSERT_EQ(descriptor_.frame.frame_diff_count, 3);
  EXPECT_EQ(descriptor_.frame.frame_diffs[0], 16);
  EXPECT_EQ(descriptor_.frame.frame_diffs[1], 256);
  EXPECT_EQ(descriptor_.frame.frame_diffs[2], 4096);
}

TEST_F(DependencyDescriptorTest, NothingWithoutStructure) {
  EXPECT_FALSE(Read("c30002"));
  EXPECT_EQ(reader_.structure(), nullptr);
  ASSERT_TRUE(Read(kL1T3));
  reader_.Reset();
  EXPECT_FALSE(Read("c30002"));
}

TEST_F(DependencyDescriptorTest, UnknownTemplateIsRefused) {
  ASSERT_TRUE(Read(kL1T3));
  EXPECT_TRUE(Read("c40002"));
  EXPECT_FALSE(Read("c50002"));  // five templates: 0..4
  EXPECT_FALSE(Read("ff0002"));
}

TEST_F(DependencyDescriptorTest, LateStructureDoesNotReplaceANewerOne) {
  ASSERT_TRUE(Read(kL2T3Key));                                    // frame 1
  ASSERT_TRUE(Read("c0000a800214eaa860414d1410208427013f00b3"));  // frame 10, L1T3
  EXPECT_EQ(reader_.structure()->decode_target_count, 3);
  ASSERT_TRUE(Read(kL2T3Key));  // frame 1 again
  EXPECT_EQ(descriptor_.decode_target_count, 6);
  EXPECT_EQ(reader_.structure()->decode_target_count, 3);
}

TEST_F(DependencyDescriptorTest, RestartFarBehindReplacesTheStructure) {
  ASSERT_TRUE(Read("c03000800214eaa860414d1410208427013f00b3"));  // frame 0x3000
  ASSERT_TRUE(Read(kL2T3Key));                                    // frame 1
  EXPECT_EQ(reader_.structure()->decode_target_count, 6);
}

TEST_F(DependencyDescriptorTest, LongStreamWithoutKeyFrameWrapsWell) {
  ASSERT_TRUE(Read(kL1T3));  // frame 1
  for (int frame = 2; frame < 0x10000; frame += 16) {
    const std::vector<uint8_t> bytes = {0xc1, static_cast<uint8_t>(frame >> 8),
                                        static_cast<uint8_t>(frame)};
    ASSERT_TRUE(reader_.Read(bytes, &descriptor_));
  }
  // Frame 65530 announces a structure: modulo 2^16 it is just before frame 1, but it is newer.
  ASSERT_TRUE(
      Read("c0fffa 800514853aaaa8018004004002a02a0060010015d34514174d144c7008743216511185"
           "43276809f8059813f80b38"));
  EXPECT_EQ(reader_.structure()->decode_target_count, 6);
}

TEST_F(DependencyDescriptorTest, TruncatedStructureLeavesTheOldOneInForce) {
  ASSERT_TRUE(Read(kL1T2H264));
  const std::vector<uint8_t> bytes = FromHex(kL2T3Key);
  ForEachTruncation(bytes, [this](const std::vector<uint8_t>& shorter) {
    // Three bytes are a whole descriptor, of the structure in force.
    EXPECT_EQ(reader_.Read(shorter, &descriptor_), shorter.size() == 3) << shorter.size();
    EXPECT_EQ(reader_.structure()->decode_target_count, 2);
  });
}

TEST_F(DependencyDescriptorTest, TooManyTemplatesLayersAndDiffsAreRefused) {
  // Structure with one decode target, then layer codes only.
  const std::vector<uint8_t> head = FromHex("c00001 8000");
  for (const uint8_t codes : {0x00, 0x55, 0xaa}) {  // same for ever; temporal + 1; spatial + 1
    std::vector<uint8_t> bytes = head;
    bytes.insert(bytes.end(), 64, codes);
    EXPECT_FALSE(reader_.Read(bytes, &descriptor_)) << static_cast<int>(codes);
  }
  ASSERT_TRUE(Read(kL1T2H264));
  std::vector<uint8_t> diffs = FromHex("c20002 12");  // custom fdiffs that do not end
  diffs.insert(diffs.end(), 60, 0x55);
  EXPECT_FALSE(reader_.Read(diffs, &descriptor_));
}

TEST_F(DependencyDescriptorTest, MutationsNeverBreakTheReader) {
  for (const std::string_view text : {kL1T3, kL2T3Vp9, kL2T3Key, kL1T2H264}) {
    ForEachMutation(FromHex(text), 3000, [this](const std::vector<uint8_t>& bytes) {
      if (!reader_.Read(bytes, &descriptor_)) return;
      ASSERT_LE(descriptor_.end_bit, bytes.size() * 8);
      ASSERT_LT(descriptor_.frame.spatial_layer, DependencyStructure::kMaxSpatialLayers);
      ASSERT_LT(descriptor_.frame.temporal_layer, DependencyStructure::kMaxTemporalLayers);
      std::vector<uint8_t> out(bytes.size() + 5);
      ASSERT_NE(RewriteActiveDecodeTargets(bytes, descriptor_, 1, out), 0u);
    });
  }
}

class RewriteTest : public DependencyDescriptorTest {
 protected:
  // Rewrites `text` and reads the result into `again_`.
  void RewriteAndRead(std::string_view text, uint32_t mask, size_t expected_size) {
    const std::vector<uint8_t> bytes = FromHex(text);
    ASSERT_TRUE(reader_.Read(bytes, &descriptor_));
    std::vector<uint8_t> out(bytes.size() + 5, 0xff);
    const size_t size = RewriteActiveDecodeTargets(bytes, descriptor_, mask, out);
    ASSERT_EQ(size, expected_size);
    out.resize(size);
    ASSERT_TRUE(reader_.Read(out, &again_));
    EXPECT_TRUE(again_.has_active_targets);
    EXPECT_EQ(again_.active_targets, mask);
    EXPECT_EQ(again_.frame_number, descriptor_.frame_number);
    EXPECT_EQ(again_.has_structure, descriptor_.has_structure);
    EXPECT_EQ(again_.frame.indications, descriptor_.frame.indications);
    EXPECT_EQ(again_.frame.frame_diffs, descriptor_.frame.frame_diffs);
    EXPECT_EQ(again_.frame.chain_diffs, descriptor_.frame.chain_diffs);
    for (size_t bit = again_.end_bit; bit < out.size() * 8; ++bit) {
      EXPECT_EQ((out[bit / 8] >> (7 - bit % 8)) & 1, 0);
    }
  }

  DependencyDescriptor again_;
};

TEST_F(RewriteTest, MaskIsReplaced) { RewriteAndRead(kL2T3Vp9, 0x03f, FromHex(kL2T3Vp9).size()); }

TEST_F(RewriteTest, MaskIsAddedBehindTheStructure) {
  RewriteAndRead(kL2T3Key, 0x009, FromHex(kL2T3Key).size() + 1);
}

TEST_F(RewriteTest, MaskIsAddedToMandatoryFields) {
  ASSERT_TRUE(Read(kL2T3));
  RewriteAndRead("c60002", 0x03f, 5);
}

TEST_F(RewriteTest, CustomFieldsStandBehindTheMask) {
  ASSERT_TRUE(Read(kL2T3Vp9));
  RewriteAndRead("c300021a000800", 0x007, 8);
  RewriteAndRead("c200035fe8804040", 0x03f, 8);
}

TEST_F(RewriteTest, TooSmallOutputIsRefused) {
  const std::vector<uint8_t> bytes = FromHex(kL2T3Key);
  ASSERT_TRUE(reader_.Read(bytes, &descriptor_));
  std::vector<uint8_t> out(bytes.size());
  EXPECT_EQ(RewriteActiveDecodeTargets(bytes, descriptor_, 1, out), 0u);
}

TEST_F(RewriteTest, ForeignDescriptorIsRefused) {
  ASSERT_TRUE(Read(kL2T3Key));
  const std::vector<uint8_t> bytes = FromHex("c60002");
  std::vector<uint8_t> out(64);
  EXPECT_EQ(RewriteActiveDecodeTargets(bytes, descriptor_, 1, out), 0u);
}

TEST_F(DependencyDescriptorTest, FillsPayloadInfo) {
  ASSERT_TRUE(Read(kL2T3));
  PayloadInfo info;
  ApplyDependencyDescriptor(descriptor_, &info);
  EXPECT_TRUE(info.valid && info.key_frame && info.frame_start && info.end_of_frame);
  EXPECT_FALSE(info.discardable);
  ASSERT_TRUE(Read("880004"));
  ApplyDependencyDescriptor(descriptor_, &info);
  EXPECT_FALSE(info.key_frame);
  EXPECT_TRUE(info.frame_start);
  EXPECT_FALSE(info.end_of_frame);
  EXPECT_EQ(info.spatial_layer, 1);
  EXPECT_EQ(info.temporal_layer, 2);
}

}  // namespace
}  // namespace sfu

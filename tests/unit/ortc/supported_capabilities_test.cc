// The table of what is supported.
#include "ortc/supported_capabilities.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "ortc/codec_match.h"
#include "rtp/extension_values.h"

namespace sfu::ortc {
namespace {

const RtpCapabilities& Table() { return SupportedRtpCapabilities(); }

TEST(SupportedCapabilitiesTest, IsValid) {
  const Status status = CheckRtpCapabilities({{}, Table().header_extensions});
  EXPECT_TRUE(status.ok()) << status.error().ToString();
  for (const RtpCodecCapability& codec : Table().codecs) {
    EXPECT_TRUE(CheckCodec(codec, "codec").ok()) << codec.MimeType();
  }
}

TEST(SupportedCapabilitiesTest, NoCodecTwice) {
  const std::vector<RtpCodecCapability>& codecs = Table().codecs;
  for (size_t i = 0; i < codecs.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      EXPECT_FALSE(CodecsMatch(codecs[i], codecs[j], CodecMatch::kCodec)) << codecs[i].MimeType();
    }
  }
}

TEST(SupportedCapabilitiesTest, CodecsOfTheIssue) {
  std::map<std::string, int> count;
  for (const RtpCodecCapability& codec : Table().codecs) ++count[codec.name];
  const std::map<std::string, int> expected = {
      {"opus", 1}, {"multiopus", 3}, {"PCMU", 1}, {"PCMA", 1}, {"G722", 1}, {"CN", 3},
      {"VP8", 1},  {"VP9", 1},       {"H264", 1}, {"H265", 1}, {"AV1", 1},  {"telephone-event", 4}};
  EXPECT_EQ(count, expected);
}

TEST(SupportedCapabilitiesTest, StaticPayloadTypes) {
  for (const RtpCodecCapability& codec : Table().codecs) {
    const std::map<std::string, int> statics = {{"PCMU", 0}, {"PCMA", 8}, {"G722", 9}, {"CN", 13}};
    const auto found = statics.find(codec.name);
    EXPECT_EQ(codec.preferred_payload_type.has_value(), found != statics.end()) << codec.name;
    if (found == statics.end()) continue;
    EXPECT_EQ(codec.preferred_payload_type, found->second);
  }
}

TEST(SupportedCapabilitiesTest, ExtensionsHaveOneIdEach) {
  std::map<std::string, std::set<int>> ids;
  std::set<int> all;
  for (const RtpHeaderExtension& extension : Table().header_extensions) {
    ids[extension.uri].insert(extension.preferred_id);
    all.insert(extension.preferred_id);
    EXPECT_LE(extension.preferred_id, 14);  // the one-byte form
  }
  EXPECT_EQ(ids.size(), static_cast<size_t>(ExtensionType::kCount));
  EXPECT_EQ(all.size(), ids.size());
  for (const auto& [uri, used] : ids) EXPECT_EQ(used.size(), 1U) << uri;
}

TEST(SupportedCapabilitiesTest, UrisBelongToTypes) {
  for (int i = 0; i < static_cast<int>(ExtensionType::kCount); ++i) {
    const auto type = static_cast<ExtensionType>(i);
    EXPECT_EQ(ExtensionTypeFromUri(ExtensionUri(type)), type);
  }
  EXPECT_EQ(ExtensionUri(ExtensionType::kMid), kMidUri);
  EXPECT_EQ(ExtensionUri(ExtensionType::kPlayoutDelay), PlayoutDelay::kUri);
  EXPECT_EQ(ExtensionUri(ExtensionType::kCount), "");
  EXPECT_EQ(ExtensionTypeFromUri("urn:unknown"), std::nullopt);
}

}  // namespace
}  // namespace sfu::ortc

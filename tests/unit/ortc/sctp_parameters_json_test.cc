// SCTP parameters as JSON.
#include "ortc/sctp_parameters_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "json_errors.h"

namespace sfu::ortc {
namespace {

using nlohmann::json;

template <typename T>
std::string ErrorText(const Result<T>& result) {
  return result ? "none" : result.error().ToString();
}

TEST(NumSctpStreamsJsonTest, RoundTripAndErrors) {
  const auto parsed = ParseNumSctpStreams(ToJson(NumSctpStreams{512, 65535}));
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  EXPECT_EQ(parsed.value(), (NumSctpStreams{512, 65535}));
  ExpectErrors({{"OS", 1024}, {"MIS", 1024}},
               {{"/OS", nullptr, "numStreams.OS: is missing"},
                {"/OS", 0, "numStreams.OS: must be 1..65535"},
                {"/MIS", 65536, "numStreams.MIS: must be 1..65535"}},
               [](const json& value) { return ErrorText(ParseNumSctpStreams(value.dump())); });
}

TEST(SctpParametersJsonTest, RoundTrip) {
  SctpParameters parameters;
  parameters.port = 5001;
  parameters.streams = {16, 32};
  parameters.max_send_message_size = 1000;
  parameters.max_receive_message_size = 2000;
  parameters.is_data_channel = false;
  const auto again = ParseSctpParameters(ToJson(parameters));
  ASSERT_TRUE(again.ok()) << again.error().ToString();
  EXPECT_EQ(again.value(), parameters);
  // Older clients look for this.
  EXPECT_EQ(json::parse(ToJson(parameters)).at("maxMessageSize"), 2000);
}

TEST(SctpParametersJsonTest, OneSizeForBothDirections) {
  const auto parsed =
      ParseSctpParameters(R"({"port": 5000, "OS": 1024, "MIS": 1024, "maxMessageSize": 777})");
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  EXPECT_EQ(parsed.value().max_send_message_size, 777U);
  EXPECT_EQ(parsed.value().max_receive_message_size, 777U);
  EXPECT_TRUE(parsed.value().is_data_channel);
}

TEST(SctpParametersJsonTest, EachErrorNamesItsField) {
  const json valid = {{"port", 5000}, {"OS", 1024}, {"MIS", 1024}, {"maxMessageSize", 262144}};
  ExpectErrors(
      valid,
      {{"", nullptr, "sctpParameters: is missing"},
       {"/port", 0, "sctpParameters.port: must be 1..65535"},
       {"/OS", "1024", "sctpParameters.OS: must be a number"},
       {"/MIS", nullptr, "sctpParameters.MIS: is missing"},
       {"/maxMessageSize", nullptr, "sctpParameters.maxMessageSize: is missing"},
       {"/maxSendMessageSize", -1, "sctpParameters.maxSendMessageSize: must be 0..4294967295"},
       {"/maxReceiveMessageSize", 1e10,
        "sctpParameters.maxReceiveMessageSize: must be 0..4294967295"},
       {"/isDataChannel", "yes", "sctpParameters.isDataChannel: must be true or false"}},
      [](const json& value) { return ErrorText(ParseSctpParameters(value.dump())); });
}

SctpStreamParameters Stream(const char* text) {
  const auto parsed = ParseSctpStreamParameters(text);
  EXPECT_TRUE(parsed.ok()) << text;
  return parsed ? parsed.value() : SctpStreamParameters();
}

TEST(SctpStreamParametersJsonTest, OrderFollowsFromTheLimits) {
  EXPECT_TRUE(Stream(R"({"streamId": 1})").ordered);
  EXPECT_FALSE(Stream(R"({"streamId": 1, "ordered": false})").ordered);
  EXPECT_FALSE(Stream(R"({"streamId": 1, "maxRetransmits": 3})").ordered);
  EXPECT_FALSE(Stream(R"({"streamId": 1, "maxPacketLifeTime": 100})").ordered);
  EXPECT_TRUE(Stream(R"({"streamId": 1, "ordered": true, "maxRetransmits": 0})").ordered);
}

TEST(SctpStreamParametersJsonTest, RoundTrip) {
  for (const SctpStreamParameters& parameters :
       {SctpStreamParameters{0, true, {}, {}}, SctpStreamParameters{65534, false, 100, {}},
        SctpStreamParameters{7, false, {}, 3}, SctpStreamParameters{7, true, {}, 0}}) {
    EXPECT_EQ(Stream(ToJson(parameters).c_str()), parameters);
  }
}

TEST(SctpStreamParametersJsonTest, EachErrorNamesItsField) {
  ExpectErrors(
      {{"streamId", 1}, {"maxRetransmits", 1}},
      {{"/streamId", nullptr, "sctpStreamParameters.streamId: is missing"},
       {"/streamId", 65535, "sctpStreamParameters.streamId: must be 0..65534"},
       {"/ordered", true,
        "sctpStreamParameters.ordered: must be false with maxPacketLifeTime or maxRetransmits"},
       {"/ordered", 1, "sctpStreamParameters.ordered: must be true or false"},
       {"/maxRetransmits", 65536, "sctpStreamParameters.maxRetransmits: must be 0..65535"},
       {"/maxPacketLifeTime", 5,
        "sctpStreamParameters.maxRetransmits: must not be given together with maxPacketLifeTime"},
       {"/maxPacketLifeTime", "5", "sctpStreamParameters.maxPacketLifeTime: must be a number"}},
      [](const json& value) { return ErrorText(ParseSctpStreamParameters(value.dump())); });
}

}  // namespace
}  // namespace sfu::ortc

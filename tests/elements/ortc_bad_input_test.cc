// Hostile and broken JSON through the actions of all elements: an answer that names what is wrong,
// soon, and nothing has changed.
#include <gtest/gtest.h>

#include <chrono>

#include "actions.h"
#include "harness.h"

namespace sfu::test {
namespace {

struct Wrong {
  const char* what;
  std::string text;
  std::string error;  // how it begins
};

std::string Nested(size_t depth) {
  return R"({"kind": "video", "rtpParameters": )" + std::string(depth, '[') +
         std::string(depth, ']') + "}";
}

// `produce` of a valid request but for one thing.
std::string With(const char* pointer, const Json& value) {
  Json request = ProduceVp8("bad", 5);
  request[Json::json_pointer(pointer)] = value;
  return request.dump();
}

Json ManyCodecs(size_t count) {
  Json codecs = Json::array();
  for (size_t i = 0; i < count; ++i) {
    codecs.push_back({{"mimeType", "video/VP8"}, {"payloadType", i % 128}, {"clockRate", 90000}});
  }
  return codecs;
}

std::vector<Wrong> WrongTexts() {
  const std::string valid = ProduceVp8("bad", 5).dump();
  return {
      {"nothing", "", "options: is not JSON"},
      {"1 MB in one line", R"({"id": ")" + std::string(1 << 20, 'x') + "\"}",
       "options: is larger than 262144 bytes"},
      {"100,000 levels", Nested(100'000), "options: is nested deeper than 16"},
      {"17 levels", Nested(17), "options: is nested deeper than 16"},
      {"a list", "[1]", "options: must be an object"},
      {"20,000 values", Json(std::vector<int>(20'000, 1)).dump(),
       "options: has more than 16384 values"},
      {"1000 codecs", With("/rtpParameters/codecs", ManyCodecs(1000)),
       "rtpParameters.codecs: has more than 128 elements"},
      {"a zero by escape", R"({"id": "a\u0000b", "kind": "video"})",
       "id: must not have control characters"},
      {"half a surrogate", R"({"id": "\ud800", "kind": "video"})", "options: is not JSON"},
      {"bad UTF-8", "{\"id\": \"\xff\xfe\"}", "options: is not JSON"},
      {"overlong UTF-8", "{\"id\": \"\xc0\x80\"}", "options: is not JSON"},
      {"cut off", valid.substr(0, valid.size() / 2), "options: is not JSON"},
      {"more behind it", valid + "{}", "options: is not JSON"},
      {"a number too large", With("/rtpParameters/codecs/0/payloadType", 1e300),
       "rtpParameters.codecs[0].payloadType: must be 0..127"},
      {"an SSRC of 33 bits", With("/rtpParameters/encodings/0/ssrc", uint64_t{1} << 32),
       "rtpParameters.encodings[0].ssrc: must be 1..4294967295"},
      {"the least integer", With("/keyFrameRequestDelay", INT64_MIN),
       "keyFrameRequestDelay: must be 0..60000"},
      {"an SSRC twice", With("/rtpParameters/encodings", {{{"ssrc", 5}}, {{"ssrc", 5}}}),
       "rtpParameters.encodings[1].ssrc: is that of another stream already"},
      {"RIDs in a ring", With("/rtpParameters/encodings", {{{"rid", "a"}}, {{"rid", "a"}}}),
       "rtpParameters.encodings[1].rid: is that of another stream already"},
      {"a payload type twice",
       With("/rtpParameters/codecs/1",
            {{"mimeType", "video/H264"}, {"payloadType", 120}, {"clockRate", 90000}}),
       "rtpParameters.codecs[1].payloadType: 120 is that of another codec already"},
      {"an extension id twice",
       With("/rtpParameters/headerExtensions/1",
            {{"uri", "urn:ietf:params:rtp-hdrext:toffset"}, {"id", 9}}),
       "rtpParameters.headerExtensions[1].id: 9 is that of another extension already"},
  };
}

void ExpectRefused(GstElement* element, GstElement* transport, const char* action) {
  for (const Wrong& wrong : WrongTexts()) {
    const auto begin = std::chrono::steady_clock::now();
    GstStructure* structure = nullptr;
    if (transport != nullptr) {
      g_signal_emit_by_name(element, action, transport, wrong.text.c_str(), &structure);
    } else {
      g_signal_emit_by_name(element, action, wrong.text.c_str(), &structure);
    }
    const Answer answer = ReadAnswer(structure);
    EXPECT_EQ(answer.error.substr(0, wrong.error.size()), wrong.error) << wrong.what;
    EXPECT_TRUE(g_utf8_validate(answer.error.c_str(), -1, nullptr)) << wrong.what;
    // Far below what a call may take that a person waits for; far above what it takes.
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2)) << wrong.what;
  }
}

TEST(BadJsonTest, ProduceOfATransport) {
  Stage stage("plaintransport");
  stage.Play();
  ExpectRefused(stage.get(), nullptr, "produce");
  EXPECT_EQ(stage.get()->numpads, 0);
}

TEST(BadJsonTest, ProduceOfARouter) {
  Pipeline pipeline("sfurouter name=r plaintransport name=t");
  const ElementRef router = pipeline.Find("r");
  ExpectRefused(router.get(), pipeline.Find("t").get(), "produce");
  EXPECT_EQ(router.get()->numpads, 0);
}

// Of members of one name the last counts, as in JavaScript.
TEST(BadJsonTest, TheLastOfTwoMembersCounts) {
  Stage stage("plaintransport");
  std::string text = ProduceVp8("cam").dump();
  text.insert(1, R"("id": "first", )");
  const Answer answer = CallText(stage.get(), "produce", text);
  ASSERT_TRUE(answer.ok()) << answer.error;
  EXPECT_EQ(answer.value()["id"], "cam");
}

// What no request asks for is no reason to refuse it.
TEST(BadJsonTest, UnknownMembersAreIgnored) {
  Stage stage("plaintransport");
  Json request = ProduceVp8("cam");
  request["appData"] = {{"x", Json::array({1, nullptr})}};
  request["rtpParameters"]["codecs"][0]["unknown"] = 1;
  EXPECT_TRUE(Call(stage.get(), "produce", request).ok());
}

TEST(BadJsonTest, EveryTextAction) {
  Pipeline pipeline("sfurouter name=r plaintransport name=t");
  const std::string deep = std::string(100'000, '[');
  for (const auto& [element, action] : {std::pair{"r", "can-consume"},
                                        {"r", "update-media-codecs"},
                                        {"t", "produce"},
                                        {"t", "consume"},
                                        {"t", "connect"}}) {
    const Answer answer = CallText(pipeline.Find(element).get(), action, deep);
    EXPECT_NE(answer.error.find("is nested deeper than 16"), std::string::npos)
        << action << answer.error;
    GstStructure* structure = nullptr;
    g_signal_emit_by_name(pipeline.Find(element).get(), action, nullptr, &structure);
    EXPECT_NE(ReadAnswer(structure).error.find("is missing"), std::string::npos) << action;
  }
}

}  // namespace
}  // namespace sfu::test

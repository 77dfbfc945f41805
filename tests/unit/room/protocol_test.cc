#include "examples/room/server/protocol.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace room {
namespace {

// The field that a wrong message is refused for, and the id that its sender is told.
struct Refusal {
  std::string field;
  Json id;
};

Refusal Refused(std::string_view text) {
  Request request;
  try {
    ParseRequest(text, &request);
  } catch (const RequestError& error) {
    EXPECT_EQ(error.code(), "invalid");
    return {error.field(), request.id};
  }
  ADD_FAILURE() << text;
  return {};
}

TEST(ParseRequest, Reads) {
  Request request;
  ParseRequest(R"({"id": 7, "method": "chat", "data": {"text": "hello"}})", &request);
  EXPECT_EQ(request.id, 7);
  EXPECT_EQ(request.method, "chat");
  EXPECT_EQ(request.data["text"], "hello");
}

TEST(ParseRequest, DataMayBeMissing) {
  Request request;
  ParseRequest(R"({"id": 0, "method": "getStats"})", &request);
  EXPECT_EQ(request.data, Json::object());
}

TEST(ParseRequest, NamesWhatIsWrong) {
  for (const char* text : {"", "{", "\xff\xfe", "[]", "7", "\"text\"", "{\"id\": 1} x"}) {
    EXPECT_EQ(Refused(text).field, "message") << text;
  }
  for (const char* id : {"-1", "1.5", "\"1\"", "null", "9007199254740992", "[1]"}) {
    const Refusal refusal = Refused(std::string(R"({"method": "chat", "id": )") + id + "}");
    EXPECT_EQ(refusal.field, "id") << id;
    EXPECT_TRUE(refusal.id.is_null());
  }
  EXPECT_EQ(Refused(R"({"id": 3})").field, "method");
  EXPECT_EQ(Refused(R"({"id": 3, "method": 4})").id, 3);
  EXPECT_EQ(Refused(R"({"id": 3, "method": "chat", "data": []})").field, "data");
}

TEST(ParseRequest, BoundsTheDepth) {
  const auto nested = [](size_t depth) {
    return R"({"id": 1, "method": "produce", "data": {"a": )" + std::string(depth, '[') +
           std::string(depth, ']') + "}}";
  };
  Request request;
  ParseRequest(nested(kMaxDepth - 3), &request);
  EXPECT_EQ(Refused(nested(kMaxDepth)).field, "message");
  EXPECT_EQ(Refused(nested(1'000'000)).field, "message");
}

std::string WrongField(const std::function<void(const Fields&)>& read, const Json& data) {
  try {
    read(Fields(data));
  } catch (const RequestError& error) {
    return error.field();
  }
  return "none";
}

TEST(Fields, TextIsBounded) {
  const auto read = [](const Fields& fields) { fields.Text("name", 4); };
  EXPECT_EQ(WrongField(read, {{"name", "Anna"}}), "none");
  EXPECT_EQ(WrongField(read, {{"name", "Anna!"}}), "name");
  EXPECT_EQ(WrongField(read, {{"name", ""}}), "name");
  EXPECT_EQ(WrongField(read, {{"name", "A\n"}}), "name");
  EXPECT_EQ(WrongField(read, {{"name", 4}}), "name");
  EXPECT_EQ(WrongField(read, Json::object()), "name");
}

TEST(Fields, LinesMayEnd) {
  const Json data = {{"text", "a\n\tb"}};
  EXPECT_EQ(Fields(data).Lines("text", 10), "a\n\tb");
  EXPECT_EQ(WrongField([](const Fields& fields) { fields.Lines("text", 10); },
                       {{"text", std::string("a\0", 2)}}),
            "text");
}

TEST(Fields, WhatIsOptionalMustBeRightToo) {
  const Json none = Json::object();
  EXPECT_EQ(Fields(none).OptionalText("token", 10), "");
  EXPECT_TRUE(Fields(none).Flag("paused", true));
  EXPECT_EQ(WrongField([](const Fields& fields) { fields.OptionalText("token", 10); },
                       {{"token", false}}),
            "token");
  EXPECT_EQ(WrongField([](const Fields& fields) { fields.Flag("paused", true); }, {{"paused", 1}}),
            "paused");
}

TEST(Fields, OneOfNamesAll) {
  const Json data = {{"kind", "smell"}};
  try {
    Fields(data).OneOf("kind", {"audio", "video"});
    FAIL();
  } catch (const RequestError& error) {
    EXPECT_STREQ(error.what(), "kind must be one of audio, video");
  }
}

TEST(Texts, AreWhatThePageReads) {
  EXPECT_EQ(Json::parse(AnswerText(3, {{"a", 1}})), Json({{"id", 3}, {"data", {{"a", 1}}}}));
  EXPECT_EQ(Json::parse(NotificationText("chat", {{"a", 1}})),
            Json({{"method", "chat"}, {"data", {{"a", 1}}}}));
  const Json error = Json::parse(ErrorText(nullptr, RequestError("full", "room", "no place")));
  EXPECT_TRUE(error.at("id").is_null());
  EXPECT_EQ(error.at("error"), Json({{"code", "full"}, {"field", "room"}, {"reason", "no place"}}));
}

// Whatever bytes an element's reason has.
TEST(Texts, AreUtf8) {
  const std::string text = ErrorText(1, RequestError("failed", "", "\xff"));
  EXPECT_EQ(Json::parse(text).at("error").at("reason"), "\xef\xbf\xbd");
}

}  // namespace
}  // namespace room

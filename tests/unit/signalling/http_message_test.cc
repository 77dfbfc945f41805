// The headers that the endpoints look at.
#include "signalling/http_message.h"

#include <gtest/gtest.h>

namespace sfu::signalling {
namespace {

TEST(HttpMessage, ContentTypesHaveParameters) {
  EXPECT_TRUE(IsContentType("application/sdp", "application/sdp"));
  EXPECT_TRUE(IsContentType("Application/SDP; charset=utf-8", "application/sdp"));
  EXPECT_FALSE(IsContentType("application/sdpx", "application/sdp"));
  EXPECT_FALSE(IsContentType("", "application/sdp"));
}

TEST(HttpMessage, AcceptNamesTypesAndGroups) {
  EXPECT_TRUE(IsAcceptable("", "application/sdp"));
  EXPECT_TRUE(IsAcceptable("*/*", "application/sdp"));
  EXPECT_TRUE(IsAcceptable("text/html, application/*;q=0.5", "application/sdp"));
  EXPECT_TRUE(IsAcceptable("text/html,application/sdp", "application/sdp"));
  EXPECT_FALSE(IsAcceptable("text/html", "application/sdp"));
}

TEST(HttpMessage, TokensAreComparedWhole) {
  EXPECT_TRUE(IsBearerToken("Bearer secret", "secret"));
  EXPECT_TRUE(IsBearerToken("bearer  secret ", "secret"));
  for (const char* wrong : {"", "Bearer", "Bearer ", "Bearer secre", "Bearer secrets",
                            "Bearer Secret", "Basic secret", "secret", "Bearer secretsecret"}) {
    EXPECT_FALSE(IsBearerToken(wrong, "secret")) << wrong;
  }
}

TEST(HttpMessage, IfMatchIsAListOfTags) {
  EXPECT_TRUE(IfMatchAllows("\"a\"", "\"a\""));
  EXPECT_TRUE(IfMatchAllows("\"b\", \"a\"", "\"a\""));
  EXPECT_TRUE(IfMatchAllows("*", "\"a\""));
  EXPECT_FALSE(IfMatchAllows("\"b\"", "\"a\""));
  // A weak tag matches nothing here (RFC 9110, section 8.8.3.2).
  EXPECT_FALSE(IfMatchAllows("W/\"a\"", "\"a\""));
  EXPECT_FALSE(IfMatchAllows("", "\"a\""));
}

}  // namespace
}  // namespace sfu::signalling

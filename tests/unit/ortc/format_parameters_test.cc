// Parameters of codecs as numbers and as text.
#include "ortc/format_parameters.h"

#include <gtest/gtest.h>

namespace sfu::ortc {
namespace {

TEST(FormatParametersTest, IntegersInAnySpelling) {
  const FormatParameters parameters = {
      {"number", 42}, {"fraction", 42.0}, {"text", "42"}, {"negative", "-1"}};
  EXPECT_EQ(parameters.Integer("number"), 42);
  EXPECT_EQ(parameters.Integer("fraction"), 42);
  EXPECT_EQ(parameters.Integer("text"), 42);
  EXPECT_EQ(parameters.Integer("negative"), -1);
}

TEST(FormatParametersTest, NoIntegers) {
  const FormatParameters parameters = {{"half", 0.5},
                                       {"huge", 1e300},
                                       {"word", "4x"},
                                       {"empty", ""},
                                       {"long", "99999999999999999999"}};
  for (const auto& [name, value] : parameters.values()) {
    EXPECT_EQ(parameters.Integer(name), std::nullopt) << name;
  }
  EXPECT_EQ(parameters.Integer("absent"), std::nullopt);
}

TEST(FormatParametersTest, TextOfNumbers) {
  const FormatParameters parameters = {{"id", 640028}, {"text", "42e01f"}, {"half", 0.5}};
  EXPECT_EQ(parameters.Text("id"), "640028");
  EXPECT_EQ(parameters.Text("text"), "42e01f");
  EXPECT_EQ(parameters.Text("half"), std::nullopt);
  EXPECT_EQ(parameters.Text("absent"), std::nullopt);
}

TEST(FormatParametersTest, SetMergeErase) {
  FormatParameters parameters = {{"a", 1}, {"b", 2}};
  parameters.Merge({{"b", "x"}, {"c", 3}});
  EXPECT_EQ(parameters, (FormatParameters{{"a", 1}, {"b", "x"}, {"c", 3}}));
  parameters.Erase("a");
  parameters.Erase("absent");
  parameters.Set("c", 4);
  EXPECT_EQ(parameters, (FormatParameters{{"b", "x"}, {"c", 4}}));
  EXPECT_FALSE(parameters.Has("a"));
}

}  // namespace
}  // namespace sfu::ortc

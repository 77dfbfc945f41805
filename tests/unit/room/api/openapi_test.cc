// What the API's description says is there, and nothing else is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "examples/room/server/api/all_routes.h"

namespace room {
namespace {

Routes MakeRoutes() {
  Routes routes("");
  AddAllRoutes(&routes, {});
  return routes;
}

Json Document() {
  HttpRequest request;
  request.method = "GET";
  request.path = "/api/openapi.json";
  return Json::parse(MakeRoutes().Handle(request).body);
}

std::string UpperCase(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

TEST(OpenApi, HasEachRouteAndNoOther) {
  std::vector<std::string> documented;
  const Json document = Document();
  for (const auto& [path, item] : document.at("paths").items()) {
    for (const auto& [key, operation] : item.items()) {
      if (key != "parameters") documented.push_back(UpperCase(key) + " " + path);
    }
  }
  EXPECT_THAT(documented, testing::UnorderedElementsAreArray(MakeRoutes().List()));
}

// The names in braces are the path's parameters.
TEST(OpenApi, DescribesTheNamesInPaths) {
  const Json document = Document();
  for (const auto& [path, item] : document.at("paths").items()) {
    std::set<std::string> named;
    for (size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
      named.insert(path.substr(at + 1, path.find('}', at) - at - 1));
    }
    std::set<std::string> described;
    for (const Json& parameter : item.value("parameters", Json::array())) {
      const std::string reference = parameter.at("$ref");
      const Json resolved = document.at(Json::json_pointer(reference.substr(1)));
      if (resolved.at("in") == "path") described.insert(resolved.at("name"));
    }
    EXPECT_EQ(described, named) << path;
  }
}

void CheckReferences(const Json& document, const Json& value) {
  if (value.is_object() && value.contains("$ref")) {
    const std::string reference = value.at("$ref");
    EXPECT_TRUE(reference.starts_with("#/")) << reference;
    EXPECT_TRUE(document.contains(Json::json_pointer(reference.substr(1)))) << reference;
  }
  if (value.is_structured()) {
    for (const Json& inner : value) CheckReferences(document, inner);
  }
}

TEST(OpenApi, RefersToWhatIsThere) {
  const Json document = Document();
  CheckReferences(document, document);
}

}  // namespace
}  // namespace room

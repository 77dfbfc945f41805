// The JSON examples of docs/elements/webrtctransport.md: those marked `json action=NAME` are
// arguments of that action, and are taken as they stand there, in their order.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "actions.h"
#include "harness.h"

namespace sfu::test {
namespace {

struct Example {
  std::string action;
  std::string json;
};

std::vector<Example> ReadExamples(const std::string& page) {
  const std::string begin = "```json action=";
  std::vector<Example> examples;
  std::ifstream file(std::string(ELEMENT_PAGES) + "/" + page);
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(begin)) {
      examples.push_back({line.substr(begin.size()), ""});
      inside = true;
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      examples.back().json += line + "\n";
    }
  }
  return examples;
}

TEST(PageExamples, Webrtctransport) {
  const std::vector<Example> examples = ReadExamples("webrtctransport.md");
  ASSERT_GE(examples.size(), 4U);
  Stage stage("webrtctransport");
  g_object_set(stage.get(), "address", "127.0.0.1", nullptr);
  gst_util_set_object_arg(G_OBJECT(stage.get()), "ice-mode", "full");
  stage.SetState(GST_STATE_READY);
  for (const Example& example : examples) {
    const Answer answer = CallText(stage.get(), example.action.c_str(), example.json);
    EXPECT_TRUE(answer.ok()) << example.action << ": " << answer.error << "\n" << example.json;
  }
}

}  // namespace
}  // namespace sfu::test

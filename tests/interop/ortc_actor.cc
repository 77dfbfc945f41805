// An application that controls its pipeline by JSON, for tests with other programs at the far end.
//
//   ortc_actor CALLS PIPELINE…
//
// CALLS is a JSON array of calls: {"element", "action", "transport"?, "json"}. Where `json` has the
// member "rtpCapabilities": true, those of the router "r" take its place. Plays the pipeline, makes
// the calls in turn and prints the answer to each as one JSON line, then "ready". Ends with SIGINT.
// The exit code is 1 if a call fails.
#include <glib-unix.h>
#include <gst/gst.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

namespace {

using Json = nlohmann::json;

std::string TextProperty(GstElement* element, const char* name) {
  gchar* text = nullptr;
  g_object_get(element, name, &text, nullptr);
  std::string copy = text;
  g_free(text);
  return copy;
}

bool Call(GstBin* pipeline, const Json& call) {
  const auto find = [pipeline, &call](const char* member) {
    return gst_bin_get_by_name(pipeline, call[member].get<std::string>().c_str());
  };
  Json json = call["json"];
  if (json.value("rtpCapabilities", false)) {
    GstElement* router = gst_bin_get_by_name(pipeline, "r");
    json["rtpCapabilities"] = Json::parse(TextProperty(router, "rtp-capabilities"));
    gst_object_unref(router);
  }
  GstElement* element = find("element");
  const std::string action = call["action"];
  GstStructure* answer = nullptr;
  if (call.contains("transport")) {
    GstElement* transport = find("transport");
    g_signal_emit_by_name(element, action.c_str(), transport, json.dump().c_str(), &answer);
    gst_object_unref(transport);
  } else {
    g_signal_emit_by_name(element, action.c_str(), json.dump().c_str(), &answer);
  }
  gst_object_unref(element);
  const gchar* text = gst_structure_get_string(answer, "json");
  const bool ok = text != nullptr;
  if (ok) {
    std::puts(text);
  } else {
    std::fprintf(stderr, "%s: %s: %s\n", action.c_str(), gst_structure_get_string(answer, "field"),
                 gst_structure_get_string(answer, "reason"));
  }
  gst_structure_free(answer);
  return ok;
}

gboolean OnInterrupt(gpointer loop) {
  g_main_loop_quit(static_cast<GMainLoop*>(loop));
  return G_SOURCE_CONTINUE;
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  const Json calls = Json::parse(argv[1]);
  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launchv(const_cast<const gchar**>(argv + 2), &error);
  if (error != nullptr) {
    std::fprintf(stderr, "%s\n", error->message);
    return 1;
  }
  GMainLoop* loop = g_main_loop_new(nullptr, FALSE);
  g_unix_signal_add(SIGINT, OnInterrupt, loop);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  bool ok = true;
  for (const Json& call : calls) ok = Call(GST_BIN(pipeline), call) && ok;
  std::puts("ready");
  std::fflush(stdout);
  if (ok) g_main_loop_run(loop);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(pipeline);
  g_main_loop_unref(loop);
  return ok ? 0 : 1;
}

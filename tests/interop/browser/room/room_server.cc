// room-server: sfu-echo's server, on a pipeline of the test's own.
//
//   room-server ADDRESS PAGE PIPELINE [ELEMENT PRODUCE …]
//
// PIPELINE is a launch line with an sfurouter called r. For each pair the transport ELEMENT of it
// gets a Producer: PRODUCE is the JSON of the action. Writes a line of JSON with what the action
// answers, and at last where the page is. SIGUSR1 prints the statistics of all elements and pads as
// one line of JSON. Ends by Ctrl-C.
#include <glib-unix.h>
#include <gst/gst.h>

#include <cstdio>
#include <stdexcept>
#include <string>

#include "examples/echo/actions.h"
#include "examples/echo/echo_server.h"
#include "tests/interop/stats_json.h"

namespace {

GstElement* Find(GstElement* pipeline, const char* name) {
  GstElement* element = gst_bin_get_by_name(GST_BIN(pipeline), name);
  if (element == nullptr) throw std::runtime_error(std::string("there is no element ") + name);
  gst_object_unref(element);  // the pipeline owns it
  return element;
}

void Run(int argc, char** argv) {
  gst_init(nullptr, nullptr);
  if (argc < 4) throw std::runtime_error("usage: ADDRESS PAGE PIPELINE [ELEMENT PRODUCE …]");
  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launch(argv[3], &error);
  if (error != nullptr) throw std::runtime_error(error->message);
  GstElement* router = Find(pipeline, "r");
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  for (int i = 4; i + 1 < argc; i += 2) {
    const Json answer = Call(router, "produce", Find(pipeline, argv[i]), Json::parse(argv[i + 1]));
    std::printf("produced %s\n", answer.dump().c_str());
  }
  {
    const EchoServer server({pipeline, router, argv[1]}, argv[2], 0);
    std::printf("open http://127.0.0.1:%u/?auto\n", server.port());
    std::fflush(stdout);
    g_unix_signal_add(
        SIGUSR1,
        [](gpointer data) -> gboolean {
          PrintStats(GST_BIN(data));
          return G_SOURCE_CONTINUE;
        },
        pipeline);
    GMainLoop* loop = g_main_loop_new(nullptr, FALSE);
    g_main_loop_run(loop);  // until a signal ends the program
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "room-server: %s\n", error.what());
    return 1;
  }
  return 0;
}

// gst-launch-1.0 -e with statistics, for tests that count packets.
//
//   launch_stats PIPELINE…
//
// Prints "New clock", as gst-launch-1.0 does, when it begins to play, and "playing" once all of it
// plays. SIGUSR1 prints the statistics of every element and pad that has a
// `stats` property, as one JSON line; so does the end. A message of ours on the bus (GstSfu…) is
// printed as "message NAME". SIGINT sends end of stream, the second one
// ends at once. The exit code is 1 after an error.
#include <glib-unix.h>
#include <gst/gst.h>

#include <cstdio>

#include "stats_json.h"

namespace {

struct Launch {
  GMainLoop* loop = g_main_loop_new(nullptr, FALSE);
  GstElement* pipeline = nullptr;
  bool stopping = false;
  int exit_code = 0;
};

gboolean OnStatsWanted(gpointer data) {
  PrintStats(GST_BIN(static_cast<Launch*>(data)->pipeline));
  return G_SOURCE_CONTINUE;
}

gboolean OnInterrupt(gpointer data) {
  auto* launch = static_cast<Launch*>(data);
  if (launch->stopping) g_main_loop_quit(launch->loop);
  launch->stopping = true;
  gst_element_send_event(launch->pipeline, gst_event_new_eos());
  return G_SOURCE_CONTINUE;
}

gboolean OnMessage(GstBus*, GstMessage* message, gpointer data) {
  auto* launch = static_cast<Launch*>(data);
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) g_main_loop_quit(launch->loop);
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    GError* error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    std::fprintf(stderr, "ERROR: %s: %s\n", GST_MESSAGE_SRC_NAME(message), error->message);
    g_error_free(error);
    launch->exit_code = 1;
    g_main_loop_quit(launch->loop);
  }
  const GstStructure* structure = gst_message_get_structure(message);
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ELEMENT &&
      g_str_has_prefix(gst_structure_get_name(structure), "GstSfu")) {
    std::printf("message %s\n", gst_structure_get_name(structure));
    std::fflush(stdout);
  }
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_NEW_CLOCK) {
    std::puts("New clock");
    std::fflush(stdout);
  }
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_STATE_CHANGED &&
      GST_MESSAGE_SRC(message) == GST_OBJECT(launch->pipeline)) {
    GstState state = GST_STATE_NULL;
    gst_message_parse_state_changed(message, nullptr, &state, nullptr);
    if (state == GST_STATE_PLAYING) std::puts("playing");
    std::fflush(stdout);
  }
  return G_SOURCE_CONTINUE;
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  Launch launch;
  GError* error = nullptr;
  launch.pipeline = gst_parse_launchv(const_cast<const gchar**>(argv + 1), &error);
  if (error != nullptr) {
    std::fprintf(stderr, "ERROR: %s\n", error->message);
    return 1;
  }
  GstBus* bus = gst_element_get_bus(launch.pipeline);
  gst_bus_add_watch(bus, OnMessage, &launch);
  g_unix_signal_add(SIGINT, OnInterrupt, &launch);
  g_unix_signal_add(SIGUSR1, OnStatsWanted, &launch);
  gst_element_set_state(launch.pipeline, GST_STATE_PLAYING);
  g_main_loop_run(launch.loop);
  PrintStats(GST_BIN(launch.pipeline));
  gst_element_set_state(launch.pipeline, GST_STATE_NULL);
  gst_object_unref(bus);
  gst_object_unref(launch.pipeline);
  g_main_loop_unref(launch.loop);
  return launch.exit_code;
}

// sfu-echo: a browser sees its own camera through the SFU. The smallest server that
// mediasoup-client can talk to.
//
//   sfu-echo [--port N] [--address IP] [--page DIR]
//
// Open http://127.0.0.1:4000/ and click the buttons in order, or http://127.0.0.1:4000/?auto.
//
//   browser ──WebSocket──▶ EchoServer ──▶ Participant ──actions──▶ sfurouter, webrtctransport
//      └──────────── ICE, DTLS, SRTP ────────────────────────────────────┘
#include <glib-unix.h>
#include <gst/gst.h>

#include <cstdio>
#include <stdexcept>
#include <string>

#include "echo_server.h"

namespace {

struct Options {
  int port = 4000;
  std::string address = "127.0.0.1";
  std::string page = ECHO_PAGE;
};

Options ParseOptions(int* argc, char*** argv) {
  Options options;
  gchar* address = nullptr;
  gchar* page = nullptr;
  const GOptionEntry entries[] = {
      {"port", 'p', 0, G_OPTION_ARG_INT, &options.port, "HTTP port on 127.0.0.1 (4000)", "N"},
      {"address", 'a', 0, G_OPTION_ARG_STRING, &address, "address for media (127.0.0.1)", "IP"},
      {"page", 0, 0, G_OPTION_ARG_FILENAME, &page, "folder of the page", "DIR"},
      {},
  };
  GOptionContext* context = g_option_context_new(nullptr);
  g_option_context_add_main_entries(context, entries, nullptr);
  g_option_context_add_group(context, gst_init_get_option_group());
  GError* error = nullptr;
  const bool parsed = g_option_context_parse(context, argc, argv, &error) != FALSE;
  g_option_context_free(context);
  if (address != nullptr) options.address = address;
  if (page != nullptr) options.page = page;
  g_free(address);
  g_free(page);
  if (parsed && options.port >= 0 && options.port <= 65'535) return options;
  const std::string text = parsed ? "--port must be 0 to 65535" : error->message;
  g_clear_error(&error);
  throw std::runtime_error(text);
}

gboolean OnMessage(GstBus*, GstMessage* message, gpointer) {
  GError* error = nullptr;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error(message, &error, nullptr);
  } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING) {
    gst_message_parse_warning(message, &error, nullptr);
  }
  if (error != nullptr) g_printerr("%s: %s\n", GST_MESSAGE_SRC_NAME(message), error->message);
  g_clear_error(&error);
  return G_SOURCE_CONTINUE;
}

// Until Ctrl-C.
void Serve(GstElement* pipeline, GstElement* router, const Options& options) {
  gst_bin_add(GST_BIN(pipeline), router);
  GstBus* bus = gst_element_get_bus(pipeline);
  const guint watch = gst_bus_add_watch(bus, OnMessage, nullptr);
  gst_object_unref(bus);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  {
    const EchoServer server({pipeline, router, options.address}, options.page,
                            static_cast<guint>(options.port));
    std::printf("open http://127.0.0.1:%u/?auto\n", server.port());
    std::fflush(stdout);
    GMainLoop* loop = g_main_loop_new(nullptr, FALSE);
    for (const int number : {SIGINT, SIGTERM}) {
      g_unix_signal_add(
          number,
          [](gpointer data) -> gboolean {
            g_main_loop_quit(static_cast<GMainLoop*>(data));
            return G_SOURCE_CONTINUE;
          },
          loop);
    }
    g_main_loop_run(loop);
    g_main_loop_unref(loop);
  }
  gst_element_set_state(pipeline, GST_STATE_NULL);
  g_source_remove(watch);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = ParseOptions(&argc, &argv);
    GstElement* router = gst_element_factory_make("sfurouter", nullptr);
    if (router == nullptr) throw std::runtime_error("there is no sfurouter: set GST_PLUGIN_PATH");
    GstElement* pipeline = gst_pipeline_new(nullptr);
    Serve(pipeline, router, options);
    gst_object_unref(pipeline);
  } catch (const std::exception& error) {
    g_printerr("sfu-echo: %s\n", error.what());
    return 1;
  }
  gst_deinit();  // only so that GStreamer's leaks tracer tells what is left
  return 0;
}

// Takes one participant in by RTP, records him, and says every second how his streams arrive.
//
// usage: record-participant FILE [PORT]      Ctrl-C ends the file
//
// plaintransport ── src_0 ─▶ sfurouter ── src_0 ─▶ rtpvp8depay ──┐
//                └─ src_1 ─▶           └─ src_1 ─▶ rtpopusdepay ─┴▶ matroskamux ─▶ FILE
#include <glib-unix.h>
#include <gst/gst.h>
#include <stdlib.h>

// Who waits longer than this for a lost packet goes on without it. A recording has time.
#define PATIENCE_MS 3000

typedef struct {
  GMainLoop* loop;
  GstElement* pipeline;
  GstElement* transport;
  int exit_code;
} App;

// What the participant is said to send becomes a Producer of the router, and a Consumer of that
// goes into the muxer.
static gboolean add_stream(App* app, GstElement* router, GstElement* muxer, const char* depayloader,
                           const char* caps_text) {
  GstElement* depay = gst_element_factory_make(depayloader, NULL);
  gst_bin_add(GST_BIN(app->pipeline), depay);

  GstPad* received = gst_element_request_pad_simple(app->transport, "src_%u");
  GstCaps* caps = gst_caps_from_string(caps_text);
  g_object_set(received, "caps", caps, NULL);
  GstPad* producer = gst_element_request_pad_simple(router, "sink_%u");
  GstPad* consumer = gst_element_request_pad_simple(router, "src_%u");
  g_object_set(consumer, "latency", PATIENCE_MS, NULL);
  GstPad* branch = gst_element_get_static_pad(depay, "sink");

  const gboolean linked = gst_pad_link(received, producer) == GST_PAD_LINK_OK &&
                          gst_pad_link(consumer, branch) == GST_PAD_LINK_OK &&
                          gst_element_link(depay, muxer);
  gst_caps_unref(caps);
  gst_object_unref(received);
  gst_object_unref(producer);
  gst_object_unref(consumer);
  gst_object_unref(branch);
  return linked;
}

static gboolean make_pipeline(App* app, const char* file, guint port) {
  app->pipeline = gst_parse_launch(
      "plaintransport name=cam rtcp-mux=false  sfurouter name=router "
      "matroskamux name=muxer offset-to-zero=true ! filesink name=file",
      NULL);
  if (!GST_IS_BIN(app->pipeline)) return FALSE;
  app->transport = gst_bin_get_by_name(GST_BIN(app->pipeline), "cam");
  GstElement* router = gst_bin_get_by_name(GST_BIN(app->pipeline), "router");
  GstElement* muxer = gst_bin_get_by_name(GST_BIN(app->pipeline), "muxer");
  gst_child_proxy_set(GST_CHILD_PROXY(app->pipeline), "cam::port", port, "file::location", file,
                      NULL);
  const gboolean linked =
      app->transport != NULL && router != NULL &&
      add_stream(app, router, muxer, "rtpvp8depay",
                 "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000") &&
      add_stream(app, router, muxer, "rtpopusdepay",
                 "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000");
  g_clear_object(&router);
  g_clear_object(&muxer);
  return linked;
}

// `stats` of the transport has a structure for each pad, with the names of W3C's webrtc-stats.
static gboolean print_stats(gpointer data) {
  GstStructure* all = NULL;
  g_object_get(((App*)data)->transport, "stats", &all, NULL);
  for (gint i = 0; i < gst_structure_n_fields(all); ++i) {
    const char* pad = gst_structure_nth_field_name(all, (guint)i);
    const GValue* value = gst_structure_get_value(all, pad);
    if (!GST_VALUE_HOLDS_STRUCTURE(value)) continue;
    guint64 packets = 0;
    gst_structure_get(gst_value_get_structure(value), "packetsReceived", G_TYPE_UINT64, &packets,
                      NULL);
    g_print("%s: %" G_GUINT64_FORMAT " packets\n", pad, packets);
  }
  gst_structure_free(all);
  return G_SOURCE_CONTINUE;
}

// Ctrl-C: all streams end, so that the file gets its duration and its index.
static gboolean end_file(gpointer data) {
  gst_element_send_event(((App*)data)->pipeline, gst_event_new_eos());
  return G_SOURCE_CONTINUE;
}

static gboolean on_message(GstBus* bus, GstMessage* message, gpointer data) {
  (void)bus;
  App* app = data;
  app->exit_code = GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR;
  if (GST_MESSAGE_TYPE(message) & (GST_MESSAGE_ERROR | GST_MESSAGE_EOS))
    g_main_loop_quit(app->loop);
  return G_SOURCE_CONTINUE;
}

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  App app = {.loop = g_main_loop_new(NULL, FALSE)};
  if (argc < 2 || !make_pipeline(&app, argv[1], argc > 2 ? (guint)atoi(argv[2]) : 5004)) {
    g_printerr("usage: %s FILE [PORT], with the plugin in GST_PLUGIN_PATH\n", argv[0]);
    return 2;
  }
  gst_bus_add_watch(GST_ELEMENT_BUS(app.pipeline), on_message, &app);
  g_timeout_add_seconds(1, print_stats, &app);
  g_unix_signal_add(SIGINT, end_file, &app);
  gst_element_set_state(app.pipeline, GST_STATE_PLAYING);
  g_main_loop_run(app.loop);
  gst_element_set_state(app.pipeline, GST_STATE_NULL);
  gst_bus_remove_watch(GST_ELEMENT_BUS(app.pipeline));
  gst_object_unref(app.transport);
  gst_object_unref(app.pipeline);
  g_main_loop_unref(app.loop);
  return app.exit_code;
}

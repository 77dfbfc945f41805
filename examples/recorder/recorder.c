// Recordings that come and go while a room is running.
//
// usage: sfu-recorder PIPELINE SECONDS FILE...
//
// PIPELINE is a gst-launch-1.0 line with an sfurouter named r that has a VP8 and an Opus producer.
// It plays without end; each FILE gets SECONDS seconds of it, one after another. The room plays on
// while a recording is added or taken away.
#include <gst/gst.h>
#include <stdlib.h>

// One second without a recording lies between two files, as nobody would notice in the room.
#define BREAK_SECONDS 1

typedef struct {
  GMainLoop* loop;
  GstElement* pipeline;
  GstElement* router;
  GstElement* recording;  // the branch that is in the pipeline; NULL: none
  GstPad* pads[2];        // of the router: the recording's picture and sound
  guint seconds;
  char** next_file;  // NULL-terminated
  gboolean failed;
} App;

static gboolean start_recording(gpointer data);

// The branch with everything behind the router. A muxer wants its inputs to be known when it
// starts, so picture and sound come in one piece.
static GstElement* make_branch(const char* file) {
  GstElement* branch = gst_parse_bin_from_description(
      "rtpvp8depay name=picture ! mux.  rtpopusdepay name=sound ! mux. "
      "matroskamux name=mux offset-to-zero=true ! filesink name=file async=false",
      FALSE, NULL);
  GstElement* sink = gst_bin_get_by_name(GST_BIN(branch), "file");
  g_object_set(sink, "location", file, NULL);
  gst_object_unref(sink);
  for (int i = 0; i < 2; ++i) {
    const char* name = i == 0 ? "picture" : "sound";
    GstElement* depay = gst_bin_get_by_name(GST_BIN(branch), name);
    GstPad* pad = gst_element_get_static_pad(depay, "sink");
    gst_element_add_pad(branch, gst_ghost_pad_new(name, pad));
    gst_object_unref(pad);
    gst_object_unref(depay);
  }
  // Without this, only the whole pipeline's end of stream would be told.
  g_object_set(branch, "message-forward", TRUE, NULL);
  return branch;
}

// The branch is in PLAYING before it is linked: its first packet, a key frame, must not be lost.
static void add_branch(App* app, const char* file) {
  app->recording = make_branch(file);
  gst_bin_add(GST_BIN(app->pipeline), app->recording);
  gst_element_sync_state_with_parent(app->recording);
  for (int i = 0; i < 2; ++i) {
    app->pads[i] = gst_element_request_pad_simple(app->router, "src_%u");
    // Patience: packets lost on the way in are waited for so many milliseconds.
    g_object_set(app->pads[i], "latency", 3000, NULL);
    GstPad* sink = gst_element_get_static_pad(app->recording, i == 0 ? "picture" : "sound");
    // The router finds the producer by what this pad takes.
    gst_pad_link(app->pads[i], sink);
    gst_object_unref(sink);
  }
}

// Takes the branch off the room, then lets it finish its file; on_message() hears when it has.
static gboolean stop_recording(gpointer data) {
  App* app = data;
  for (int i = 0; i < 2; ++i) {
    GstPad* sink = gst_pad_get_peer(app->pads[i]);
    gst_element_release_request_pad(app->router, app->pads[i]);
    gst_object_unref(app->pads[i]);
    gst_pad_send_event(sink, gst_event_new_eos());
    gst_object_unref(sink);
  }
  return G_SOURCE_REMOVE;
}

static void on_recording_finished(App* app) {
  gst_element_set_state(app->recording, GST_STATE_NULL);
  gst_bin_remove(GST_BIN(app->pipeline), app->recording);
  app->recording = NULL;
  g_print("%s is complete\n", *app->next_file++);
  if (*app->next_file != NULL) {
    g_timeout_add_seconds(BREAK_SECONDS, start_recording, app);
  } else {
    g_main_loop_quit(app->loop);
  }
}

static gboolean start_recording(gpointer data) {
  App* app = data;
  add_branch(app, *app->next_file);
  g_timeout_add_seconds(app->seconds, stop_recording, app);
  return G_SOURCE_REMOVE;
}

static gboolean is_end_of_recording(const App* app, GstMessage* message) {
  if (app->recording == NULL || GST_MESSAGE_SRC(message) != GST_OBJECT_CAST(app->recording) ||
      !gst_message_has_name(message, "GstBinForwarded")) {
    return FALSE;
  }
  GstMessage* inner = NULL;
  gst_structure_get(gst_message_get_structure(message), "message", GST_TYPE_MESSAGE, &inner, NULL);
  const gboolean is_eos = GST_MESSAGE_TYPE(inner) == GST_MESSAGE_EOS;
  gst_message_unref(inner);
  return is_eos;
}

static gboolean on_message(GstBus* bus, GstMessage* message, gpointer data) {
  (void)bus;
  App* app = data;
  if (is_end_of_recording(app, message)) {
    on_recording_finished(app);
  } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    GError* error = NULL;
    gst_message_parse_error(message, &error, NULL);
    g_printerr("%s: %s\n", GST_MESSAGE_SRC_NAME(message), error->message);
    g_error_free(error);
    app->failed = TRUE;
    g_main_loop_quit(app->loop);
  }
  return G_SOURCE_CONTINUE;
}

static gboolean open_room(App* app, const char* description) {
  GError* error = NULL;
  app->pipeline = gst_parse_launch(description, &error);
  if (error != NULL) {
    g_printerr("The pipeline cannot be made: %s\n", error->message);
    g_error_free(error);
    return FALSE;
  }
  app->router = gst_bin_get_by_name(GST_BIN(app->pipeline), "r");
  if (app->router == NULL) {
    g_printerr("The pipeline has no element named r\n");
    return FALSE;
  }
  GstBus* bus = gst_element_get_bus(app->pipeline);
  gst_bus_add_watch(bus, on_message, app);
  gst_object_unref(bus);
  return gst_element_set_state(app->pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE;
}

static void close_room(App* app) {
  if (app->pipeline == NULL) return;
  gst_element_set_state(app->pipeline, GST_STATE_NULL);
  GstBus* bus = gst_element_get_bus(app->pipeline);
  gst_bus_remove_watch(bus);
  gst_object_unref(bus);
  g_clear_object(&app->router);
  gst_object_unref(app->pipeline);
}

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc < 4 || atoi(argv[2]) < 1) {
    g_printerr("usage: %s PIPELINE SECONDS FILE...\n", argv[0]);
    return 2;
  }
  App app = {
      .loop = g_main_loop_new(NULL, FALSE), .seconds = (guint)atoi(argv[2]), .next_file = argv + 3};
  app.failed = !open_room(&app, argv[1]);
  if (!app.failed) {
    g_timeout_add_seconds(BREAK_SECONDS, start_recording, &app);
    g_main_loop_run(app.loop);
  }
  close_room(&app);
  g_main_loop_unref(app.loop);
  return app.failed ? 1 : 0;
}

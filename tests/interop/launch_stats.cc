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
#include <string>

namespace {

std::string Quoted(const char* text) {
  std::string quoted = "\"";
  for (const char* c = text; *c != '\0'; ++c) {
    if (*c == '"' || *c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(*c) >= ' ') quoted += *c;
  }
  return quoted + "\"";
}

std::string Json(const GstStructure* structure);

std::string Json(const GValue* value) {
  if (GST_VALUE_HOLDS_STRUCTURE(value)) return Json(gst_value_get_structure(value));
  GValue text = G_VALUE_INIT;
  g_value_init(&text, G_TYPE_STRING);
  g_value_transform(value, &text);
  const char* content = g_value_get_string(&text);
  const GType type = G_VALUE_TYPE(value);
  const bool number = type == G_TYPE_UINT64 || type == G_TYPE_INT64 || type == G_TYPE_UINT ||
                      type == G_TYPE_INT || type == G_TYPE_DOUBLE;
  std::string json = content == nullptr ? "null" : number ? content : Quoted(content);
  g_value_unset(&text);
  return json;
}

std::string Json(const GstStructure* structure) {
  std::string json;
  for (int i = 0; i < gst_structure_n_fields(structure); ++i) {
    const gchar* name = gst_structure_nth_field_name(structure, static_cast<guint>(i));
    json += (json.empty() ? "" : ", ") + Quoted(name) + ": " +
            Json(gst_structure_get_value(structure, name));
  }
  return "{" + json + "}";
}

// Adds "NAME": {…} if the object has statistics.
void AddStats(GObject* object, const std::string& name, std::string* json) {
  const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(object), "stats");
  if (spec == nullptr || spec->value_type != GST_TYPE_STRUCTURE) return;
  GstStructure* stats = nullptr;
  g_object_get(object, "stats", &stats, nullptr);
  if (stats == nullptr) return;
  *json += (json->empty() ? "" : ", ") + Quoted(name.c_str()) + ": " + Json(stats);
  gst_structure_free(stats);
}

void AddElement(const GValue* item, gpointer data) {
  auto* json = static_cast<std::string*>(data);
  auto* element = GST_ELEMENT(g_value_get_object(item));
  const std::string name = GST_OBJECT_NAME(element);
  AddStats(G_OBJECT(element), name, json);
  // The pads are copied, for reading statistics must not hold the element's lock.
  GST_OBJECT_LOCK(element);
  GList* pads = g_list_copy_deep(
      element->pads,
      [](const void* pad, void*) -> void* { return gst_object_ref(const_cast<void*>(pad)); },
      nullptr);
  GST_OBJECT_UNLOCK(element);
  for (GList* pad = pads; pad != nullptr; pad = pad->next) {
    AddStats(G_OBJECT(pad->data), name + "." + GST_OBJECT_NAME(pad->data), json);
  }
  g_list_free_full(pads, gst_object_unref);
}

struct Launch {
  GMainLoop* loop = g_main_loop_new(nullptr, FALSE);
  GstElement* pipeline = nullptr;
  bool stopping = false;
  int exit_code = 0;
};

void PrintStats(GstElement* pipeline) {
  std::string json;
  GstIterator* elements = gst_bin_iterate_recurse(GST_BIN(pipeline));
  gst_iterator_foreach(elements, AddElement, &json);
  gst_iterator_free(elements);
  std::printf("{%s}\n", json.c_str());
  std::fflush(stdout);
}

gboolean OnStatsWanted(gpointer data) {
  PrintStats(static_cast<Launch*>(data)->pipeline);
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
  PrintStats(launch.pipeline);
  gst_element_set_state(launch.pipeline, GST_STATE_NULL);
  gst_object_unref(bus);
  gst_object_unref(launch.pipeline);
  g_main_loop_unref(launch.loop);
  return launch.exit_code;
}

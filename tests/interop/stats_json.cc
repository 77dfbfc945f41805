#include "stats_json.h"

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

}  // namespace

void PrintStats(GstBin* bin) {
  std::string json;
  GstIterator* elements = gst_bin_iterate_recurse(bin);
  gst_iterator_foreach(elements, AddElement, &json);
  gst_iterator_free(elements);
  std::printf("{%s}\n", json.c_str());
  std::fflush(stdout);
}

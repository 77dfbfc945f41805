#include "structure_json.h"

namespace room {
namespace {

Json ValueToJson(const GValue& value);

Json ArrayToJson(const GValue& array) {
  Json list = Json::array();
  for (guint i = 0; i < gst_value_array_get_size(&array); ++i) {
    list.push_back(ValueToJson(*gst_value_array_get_value(&array, i)));
  }
  return list;
}

Json TextOf(const GValue& value) {
  gchar* text = gst_value_serialize(&value);
  if (text == nullptr) return nullptr;
  Json json = text;
  g_free(text);
  return json;
}

Json ValueToJson(const GValue& value) {
  switch (G_VALUE_TYPE(&value)) {
    case G_TYPE_BOOLEAN:
      return g_value_get_boolean(&value) != FALSE;
    case G_TYPE_INT:
      return g_value_get_int(&value);
    case G_TYPE_UINT:
      return g_value_get_uint(&value);
    case G_TYPE_INT64:
      return g_value_get_int64(&value);
    case G_TYPE_UINT64:
      return g_value_get_uint64(&value);
    case G_TYPE_DOUBLE:
      return g_value_get_double(&value);
    case G_TYPE_STRING: {
      const gchar* text = g_value_get_string(&value);
      return text == nullptr ? "" : text;
    }
    default:
      break;
  }
  if (G_VALUE_TYPE(&value) == GST_TYPE_STRUCTURE) {
    const GstStructure* structure = gst_value_get_structure(&value);
    return structure == nullptr ? Json(nullptr) : ToJson(*structure);
  }
  if (G_VALUE_TYPE(&value) == GST_TYPE_ARRAY) return ArrayToJson(value);
  return TextOf(value);
}

}  // namespace

Json ToJson(const GstStructure& structure) {
  Json object = Json::object();
  gst_structure_foreach(
      &structure,
      [](GQuark field, const GValue* value, gpointer json) -> gboolean {
        (*static_cast<Json*>(json))[g_quark_to_string(field)] = ValueToJson(*value);
        return TRUE;
      },
      &object);
  return object;
}

}  // namespace room

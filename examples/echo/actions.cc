// An action answers with a structure: field `json` if all went well, else field `error`.
#include "actions.h"

#include <stdexcept>

namespace {

Json TakeAnswer(GstStructure* answer, const char* action) {
  if (answer == nullptr) throw std::runtime_error(std::string(action) + " gave no answer");
  const char* text = gst_structure_get_string(answer, "json");
  Json json = text == nullptr || *text == '\0' ? Json::object() : Json::parse(text);
  GError* error = nullptr;
  gst_structure_get(answer, "error", G_TYPE_ERROR, &error, nullptr);
  const char* field = gst_structure_get_string(answer, "field");
  const ActionError wrong(field == nullptr ? "" : field, error == nullptr ? "" : error->message);
  gst_structure_free(answer);
  if (error == nullptr) return json;
  g_error_free(error);
  throw wrong;
}

}  // namespace

Json GetJson(GstElement* element, const char* property) {
  gchar* text = nullptr;
  g_object_get(element, property, &text, nullptr);
  Json json = Json::parse(text == nullptr ? "" : text);
  g_free(text);
  return json;
}

Json Call(GstElement* element, const char* action) {
  GstStructure* answer = nullptr;
  g_signal_emit_by_name(element, action, &answer);
  return TakeAnswer(answer, action);
}

Json Call(GstElement* element, const char* action, const std::string& options) {
  GstStructure* answer = nullptr;
  g_signal_emit_by_name(element, action, options.c_str(), &answer);
  return TakeAnswer(answer, action);
}

Json Call(GstElement* router, const char* action, GstElement* transport, const Json& options) {
  GstStructure* answer = nullptr;
  g_signal_emit_by_name(router, action, transport, options.dump().c_str(), &answer);
  return TakeAnswer(answer, action);
}

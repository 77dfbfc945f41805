// Answers as structures.
#include "action_answer.h"

namespace sfu::gst {

GstStructure* NewAnswer(const std::string& json) {
  return gst_structure_new("sfu-answer", "json", G_TYPE_STRING, json.c_str(), nullptr);
}

GstStructure* NewErrorAnswer(const Error& error) {
  GError* gerror = g_error_new_literal(GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
                                       error.ToString().c_str());
  GstStructure* answer = gst_structure_new("sfu-error", "error", G_TYPE_ERROR, gerror, "field",
                                           G_TYPE_STRING, error.field.c_str(), "reason",
                                           G_TYPE_STRING, error.reason.c_str(), nullptr);
  g_error_free(gerror);
  return answer;
}

GstStructure* NewAnswer(const Result<std::string>& json) {
  return json ? NewAnswer(json.value()) : NewErrorAnswer(json.error());
}

Result<std::string> ActionText(const char* text, const char* name) {
  if (text == nullptr) return Error{name, "is missing"};
  return std::string(text);
}

void InstallAction(GObjectClass* klass, const char* name, GCallback handler) {
  g_signal_new_class_handler(name, G_TYPE_FROM_CLASS(klass),
                             static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION),
                             handler, nullptr, nullptr, nullptr, GST_TYPE_STRUCTURE, 0);
}

void InstallTextAction(GObjectClass* klass, const char* name,
                       GstStructure* (*handler)(GstElement*, const char*)) {
  g_signal_new_class_handler(name, G_TYPE_FROM_CLASS(klass),
                             static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION),
                             G_CALLBACK(handler), nullptr, nullptr, nullptr, GST_TYPE_STRUCTURE, 1,
                             G_TYPE_STRING);
}

}  // namespace sfu::gst

#include "pipeline.h"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "log.h"

namespace room {

Pipeline::Element::Element(Pipeline* pipeline, GstPtr<GstElement> element)
    : pipeline_(pipeline), element_(std::move(element)) {}

Pipeline::Element::~Element() {
  pipeline_->listeners_.erase(GST_OBJECT(element_.get()));
  gst_bin_remove(GST_BIN(pipeline_->pipeline_.get()), element_.get());
  gst_element_set_state(element_.get(), GST_STATE_NULL);
}

Pipeline::Pipeline() : pipeline_(GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new("rooms")))) {
  const GstPtr<GstBus> bus(gst_element_get_bus(pipeline_.get()));
  watch_ = gst_bus_add_watch(
      bus.get(),
      [](GstBus*, GstMessage* message, gpointer self) -> gboolean {
        static_cast<Pipeline*>(self)->Hear(message);
        return G_SOURCE_CONTINUE;
      },
      this);
  gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
}

Pipeline::~Pipeline() {
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  g_source_remove(watch_);
}

void RequireElements(std::initializer_list<const char*> factories) {
  for (const char* name : factories) {
    const GstPtr<GstElementFactory> factory(gst_element_factory_find(name));
    if (factory != nullptr) continue;
    throw std::runtime_error(std::string("there is no ") + name + ": set GST_PLUGIN_PATH");
  }
}

std::unique_ptr<Pipeline::Element> Pipeline::Add(const char* factory,
                                                 const std::function<void(GstElement*)>& configure,
                                                 OnMessage on_message) {
  GstElement* made = gst_element_factory_make(factory, nullptr);
  if (made == nullptr) throw std::runtime_error(std::string("there is no ") + factory);
  GstPtr<GstElement> owned(GST_ELEMENT(gst_object_ref_sink(made)));
  configure(made);
  gst_bin_add(GST_BIN(pipeline_.get()), made);
  auto element = std::make_unique<Element>(this, std::move(owned));
  if (on_message) listeners_[GST_OBJECT(made)] = std::move(on_message);
  if (gst_element_sync_state_with_parent(made) == FALSE) {
    throw std::runtime_error(std::string(factory) + " does not start");
  }
  return element;
}

void Pipeline::Hear(GstMessage* message) {
  GError* error = nullptr;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error(message, &error, nullptr);
  } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING) {
    gst_message_parse_warning(message, &error, nullptr);
  } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ELEMENT) {
    const auto listener = listeners_.find(GST_MESSAGE_SRC(message));
    if (listener != listeners_.end()) listener->second(*gst_message_get_structure(message));
  }
  if (error == nullptr) return;
  Log("pipeline", {{"element", GST_MESSAGE_SRC_NAME(message)}, {"reason", error->message}});
  g_error_free(error);
}

}  // namespace room

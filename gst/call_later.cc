// GStreamer has a pool of threads for that.
#include "call_later.h"

#include <string>
#include <utility>
#include <vector>

namespace sfu::gst {
namespace {

// Holds the bins that an element is in. A message goes through the bus of the bin, which does not
// keep the bin: a thread that nobody waits for must, or it goes while the message is handled.
class BinsOf {
 public:
  explicit BinsOf(GstElement* element) {
    GstObject* inner = GST_OBJECT_CAST(element);
    while ((inner = gst_object_get_parent(inner)) != nullptr) bins_.push_back(inner);
  }
  BinsOf(const BinsOf&) = delete;
  BinsOf& operator=(const BinsOf&) = delete;
  ~BinsOf() {
    for (GstObject* bin : bins_) gst_object_unref(bin);
  }

 private:
  std::vector<GstObject*> bins_;
};

}  // namespace

void CallLater(GstElement* element, std::function<void()> call) {
  gst_element_call_async(
      element,
      [](GstElement* called, gpointer data) {
        const BinsOf held(called);
        (*static_cast<std::function<void()>*>(data))();
      },
      new std::function<void()>(std::move(call)),
      [](gpointer data) { delete static_cast<std::function<void()>*>(data); });
}

void PostLater(GstElement* element, GstMessage* message) {
  CallLater(element, [element, message] { gst_element_post_message(element, message); });
}

void WarnLater(GstElement* element, const char* pad, const Error& error) {
  const std::string text = (*pad == '\0' ? "" : std::string(pad) + ": ") + error.ToString();
  GError* gerror =
      g_error_new_literal(GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS, text.c_str());
  PostLater(element, gst_message_new_warning(GST_OBJECT_CAST(element), gerror, nullptr));
  g_error_free(gerror);
}

}  // namespace sfu::gst

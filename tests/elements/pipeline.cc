// Waiting on the bus has a limit, so that a hang is a failure.
#include "pipeline.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

namespace sfu::test {
namespace {
constexpr GstClockTime kPatience = 10 * GST_SECOND;

// Counts what NoteChange() was told, for those who wait.
class Changes {
 public:
  static Changes& Get() {
    static Changes changes;
    return changes;
  }
  void Note() {
    const std::lock_guard lock(mutex_);
    ++count_;
    more_.notify_all();
  }
  uint64_t count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  // False when none came after the first `seen` until `end`.
  bool WaitForMore(uint64_t seen, std::chrono::steady_clock::time_point end) {
    std::unique_lock lock(mutex_);
    return more_.wait_until(lock, end, [&] { return count_ != seen; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable more_;
  uint64_t count_ = 0;
};
}  // namespace

Pipeline::Pipeline(const std::string& description) {
  gst_init(nullptr, nullptr);
  GError* error = nullptr;
  pipeline_ = gst_parse_launch(description.c_str(), &error);
  EXPECT_EQ(error, nullptr) << error->message;
  g_clear_error(&error);
  if (GST_IS_PIPELINE(pipeline_)) return;
  // A description of one element gives that element.
  GstElement* only = pipeline_;
  pipeline_ = gst_pipeline_new(nullptr);
  gst_bin_add(GST_BIN(pipeline_), only);
}

Pipeline::~Pipeline() {
  if (pipeline_ == nullptr) return;
  gst_element_set_state(pipeline_, GST_STATE_NULL);
  gst_object_unref(pipeline_);
}

GstElement* Pipeline::Element(const char* name) const {
  GstElement* element = gst_bin_get_by_name(GST_BIN(pipeline_), name);
  EXPECT_NE(element, nullptr) << name;
  gst_object_unref(element);
  return element;
}

bool Pipeline::SetState(GstState state) {
  if (gst_element_set_state(pipeline_, state) == GST_STATE_CHANGE_FAILURE) return false;
  return gst_element_get_state(pipeline_, nullptr, nullptr, kPatience) != GST_STATE_CHANGE_FAILURE;
}

bool Pipeline::Wait(const std::function<bool(GstMessage*)>& wanted) {
  GstBus* bus = gst_element_get_bus(pipeline_);
  bool found = false;
  while (GstMessage* message = gst_bus_timed_pop(bus, kPatience)) {
    found = wanted(message);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
      GError* error = nullptr;
      gst_message_parse_error(message, &error, nullptr);
      error_ = error->message;
      g_error_free(error);
      EXPECT_TRUE(found) << error_;
      gst_message_unref(message);
      break;
    }
    gst_message_unref(message);
    if (found) break;
  }
  gst_object_unref(bus);
  return found;
}

bool Pipeline::WaitFor(GstMessageType type) {
  return Wait([type](GstMessage* message) { return GST_MESSAGE_TYPE(message) == type; });
}

bool Pipeline::WaitForElementMessage(const char* structure) {
  return Wait([structure](GstMessage* message) {
    return GST_MESSAGE_TYPE(message) == GST_MESSAGE_ELEMENT &&
           gst_message_has_name(message, structure);
  });
}

void OnBuffers(GstElement* element, const char* name, std::function<void(guint)> probe) {
  GstPad* pad = gst_element_get_static_pad(element, name);
  ASSERT_NE(pad, nullptr) << name;
  gst_pad_add_probe(
      pad, static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
      [](GstPad*, GstPadProbeInfo* info, gpointer data) {
        const guint count = (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) != 0
                                ? gst_buffer_list_length(GST_PAD_PROBE_INFO_BUFFER_LIST(info))
                                : 1;
        (*static_cast<std::function<void(guint)>*>(data))(count);
        NoteChange();
        return GST_PAD_PROBE_OK;
      },
      new std::function<void(guint)>(std::move(probe)),
      [](gpointer data) { delete static_cast<std::function<void(guint)>*>(data); });
  gst_object_unref(pad);
}

void NoteChange() { Changes::Get().Note(); }

bool WaitUntil(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(kPatience);
  while (true) {
    const uint64_t seen = Changes::Get().count();
    // Without a lock: it may wait for threads that are about to note a change.
    if (condition()) return true;
    if (!Changes::Get().WaitForMore(seen, end)) return condition();
  }
}

guint64 PadStat(GstElement* element, const char* name, const char* field) {
  GstPad* pad = gst_element_get_static_pad(element, name);
  EXPECT_NE(pad, nullptr) << name;
  GstStructure* stats = nullptr;
  g_object_get(pad, "stats", &stats, nullptr);
  guint64 value = 0;
  gst_structure_get_uint64(stats, field, &value);
  gst_structure_free(stats);
  gst_object_unref(pad);
  return value;
}

}  // namespace sfu::test

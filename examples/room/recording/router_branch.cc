#include "router_branch.h"

#include <stdexcept>
#include <utility>

namespace room {
namespace {

// What a disk or a processor that is busy may keep waiting.
constexpr uint64_t kMaxQueue = 5 * GST_SECOND;

}  // namespace

bool IsPicture(const StreamInfo& stream) {
  return stream.source == "cam" || stream.source == "screen";
}

GstPtr<GstElement> MakeBin(const std::string& line) {
  GError* error = nullptr;
  GstElement* bin = gst_parse_bin_from_description(line.c_str(), TRUE, &error);
  GstPtr<GstElement> owned(bin == nullptr ? nullptr : GST_ELEMENT(gst_object_ref_sink(bin)));
  if (error == nullptr) return owned;
  const std::string reason = error->message;
  g_error_free(error);
  throw std::runtime_error(reason);
}

uint64_t CountOf(GstPad* pad, const char* field) {
  GstStructure* stats = nullptr;
  g_object_get(pad, "stats", &stats, nullptr);
  guint64 count = 0;
  if (stats != nullptr) {
    gst_structure_get_uint64(stats, field, &count);
    gst_structure_free(stats);
  }
  return count;
}

RouterBranch::RouterBranch(GstElement* router, GstPtr<GstElement> bin, int latency)
    : router_(GST_ELEMENT(gst_object_ref(router))), bin_(std::move(bin)), latency_(latency) {
  const GstPtr<GstObject> pipeline(gst_object_get_parent(GST_OBJECT(router)));
  gst_bin_add(GST_BIN(pipeline.get()), bin_.get());
}

void RouterBranch::Link(const std::string& producer) {
  // It runs before it is linked, or its first packets, the key frame, are lost.
  gst_element_sync_state_with_parent(bin_.get());
  pad_.reset(gst_element_request_pad_simple(router_.get(), "src_%u"));
  g_object_set(pad_.get(), "producer", producer.c_str(), "latency", latency_, "max-queue-time",
               kMaxQueue, nullptr);
  const GstPtr<GstPad> input(gst_element_get_static_pad(bin_.get(), "sink"));
  gst_pad_link(pad_.get(), input.get());
}

RouterBranch::~RouterBranch() {
  if (pad_ != nullptr) gst_element_release_request_pad(router_.get(), pad_.get());
  const GstPtr<GstObject> pipeline(gst_object_get_parent(GST_OBJECT(bin_.get())));
  gst_element_set_state(bin_.get(), GST_STATE_NULL);
  gst_bin_remove(GST_BIN(pipeline.get()), bin_.get());
}

}  // namespace room

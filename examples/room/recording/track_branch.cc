#include "track_branch.h"

#include <utility>

#include "track_codec.h"

namespace room {
namespace {

constexpr char kSink[] = " ! appsink name=sink sync=false async=false enable-last-sample=false";

}  // namespace

TrackBranch::TrackBranch(GstElement* router, const StreamInfo& stream,
                         std::shared_ptr<MediaFile> file, int latency)
    : branch_(router, MakeBin(DepayloaderFor(stream.mime_type) + kSink), latency) {
  const GstPtr<GstElement> sink(gst_bin_get_by_name(GST_BIN(branch_.bin()), "sink"));
  sink_ = std::make_unique<FileSink>(sink.get(), stream.source, std::move(file));
  branch_.Link(stream.producer);
}

}  // namespace room

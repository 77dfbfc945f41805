#include "transcoder.h"

#include <algorithm>
#include <string_view>

#include "../recording/track_codec.h"

namespace room {
namespace {

constexpr int kLatency = 100;  // ms that repairs are waited for

struct Encoder {
  const char* mime_type;
  const char* line;
};

// In the order in which they are tried. Key frames where they are asked for.
constexpr Encoder kEncoders[] = {
    {"video/VP8",
     "vp8enc deadline=1 cpu-used=8 target-bitrate=1000000 keyframe-max-dist=3000"
     " ! rtpvp8pay mtu=1200 picture-id-mode=15-bit"},
    {"video/H264",
     "x264enc tune=zerolatency speed-preset=superfast bitrate=1000 key-int-max=3000"
     " ! video/x-h264,profile=constrained-baseline"
     " ! rtph264pay mtu=1200 config-interval=-1 aggregate-mode=zero-latency"},
};

bool IsSame(const std::string& a, const std::string& b) {
  return g_ascii_strcasecmp(a.c_str(), b.c_str()) == 0;
}

bool IsVideo(const std::string& mime_type) {
  constexpr std::string_view kVideo = "video/";
  return g_ascii_strncasecmp(mime_type.c_str(), kVideo.data(), kVideo.size()) == 0;
}

// What is too slow leaves out frames. `producer`: the id of the result.
std::string Line(GstElement* router, const std::string& worker, const std::string& mime_type,
                 const std::string& target, const std::string& producer) {
  const auto* encoder = std::ranges::find_if(
      kEncoders, [&](const Encoder& one) { return IsSame(one.mime_type, target); });
  return DecoderFor(mime_type) +
         " ! queue leaky=downstream max-size-buffers=3 max-size-bytes=0 max-size-time=0"
         " ! videoconvert ! " +
         encoder->line + " ! back.sink_0 sfurouter name=back router=" + GST_OBJECT_NAME(router) +
         " worker=" + worker + " sink_0::producer-id=" + producer + " sink_0::sync=false";
}

GstPtr<GstPad> ResultOf(GstElement* bin) {
  const GstPtr<GstElement> back(gst_bin_get_by_name(GST_BIN(bin), "back"));
  return GstPtr<GstPad>(gst_element_get_static_pad(back.get(), "sink_0"));
}

}  // namespace

std::string TranscodingTarget(const std::string& mime_type, const Json& rtp_capabilities) {
  const auto codecs = rtp_capabilities.find("codecs");
  if (codecs == rtp_capabilities.end() || !codecs->is_array() || !IsVideo(mime_type) ||
      DecoderFor(mime_type).empty()) {
    return {};
  }
  for (const Encoder& encoder : kEncoders) {
    if (IsSame(encoder.mime_type, mime_type)) continue;
    const bool has = std::ranges::any_of(*codecs, [&](const Json& codec) {
      const auto type = codec.is_object() ? codec.find("mimeType") : codec.end();
      return type != codec.end() && type->is_string() &&
             IsSame(type->get<std::string>(), encoder.mime_type);
    });
    if (has) return encoder.mime_type;
  }
  return {};
}

Transcoder::Transcoder(GstElement* router, const std::string& worker, const std::string& producer,
                       const std::string& mime_type, const std::string& target)
    : producer_(producer + "-" + target.substr(target.find('/') + 1)),
      branch_(router, MakeBin(Line(router, worker, mime_type, target, producer_)), kLatency),
      result_(ResultOf(branch_.bin())) {
  branch_.Link(producer);
}

uint64_t Transcoder::made() const { return CountOf(result_.get(), "packetsReceived"); }

bool Transcoder::IsInVain(bool paused) {
  const int64_t now = g_get_monotonic_time();
  const uint64_t taken = branch_.packets();
  const uint64_t made_now = made();
  if (paused || made_now != made_) {
    taken_ = taken;
    made_ = made_now;
  }
  if (taken == taken_) since_ = now;
  return taken - taken_ > kPatiencePackets && now - since_ > kPatience;
}

}  // namespace room

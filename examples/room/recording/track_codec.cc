#include "track_codec.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "router_branch.h"

namespace room {
namespace {

// Where a packet is lost for good, nothing is written until the next key frame, so that every
// frame in the file can be decoded.
constexpr char kAfterLoss[] = " request-keyframe=true wait-for-keyframe=true";

// OpusHead, RFC 7845, section 5.1: no pre-skip, for we begin in the middle of a stream.
ebml::Bytes OpusHead(int channels) {
  ebml::Bytes head = {'O', 'p', 'u', 's', 'H', 'e', 'a', 'd', 1};
  head.push_back(static_cast<uint8_t>(channels));
  constexpr std::array<uint8_t, 9> kRest = {0, 0, 0x80, 0xBB, 0, 0, 0, 0, 0};  // 48,000 Hz
  head.insert(head.end(), kRest.begin(), kRest.end());
  return head;
}

ebml::Bytes CodecData(const GstStructure* caps) {
  GstBuffer* buffer = nullptr;
  if (gst_structure_get(caps, "codec_data", GST_TYPE_BUFFER, &buffer, nullptr) == FALSE) return {};
  ebml::Bytes bytes(gst_buffer_get_size(buffer));
  gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
  gst_buffer_unref(buffer);
  return bytes;
}

int Int(const GstStructure* caps, const char* field, int otherwise) {
  int value = otherwise;
  gst_structure_get_int(caps, field, &value);
  return value;
}

MatroskaTrack Video(const GstStructure* caps, const char* codec) {
  MatroskaTrack track;
  track.codec = codec;
  // Players take the size from the stream, which may change it.
  track.width = std::max(Int(caps, "width", 640), 1);
  track.height = std::max(Int(caps, "height", 480), 1);
  return track;
}

MatroskaTrack Audio(const GstStructure* caps, const char* codec) {
  MatroskaTrack track;
  track.kind = MatroskaTrack::Kind::kAudio;
  track.codec = codec;
  track.sample_rate = Int(caps, "rate", 48'000);
  track.channels = Int(caps, "channels", 2);
  return track;
}

using LineMap = std::map<std::string, std::string, std::less<>>;

// By MIME type in small letters.
const LineMap& DepayloaderLines() {
  static const LineMap kLines = {
      {"audio/opus", "rtpopusdepay"},
      {"video/vp8", std::string("rtpvp8depay") + kAfterLoss},
      {"video/vp9",
       std::string("rtpvp9depay") + kAfterLoss + " ! vp9parse ! video/x-vp9,alignment=super-frame"},
      // avc3: a camera that is turned brings other parameters in mid-stream.
      {"video/h264", std::string("rtph264depay") + kAfterLoss +
                         " ! h264parse config-interval=-1"
                         " ! video/x-h264,stream-format=avc3,alignment=au"},
  };
  return kLines;
}

const LineMap& DecoderLines() {
  static const LineMap kLines = {
      {"audio/opus",
       "rtpopusdepay ! opusdec ! audioconvert ! audioresample"
       " ! capsfilter caps=audio/x-raw,rate=48000,channels=2"},
      {"video/vp8", std::string("rtpvp8depay") + kAfterLoss + " ! vp8dec"},
      {"video/vp9", std::string("rtpvp9depay") + kAfterLoss + " ! vp9dec"},
      {"video/h264", std::string("rtph264depay") + kAfterLoss + " ! avdec_h264"},
  };
  return kLines;
}

std::string Find(const LineMap& lines, const std::string& mime_type) {
  std::string small = mime_type;
  std::ranges::transform(small, small.begin(), g_ascii_tolower);
  const auto line = lines.find(small);
  return line == lines.end() ? std::string() : line->second;
}

}  // namespace

std::string DepayloaderFor(const std::string& mime_type) {
  return Find(DepayloaderLines(), mime_type);
}

std::string DecoderFor(const std::string& mime_type) { return Find(DecoderLines(), mime_type); }

void LoadDepayloaders() {
  for (const LineMap* lines : {&DepayloaderLines(), &DecoderLines()}) {
    for (const auto& [mime_type, line] : *lines) MakeBin(line + " ! fakesink");
  }
}

std::optional<MatroskaTrack> TrackFor(const GstCaps* caps, const std::string& name) {
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  const std::string_view type = gst_structure_get_name(structure);
  MatroskaTrack track;
  if (type == "video/x-vp8") {
    track = Video(structure, "V_VP8");
  } else if (type == "video/x-vp9") {
    track = Video(structure, "V_VP9");
  } else if (type == "video/x-h264") {
    track = Video(structure, "V_MPEG4/ISO/AVC");
    track.codec_private = CodecData(structure);
  } else if (type == "audio/x-opus") {
    track = Audio(structure, "A_OPUS");
    track.codec_private = OpusHead(track.channels);
  } else if (type == "audio/mpeg") {
    track = Audio(structure, "A_AAC");
    track.codec_private = CodecData(structure);
  } else {
    return std::nullopt;
  }
  track.name = name;
  return track;
}

}  // namespace room

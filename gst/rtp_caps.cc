// Caps spell encoding names in capitals; everything else follows GStreamer's rtp documentation.
#include "rtp_caps.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "rtp/extension_values.h"
#include "rtp_batch_memory.h"

namespace sfu::gst {
namespace {

struct StaticPayload {
  const char* name;
  int payload_type;
  uint32_t clock_rate;
  const char* media = "audio";
  const char* channels = nullptr;
};
// RFC 3551, tables 4 and 5: those that still occur.
constexpr StaticPayload kStaticPayloads[] = {
    {"PCMU", 0, 8000},
    {"GSM", 3, 8000},
    {"G723", 4, 8000},
    {"PCMA", 8, 8000},
    {"G722", 9, 8000},
    {"L16", 10, 44100, "audio", "2"},
    {"L16", 11, 44100},
    {"MPA", 14, 90000},
    {"G728", 15, 8000},
    {"G729", 18, 8000},
    {"JPEG", 26, 90000, "video"},
    {"H261", 31, 90000, "video"},
    {"MPV", 32, 90000, "video"},
    {"MP2T", 33, 90000, "video"},
    {"H263", 34, 90000, "video"},
};

bool SaysTrue(const GstStructure* s, const char* field) {
  gboolean value = FALSE;
  if (gst_structure_get_boolean(s, field, &value)) return value != FALSE;
  const char* text = gst_structure_get_string(s, field);
  return text != nullptr && (g_str_equal(text, "1") || g_ascii_strcasecmp(text, "true") == 0);
}

Result<MediaKind> ReadKind(const GstStructure* s) {
  const char* media = gst_structure_get_string(s, "media");
  if (media == nullptr) return Error{"media", "is missing: audio or video"};
  if (g_str_equal(media, "audio")) return MediaKind::kAudio;
  if (g_str_equal(media, "video")) return MediaKind::kVideo;
  return Error{"media", std::string("must be audio or video, not ") + media};
}

// Fills name and clock rate, which static payload types may leave out.
Status ReadEncoding(const GstStructure* s, RtpCodec* codec) {
  const char* name = gst_structure_get_string(s, "encoding-name");
  gint clock_rate = 0;
  const bool has_rate = gst_structure_get_int(s, "clock-rate", &clock_rate) != FALSE;
  if (has_rate && clock_rate <= 0) return Error{"clock-rate", "must be greater than 0"};
  const auto* known =
      std::find_if(std::begin(kStaticPayloads), std::end(kStaticPayloads),
                   [&](const StaticPayload& p) { return p.payload_type == codec->payload_type; });
  const bool is_static = known != std::end(kStaticPayloads);
  if (name == nullptr && !is_static) return Error{"encoding-name", "is missing"};
  if (!has_rate && !is_static) return Error{"clock-rate", "is missing"};
  codec->encoding_name = name != nullptr ? name : known->name;
  codec->clock_rate = has_rate ? static_cast<uint32_t>(clock_rate) : known->clock_rate;
  codec->id = CodecIdFromName(codec->encoding_name);
  return OkStatus();
}

uint8_t ReadChannels(const GstStructure* s) {
  gint channels = 0;
  if (gst_structure_get_int(s, "channels", &channels)) {
    return static_cast<uint8_t>(std::clamp(channels, 0, 255));
  }
  const char* params = gst_structure_get_string(s, "encoding-params");
  if (params == nullptr) return 0;
  return static_cast<uint8_t>(std::clamp<long>(std::strtol(params, nullptr, 10), 0, 255));
}

// extmap-N: the URI, or an array of direction, URI and attributes.
const char* ExtensionUri(const GValue* value) {
  if (G_VALUE_HOLDS_STRING(value)) return g_value_get_string(value);
  if (!GST_VALUE_HOLDS_ARRAY(value) || gst_value_array_get_size(value) < 2) return nullptr;
  const GValue* uri = gst_value_array_get_value(value, 1);
  return G_VALUE_HOLDS_STRING(uri) ? g_value_get_string(uri) : nullptr;
}

// Those that libsfu does not know are carried all the same.
gboolean ReadExtension(GQuark field, const GValue* value, gpointer data) {
  constexpr std::string_view kPrefix = "extmap-";
  const std::string_view name = g_quark_to_string(field);
  if (!name.starts_with(kPrefix)) return TRUE;
  const std::string_view digits = name.substr(kPrefix.size());
  uint8_t id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  const char* uri = ExtensionUri(value);
  if (error != std::errc() || end != digits.data() + digits.size() || uri == nullptr) return TRUE;
  if (const auto type = ExtensionTypeFromUri(uri)) {
    static_cast<RtpCodec*>(data)->extensions[static_cast<size_t>(*type)] = id;
  }
  return TRUE;
}

}  // namespace

Result<CapsInfo> ReadCaps(const GstCaps* caps) {
  if (caps == nullptr || gst_caps_is_any(caps) || gst_caps_is_empty(caps)) {
    return Error{"caps", "must describe one RTP stream"};
  }
  const GstStructure* s = gst_caps_get_structure(caps, 0);
  if (!gst_structure_has_name(s, "application/x-rtp")) {
    return Error{"caps",
                 std::string("must be application/x-rtp, not ") + gst_structure_get_name(s)};
  }
  CapsInfo info;
  auto kind = ReadKind(s);
  if (!kind) return kind.error();
  info.codec.kind = kind.value();
  gint payload = 0;
  if (!gst_structure_get_int(s, "payload", &payload)) return Error{"payload", "is missing"};
  if (payload < 0 || payload > 127) return Error{"payload", "must be 0 to 127"};
  info.codec.payload_type = static_cast<uint8_t>(payload);
  if (auto status = ReadEncoding(s, &info.codec); !status) return status.error();
  if (info.codec.kind == MediaKind::kAudio) info.codec.channels = ReadChannels(s);
  info.codec.feedback.nack = SaysTrue(s, "rtcp-fb-nack");
  info.codec.feedback.nack_pli = SaysTrue(s, "rtcp-fb-nack-pli");
  info.codec.feedback.ccm_fir = SaysTrue(s, "rtcp-fb-ccm-fir");
  info.codec.feedback.transport_cc = SaysTrue(s, "rtcp-fb-transport-cc");
  info.codec.feedback.goog_remb = SaysTrue(s, "rtcp-fb-goog-remb");
  gst_structure_foreach(s, ReadExtension, &info.codec);
  guint ssrc = 0;
  if (gst_structure_get_uint(s, "ssrc", &ssrc)) info.ssrc = ssrc;
  gint encodings = 1;
  if (gst_structure_get_int(s, kEncodingsField, &encodings)) info.encodings = encodings;
  return info;
}

CapsRef StaticCaps(uint8_t payload_type) {
  for (const StaticPayload& known : kStaticPayloads) {
    if (known.payload_type != payload_type) continue;
    GstCaps* caps = gst_caps_new_simple("application/x-rtp", "media", G_TYPE_STRING, known.media,
                                        "payload", G_TYPE_INT, known.payload_type, "clock-rate",
                                        G_TYPE_INT, static_cast<int>(known.clock_rate),
                                        "encoding-name", G_TYPE_STRING, known.name, nullptr);
    if (known.channels != nullptr) {
      gst_caps_set_simple(caps, "encoding-params", G_TYPE_STRING, known.channels, nullptr);
    }
    return CapsRef::Adopt(caps);
  }
  return CapsRef();
}

CapsRef OutputCaps(const GstCaps* described, const RtpCodec& codec, Ssrc ssrc) {
  GstStructure* s = gst_structure_copy(gst_caps_get_structure(described, 0));
  gst_structure_fixate(s);
  // These describe the incoming stream; ours has its own numbering. Its header extensions stay.
  gst_structure_remove_fields(s, "seqnum-base", "timestamp-offset", "seqnum-offset", "clock-base",
                              "ssrc", kEncodingsField, nullptr);
  gst_structure_set(s, "payload", G_TYPE_INT, codec.payload_type, "clock-rate", G_TYPE_INT,
                    static_cast<int>(codec.clock_rate), "encoding-name", G_TYPE_STRING,
                    codec.encoding_name.c_str(), nullptr);
  if (ssrc != 0) gst_structure_set(s, "ssrc", G_TYPE_UINT, ssrc, nullptr);
  if (codec.kind == MediaKind::kVideo) {
    gst_structure_set(s, "rtcp-fb-nack-pli", G_TYPE_BOOLEAN, TRUE, "rtcp-fb-ccm-fir",
                      G_TYPE_BOOLEAN, TRUE, nullptr);
  }
  GstCaps* caps = gst_caps_new_empty();
  gst_caps_append_structure(caps, s);
  return CapsRef::Adopt(caps);
}

CapsRef WithBatchFeature(const GstCaps* caps, bool batch) {
  GstCaps* copy = gst_caps_copy(caps);
  for (guint i = 0; i < gst_caps_get_size(copy); ++i) {
    gst_caps_set_features(copy, i,
                          batch ? gst_caps_features_new(kRtpBatchFeature, nullptr) : nullptr);
    if (!batch) gst_structure_remove_field(gst_caps_get_structure(copy, i), kEncodingsField);
  }
  return CapsRef::Adopt(copy);
}

bool HasBatchFeature(const GstCaps* caps) {
  if (caps == nullptr || gst_caps_is_any(caps) || gst_caps_is_empty(caps)) return false;
  return gst_caps_features_contains(gst_caps_get_features(caps, 0), kRtpBatchFeature) != FALSE;
}

void AnswerCapsQuery(GstQuery* query, CapsRef caps) {
  GstCaps* filter = nullptr;
  gst_query_parse_caps(query, &filter);
  if (filter != nullptr) {
    caps = CapsRef::Adopt(gst_caps_intersect_full(filter, caps.get(), GST_CAPS_INTERSECT_FIRST));
  }
  gst_query_set_caps_result(query, caps.get());
}

bool CapsMeet(const GstCaps* a, const GstCaps* b) {
  if (gst_caps_is_any(a) || gst_caps_is_any(b)) return true;
  const CapsRef plain_a = WithBatchFeature(a, false);
  const CapsRef plain_b = WithBatchFeature(b, false);
  return gst_caps_can_intersect(plain_a.get(), plain_b.get()) != FALSE;
}

}  // namespace sfu::gst

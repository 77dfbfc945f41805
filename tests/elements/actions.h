// The actions of our elements, as an application calls them: JSON in and out.
#pragma once

#include <gst/gst.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace sfu::test {

using Json = nlohmann::json;

// Either is empty.
struct Answer {
  std::string json;
  std::string error;  // "field: reason"

  bool ok() const { return error.empty(); }
  Json value() const { return Json::parse(json); }
};

inline Answer ReadAnswer(GstStructure* structure) {
  Answer answer;
  if (const char* text = gst_structure_get_string(structure, "json")) answer.json = text;
  GError* error = nullptr;
  if (gst_structure_get(structure, "error", G_TYPE_ERROR, &error, nullptr)) {
    answer.error = error->message;
    EXPECT_TRUE(g_error_matches(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS));
    const std::string field = gst_structure_get_string(structure, "field");
    const std::string reason = gst_structure_get_string(structure, "reason");
    EXPECT_EQ(field + ": " + reason, answer.error);
    g_error_free(error);
  }
  EXPECT_NE(answer.json.empty(), answer.error.empty());
  gst_structure_free(structure);
  return answer;
}

inline Answer CallText(GstElement* element, const char* action, const std::string& text) {
  GstStructure* answer = nullptr;
  g_signal_emit_by_name(element, action, text.c_str(), &answer);
  return ReadAnswer(answer);
}

inline Answer Call(GstElement* element, const char* action, const Json& json) {
  return CallText(element, action, json.dump());
}

// The actions of a router that are about a transport.
inline Answer Call(GstElement* router, const char* action, GstElement* transport,
                   const Json& json) {
  GstStructure* answer = nullptr;
  g_signal_emit_by_name(router, action, transport, json.dump().c_str(), &answer);
  return ReadAnswer(answer);
}

// What an endpoint sends whose numbers are not a router's.
inline Json Vp8Parameters(uint32_t ssrc = 0x11223344) {
  return {{"codecs",
           {{{"mimeType", "video/VP8"},
             {"payloadType", 120},
             {"clockRate", 90000},
             {"rtcpFeedback", {{{"type", "nack"}, {"parameter", "pli"}}}}}}},
          {"headerExtensions",
           {{{"uri", "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"}, {"id", 9}}}},
          {"encodings", {{{"ssrc", ssrc}}}},
          {"rtcp", {{"cname", "camera"}}}};
}

inline Json ProduceVp8(const std::string& id, uint32_t ssrc = 0x11223344) {
  return {{"id", id}, {"kind", "video"}, {"rtpParameters", Vp8Parameters(ssrc)}};
}

inline Json OpusParameters(uint32_t ssrc = 0x55667788) {
  return {{"codecs",
           {{{"mimeType", "audio/opus"},
             {"payloadType", 97},
             {"clockRate", 48000},
             {"channels", 2},
             {"parameters", {{"useinbandfec", 1}}}}}},
          {"encodings", {{{"ssrc", ssrc}}}}};
}

inline Json ProduceOpus(const std::string& id) {
  return {{"id", id}, {"kind", "audio"}, {"rtpParameters", OpusParameters()}};
}

inline Json Capabilities(GstElement* router) {
  gchar* text = nullptr;
  g_object_get(router, "rtp-capabilities", &text, nullptr);
  Json json = Json::parse(text);
  g_free(text);
  return json;
}

}  // namespace sfu::test

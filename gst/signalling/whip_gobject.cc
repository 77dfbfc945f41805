// sfuwhip as GStreamer sees it: type, properties, actions, signals.
#include <memory>
#include <string>
#include <utility>

#include "action_answer.h"
#include "property_specs.h"
#include "signalling/whip_element.h"

using sfu::Error;
using sfu::gst::WhipElement;
using sfu::signalling::HttpRequest;
using sfu::signalling::HttpResponse;
using sfu::signalling::SessionRole;

struct GstSfuWhip {
  GstElement parent;
  WhipElement* inside;
};
struct GstSfuWhipClass {
  GstElementClass parent_class;
};

enum { kPropMaxSessions = 1, kPropRtpCapabilities };
enum { kSignalOpen, kSignalRestart, kSignalClose, kSignals };

static guint signals[kSignals];

GST_DEBUG_CATEGORY_STATIC(whip_debug);
#define GST_CAT_DEFAULT whip_debug

G_DEFINE_TYPE_WITH_CODE(GstSfuWhip, gst_sfu_whip, GST_TYPE_ELEMENT,
                        GST_DEBUG_CATEGORY_INIT(whip_debug, "sfuwhip", 0, "WHIP and WHEP"))
GST_ELEMENT_REGISTER_DEFINE(sfuwhip, "sfuwhip", GST_RANK_NONE, gst_sfu_whip_get_type())

namespace {

WhipElement& InsideOf(gpointer object) { return *static_cast<GstSfuWhip*>(object)->inside; }

// What nobody answers is NULL, which is no JSON object: the session is refused.
std::string Taken(gchar* text) {
  std::string taken = text == nullptr ? "null" : text;
  g_free(text);
  return taken;
}

class Signals final : public WhipElement::Application {
 public:
  explicit Signals(GstSfuWhip* element) : element_(element) {}

  std::string Open(const std::string& id, SessionRole role, const std::string& offer) override {
    const char* word = role == SessionRole::kPublish ? "publish" : "watch";
    gchar* answer = nullptr;
    g_signal_emit(element_, signals[kSignalOpen], 0, id.c_str(), word, offer.c_str(), &answer);
    return Taken(answer);
  }
  std::string RestartIce(const std::string& id) override {
    gchar* answer = nullptr;
    g_signal_emit(element_, signals[kSignalRestart], 0, id.c_str(), &answer);
    return Taken(answer);
  }
  void Close(const std::string& id) override {
    g_signal_emit(element_, signals[kSignalClose], 0, id.c_str());
  }

 private:
  GstSfuWhip* const element_;  // has this
};

std::string TextIn(const GstStructure& structure, const char* field) {
  const char* text = gst_structure_get_string(&structure, field);
  return text == nullptr ? "" : text;
}

HttpRequest RequestOf(const GstStructure& structure) {
  HttpRequest request;
  request.client = TextIn(structure, "client");
  request.method = TextIn(structure, "method");
  request.path = TextIn(structure, "path");
  request.content_type = TextIn(structure, "content-type");
  request.accept = TextIn(structure, "accept");
  if (gst_structure_has_field(&structure, "if-match") != FALSE) {
    request.if_match = TextIn(structure, "if-match");
  }
  request.body = TextIn(structure, "body");
  return request;
}

GstStructure* StructureOf(const HttpResponse& response) {
  GstStructure* headers = gst_structure_new_empty("headers");
  for (const auto& [name, value] : response.headers) {
    gst_structure_set(headers, name.c_str(), G_TYPE_STRING, value.c_str(), nullptr);
  }
  GstStructure* structure =
      gst_structure_new("sfu-http-response", "status", G_TYPE_INT, response.status, "content-type",
                        G_TYPE_STRING, response.content_type.c_str(), "body", G_TYPE_STRING,
                        response.body.c_str(), "headers", GST_TYPE_STRUCTURE, headers, nullptr);
  gst_structure_free(headers);
  return structure;
}

GstStructure* OnRequest(GstElement* element, const GstStructure* request) {
  if (request == nullptr) return sfu::gst::NewErrorAnswer(Error{"request", "is missing"});
  const auto response = InsideOf(element).Handle(RequestOf(*request));
  return response ? StructureOf(response.value()) : sfu::gst::NewErrorAnswer(response.error());
}

void OnSetConnected(GstElement* element, const char* id) {
  InsideOf(element).SetConnected(id == nullptr ? "" : id);
}
void OnForget(GstElement* element, const char* id) {
  InsideOf(element).Forget(id == nullptr ? "" : id);
}
void OnExpire(GstElement* element) { InsideOf(element).HandleTimeout(); }

void SetProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  WhipElement& inside = InsideOf(object);
  if (id == kPropMaxSessions) {
    inside.max_sessions = g_value_get_uint(value);
  } else if (id == kPropRtpCapabilities) {
    const sfu::Status set = inside.SetRtpCapabilities(sfu::gst::TextOf(value));
    if (set) return;
    GST_ELEMENT_WARNING(object, RESOURCE, SETTINGS,
                        ("rtp-capabilities: %s", set.error().ToString().c_str()), (nullptr));
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

void GetProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  const WhipElement& inside = InsideOf(object);
  if (id == kPropMaxSessions) {
    g_value_set_uint(value, inside.max_sessions);
  } else if (id == kPropRtpCapabilities) {
    g_value_set_string(value, inside.rtp_capabilities().c_str());
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

void Finalize(GObject* object) {
  delete static_cast<GstSfuWhip*>(static_cast<gpointer>(object))->inside;
  G_OBJECT_CLASS(gst_sfu_whip_parent_class)->finalize(object);
}

void InstallActions(GObjectClass* klass) {
  const GType type = G_TYPE_FROM_CLASS(klass);
  const auto flags = static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION);
  g_signal_new_class_handler("request", type, flags, G_CALLBACK(OnRequest), nullptr, nullptr,
                             nullptr, GST_TYPE_STRUCTURE, 1, GST_TYPE_STRUCTURE);
  g_signal_new_class_handler("set-connected", type, flags, G_CALLBACK(OnSetConnected), nullptr,
                             nullptr, nullptr, G_TYPE_NONE, 1, G_TYPE_STRING);
  g_signal_new_class_handler("forget", type, flags, G_CALLBACK(OnForget), nullptr, nullptr, nullptr,
                             G_TYPE_NONE, 1, G_TYPE_STRING);
  g_signal_new_class_handler("expire", type, flags, G_CALLBACK(OnExpire), nullptr, nullptr, nullptr,
                             G_TYPE_NONE, 0);
}

void InstallSignals(GObjectClass* klass) {
  const GType type = G_TYPE_FROM_CLASS(klass);
  signals[kSignalOpen] =
      g_signal_new("open", type, G_SIGNAL_RUN_LAST, 0, nullptr, nullptr, nullptr, G_TYPE_STRING, 3,
                   G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  signals[kSignalRestart] = g_signal_new("restart", type, G_SIGNAL_RUN_LAST, 0, nullptr, nullptr,
                                         nullptr, G_TYPE_STRING, 1, G_TYPE_STRING);
  signals[kSignalClose] = g_signal_new("close", type, G_SIGNAL_RUN_LAST, 0, nullptr, nullptr,
                                       nullptr, G_TYPE_NONE, 1, G_TYPE_STRING);
}

}  // namespace

static void gst_sfu_whip_class_init(GstSfuWhipClass* klass) {
  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  object_class->set_property = SetProperty;
  object_class->get_property = GetProperty;
  object_class->finalize = Finalize;
  g_object_class_install_property(
      object_class, kPropMaxSessions,
      g_param_spec_uint("max-sessions", "Most sessions",
                        "How many may publish and watch at a time. Counts from the first request",
                        1, 10'000, 100, sfu::gst::kSettable));
  sfu::gst::InstallText(object_class, kPropRtpCapabilities, "rtp-capabilities", "RTP capabilities",
                        "What may be published: the rtp-capabilities of an sfurouter", "",
                        sfu::gst::kSettableAtAnyTime);
  InstallActions(object_class);
  InstallSignals(object_class);
  gst_element_class_set_static_metadata(
      GST_ELEMENT_CLASS(klass), "SFU WHIP endpoint", "Network/WebRTC",
      "WHIP and WHEP for an application with an HTTP server of its own", "gst-sfu");
}

static void gst_sfu_whip_init(GstSfuWhip* self) {
  self->inside = new WhipElement(std::make_unique<Signals>(self));
}

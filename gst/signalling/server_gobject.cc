// sfuserver as GStreamer sees it: type, properties, pads, states.
//
// ## Example launch lines
//   gst-launch-1.0 videotestsrc is-live=true ! vp8enc deadline=1 ! rtpvp8pay ! s.sink_0
//     sfuserver name=s address=127.0.0.1 port=8080
//   gst-launch-1.0 -e sfuserver name=s address=127.0.0.1 port=8080
//     s.src_0 ! rtpvp8depay ! matroskamux ! filesink location=cam.mkv
#include <string>

#include "property_specs.h"
#include "rtp_caps.h"
#include "shared_worker.h"
#include "signalling/server_element.h"

using sfu::gst::ServerElement;
using sfu::gst::ServerSettings;
using sfu::gst::TextOf;

struct GstSfuServer {
  GstBin parent;
  ServerElement* inside;
};
struct GstSfuServerClass {
  GstBinClass parent_class;
};

enum {
  kPropAddress = 1,
  kPropPort,
  kPropIceAddress,
  kPropIcePort,
  kPropAnnouncedAddress,
  kPropToken,
  kPropMaxSessions,
  kPropWorker,
  kPropMediaCodecs,
  kPropStats,
};

GST_DEBUG_CATEGORY_STATIC(server_debug);
#define GST_CAT_DEFAULT server_debug

G_DEFINE_TYPE_WITH_CODE(GstSfuServer, gst_sfu_server, GST_TYPE_BIN,
                        GST_DEBUG_CATEGORY_INIT(server_debug, "sfuserver", 0, "SFU server"))
GST_ELEMENT_REGISTER_DEFINE(sfuserver, "sfuserver", GST_RANK_NONE, gst_sfu_server_get_type())

namespace {

ServerElement& InsideOf(gpointer object) { return *static_cast<GstSfuServer*>(object)->inside; }

bool SetSetting(ServerSettings* settings, guint id, const GValue* value) {
  switch (id) {
    case kPropAddress:
      settings->address = TextOf(value);
      return true;
    case kPropPort:
      settings->port = g_value_get_uint(value);
      return true;
    case kPropIceAddress:
      settings->ice_address = TextOf(value);
      return true;
    case kPropIcePort:
      settings->ice_port = g_value_get_uint(value);
      return true;
    case kPropAnnouncedAddress:
      settings->announced_address = TextOf(value);
      return true;
    case kPropToken:
      settings->token = TextOf(value);
      return true;
    case kPropMaxSessions:
      settings->max_sessions = g_value_get_uint(value);
      return true;
    default:
      return false;
  }
}

void SetProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  ServerElement& inside = InsideOf(object);
  if (id == kPropWorker || id == kPropMediaCodecs) {
    g_object_set_property(G_OBJECT(inside.router()), spec->name, value);
    return;
  }
  bool known = false;
  inside.Change([&](ServerSettings* settings) { known = SetSetting(settings, id, value); });
  if (!known) G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

void GetProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  ServerElement& inside = InsideOf(object);
  const ServerSettings settings = inside.settings();
  switch (id) {
    case kPropAddress:
      g_value_set_string(value, settings.address.c_str());
      return;
    case kPropPort:
      g_value_set_uint(value, inside.port());
      return;
    case kPropIceAddress:
      g_value_set_string(value, settings.ice_address.c_str());
      return;
    case kPropIcePort:
      g_value_set_uint(value, settings.ice_port);
      return;
    case kPropAnnouncedAddress:
      g_value_set_string(value, settings.announced_address.c_str());
      return;
    case kPropToken:
      g_value_set_string(value, settings.token.c_str());
      return;
    case kPropMaxSessions:
      g_value_set_uint(value, settings.max_sessions);
      return;
    case kPropWorker:
    case kPropMediaCodecs:
      g_object_get_property(G_OBJECT(inside.router()), spec->name, value);
      return;
    case kPropStats:
      g_value_take_boxed(value, inside.Stats());
      return;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

GstPad* RequestNewPad(GstElement* element, GstPadTemplate* templ, const gchar* name,
                      const GstCaps*) {
  ServerElement& inside = InsideOf(element);
  return GST_PAD_TEMPLATE_DIRECTION(templ) == GST_PAD_SINK
             ? inside.fed_pads().Request(templ, name)
             : inside.published_pads().Request(templ, name);
}

void ReleasePad(GstElement* element, GstPad* pad) {
  ServerElement& inside = InsideOf(element);
  if (GST_PAD_IS_SINK(pad)) {
    inside.fed_pads().Release(pad);
  } else {
    inside.published_pads().Release(pad);
  }
}

GstStateChangeReturn ChangeState(GstElement* element, GstStateChange transition) {
  ServerElement& inside = InsideOf(element);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) inside.Stop();
  const GstStateChangeReturn result =
      GST_ELEMENT_CLASS(gst_sfu_server_parent_class)->change_state(element, transition);
  if (result == GST_STATE_CHANGE_FAILURE) return result;
  switch (transition) {
    case GST_STATE_CHANGE_READY_TO_PAUSED: {
      const sfu::Status started = inside.Start();
      if (!started) {
        GST_ELEMENT_ERROR(element, RESOURCE, OPEN_READ_WRITE,
                          ("%s", started.error().ToString().c_str()), (nullptr));
        return GST_STATE_CHANGE_FAILURE;
      }
      return GST_STATE_CHANGE_NO_PREROLL;
    }
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
      return GST_STATE_CHANGE_NO_PREROLL;
    default:
      return result;
  }
}

gboolean SendEvent(GstElement* element, GstEvent* event) {
  const bool ends = GST_EVENT_TYPE(event) == GST_EVENT_EOS;
  const gboolean sent = GST_ELEMENT_CLASS(gst_sfu_server_parent_class)->send_event(element, event);
  if (!ends) return sent;
  ServerElement& inside = InsideOf(element);
  inside.published_pads().EndWaiting();
  inside.fed_pads().EndUnlinked();
  return TRUE;
}

// The end of what one viewer gets is not that of the pipeline: FedPads tells that.
void HandleMessage(GstBin* bin, GstMessage* message) {
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) {
    gst_message_unref(message);
    return;
  }
  GST_BIN_CLASS(gst_sfu_server_parent_class)->handle_message(bin, message);
}

void Finalize(GObject* object) {
  delete static_cast<GstSfuServer*>(static_cast<gpointer>(object))->inside;
  G_OBJECT_CLASS(gst_sfu_server_parent_class)->finalize(object);
}

void InstallProperties(GObjectClass* klass) {
  const auto text = [&](guint id, const char* name, const char* nick, const char* blurb,
                        const char* value) {
    sfu::gst::InstallText(klass, id, name, nick, blurb, value);
  };
  const auto number = [&](guint id, const char* name, const char* nick, const char* blurb,
                          guint least, guint most, guint value) {
    g_object_class_install_property(
        klass, id, g_param_spec_uint(name, nick, blurb, least, most, value, sfu::gst::kSettable));
  };
  const ServerSettings defaults;
  text(kPropAddress, "address", "Address",
       "The IP address to listen on for HTTP. 0.0.0.0 or ::: all", defaults.address.c_str());
  number(kPropPort, "port", "Port", "The TCP port of HTTP. 0: any; then it tells which", 0, 65535,
         defaults.port);
  text(kPropIceAddress, "ice-address", "ICE address",
       "The IP address of media. Empty: `address`; but if that is a loopback address, all of the "
       "machine, for Firefox sends no media to loopback",
       "");
  number(kPropIcePort, "ice-port", "ICE port",
         "The UDP and TCP port of media, which all browsers share. 0: any", 0, 65535, 0);
  text(kPropAnnouncedAddress, "announced-address", "Announced address",
       "Where browsers find the media port, if not at those addresses: addresses or host names, "
       "joined "
       "by commas",
       "");
  text(kPropToken, "token", "Token",
       "The bearer token that publishing and watching need. Empty: nobody needs one", "");
  number(kPropMaxSessions, "max-sessions", "Most sessions",
         "How many browsers may publish and watch at a time", 1, 10000, defaults.max_sessions);
  text(kPropWorker, "worker", "Worker",
       "The thread that router and transports live on. Set it before pads are requested",
       sfu::gst::kDefaultWorker);
  text(kPropMediaCodecs, "media-codecs", "Media codecs",
       "What may be published: an array of RtpCodecCapability, as JSON, as of sfurouter", "");
  sfu::gst::InstallStats(klass, kPropStats,
                         "How many publish and watch, and the statistics of their transports and "
                         "of the router");
}

void AddTemplate(GstElementClass* klass, const char* name, GstPadDirection direction) {
  const auto caps = sfu::gst::CapsRef::Adopt(gst_caps_from_string(sfu::gst::kPadCaps));
  gst_element_class_add_pad_template(
      klass, gst_pad_template_new(name, direction, GST_PAD_REQUEST, caps.get()));
}

}  // namespace

static void gst_sfu_server_class_init(GstSfuServerClass* klass) {
  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  object_class->set_property = SetProperty;
  object_class->get_property = GetProperty;
  object_class->finalize = Finalize;
  InstallProperties(object_class);
  GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
  element_class->request_new_pad = RequestNewPad;
  element_class->release_pad = ReleasePad;
  element_class->change_state = ChangeState;
  element_class->send_event = SendEvent;
  GST_BIN_CLASS(klass)->handle_message = HandleMessage;
  gst_element_class_set_static_metadata(
      element_class, "SFU server", "Source/Sink/Network/WebRTC",
      "Browsers publish by WHIP and watch by WHEP, on one HTTP port", "gst-sfu");
  AddTemplate(element_class, "sink_%u", GST_PAD_SINK);
  AddTemplate(element_class, "src_%u", GST_PAD_SRC);
}

static void gst_sfu_server_init(GstSfuServer* self) {
  // What its children are does not make the bin a source or a sink.
  gst_bin_set_suppressed_flags(
      GST_BIN(self), static_cast<GstElementFlags>(GST_ELEMENT_FLAG_SOURCE | GST_ELEMENT_FLAG_SINK));
  GST_OBJECT_FLAG_SET(self, GST_ELEMENT_FLAG_SOURCE);
  self->inside = new ServerElement(GST_BIN(self));
}

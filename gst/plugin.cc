// The plugin: libgstsfu.so.
#include <gst/gst.h>

#include "log_bridge.h"
#include "plain_transport_element.h"
#include "router_element.h"
#include "webrtc_transport_element.h"
#ifdef GST_SFU_SERVER
#include "signalling/server_element.h"
#include "signalling/whip_element.h"
#endif

static gboolean PluginInit(GstPlugin* plugin) {
  sfu::gst::InstallLogBridge();
  bool registered = GST_ELEMENT_REGISTER(sfurouter, plugin) &&
                    GST_ELEMENT_REGISTER(plaintransport, plugin) &&
                    GST_ELEMENT_REGISTER(webrtctransport, plugin);
#ifdef GST_SFU_SERVER
  registered = registered && GST_ELEMENT_REGISTER(sfuserver, plugin) &&
               GST_ELEMENT_REGISTER(sfuwhip, plugin);
#endif
  return registered;
}

#define PACKAGE "gst-sfu"
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, sfu,
                  "A selective forwarding unit (SFU) made of elements", PluginInit, GST_SFU_VERSION,
                  "MIT/X11", "gst-sfu", "gst-sfu")

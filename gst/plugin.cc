// The plugin: libgstsfu.so.
#include <gst/gst.h>

#include "log_bridge.h"
#include "plain_transport_element.h"
#include "router_element.h"
#include "webrtc_transport_element.h"

static gboolean PluginInit(GstPlugin* plugin) {
  sfu::gst::InstallLogBridge();
  return GST_ELEMENT_REGISTER(sfurouter, plugin) && GST_ELEMENT_REGISTER(plaintransport, plugin) &&
         GST_ELEMENT_REGISTER(webrtctransport, plugin);
}

#define PACKAGE "gst-sfu"
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, sfu,
                  "A selective forwarding unit (SFU) made of elements", PluginInit, GST_SFU_VERSION,
                  "MIT/X11", "gst-sfu", "gst-sfu")

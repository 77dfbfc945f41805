// What our elements share as far as their pads are concerned: GstChildProxy over the pads, so that
// gst-launch-1.0 can set their properties (src_0::latency=500), and the numbers of templates.
#pragma once

#include <gst/gst.h>

#include "rtp_caps.h"

namespace sfu::gst {

// Fills a GstChildProxyInterface whose children are the element's pads. A GInterfaceInitFunc.
void PadChildProxyInit(gpointer iface, gpointer data);

// Adds a template of pads of that type, and makes the type part of the plugin's documented API.
void AddPadTemplate(GstElementClass* klass, const char* name, GstPadDirection direction, GType type,
                    const char* caps = kPadCaps, GstPadPresence presence = GST_PAD_REQUEST);

// Adds the pad and tells GstChildProxy; activates it first if the element runs.
void AddElementPad(GstElement* element, GstPad* pad);
// The reverse; the pad is inactive already.
void RemoveElementPad(GstElement* element, GstPad* pad);

// Has the application hear that the pad's property has changed, on a thread that may wait.
void NotifyLater(GstPad* pad, const char* property);

// True for the top of both elements' hierarchies being one pipeline.
bool SamePipeline(GstElement* a, GstElement* b);

}  // namespace sfu::gst

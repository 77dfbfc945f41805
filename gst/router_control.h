// sfurouter's control by JSON: the actions that negotiate, make and link pads.
#pragma once

#include <gst/gst.h>

namespace sfu::gst {

class RouterElement;

// The numbers of its properties.
enum RouterControlProperty : guint {
  kRouterMediaCodecs = 1,
  kRouterRtpCapabilities,
  kRouterFirstOther,  // free for others
};

// Adds those properties, and the actions can-consume, update-media-codecs, produce, consume,
// close-producer and close-consumer.
void InstallRouterControl(GObjectClass* klass);

// For the properties of InstallRouterControl(); false if `id` is none of them.
bool SetRouterControl(RouterElement& router, GstElement* element, guint id, const GValue* value);
bool GetRouterControl(const RouterElement& router, guint id, GValue* value);

}  // namespace sfu::gst

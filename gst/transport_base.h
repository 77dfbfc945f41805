// GstSfuTransportBase: the abstract type of all transport elements, as GStreamer sees them. Their
// inside is a TransportElement.
#pragma once

#include <gst/gst.h>

#include "transport_element.h"

G_BEGIN_DECLS

struct GstSfuTransportBase {
  GstElement parent;
  sfu::gst::TransportElement* inside;  // made by the subclass's init, freed here
};

struct GstSfuTransportBaseClass {
  GstElementClass parent_class;
};

GType gst_sfu_transport_base_get_type();

G_END_DECLS

#define GST_TYPE_SFU_TRANSPORT_BASE (gst_sfu_transport_base_get_type())
#define GST_SFU_TRANSPORT_BASE(obj) (reinterpret_cast<GstSfuTransportBase*>(obj))

// GstSfuSinkPad: the sink pad of all our elements.
#pragma once

#include <gst/gst.h>

#include "sink_port.h"

G_BEGIN_DECLS

struct GstSfuSinkPad {
  GstPad parent;
  sfu::gst::SinkPort* port;
};

struct GstSfuSinkPadClass {
  GstPadClass parent_class;
  // Adds to the `stats` structure.
  void (*add_stats)(GstSfuSinkPad* pad, GstStructure* stats);
};

GType gst_sfu_sink_pad_get_type();

G_END_DECLS

#define GST_TYPE_SFU_SINK_PAD (gst_sfu_sink_pad_get_type())
#define GST_SFU_SINK_PAD(obj) (reinterpret_cast<GstSfuSinkPad*>(obj))

namespace sfu::gst {

// True for sink pads of any of our elements.
bool IsSinkPad(GstPad* pad);

inline SinkPort& PortOf(GstSfuSinkPad* pad) { return *pad->port; }

}  // namespace sfu::gst

// GstSfuSrcPad: the source pad of all our elements. Properties for the branch behind it; subclasses
// add what the element needs.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>

#include "src_port.h"

G_BEGIN_DECLS

struct GstSfuSrcPad {
  GstPad parent;
  sfu::gst::SrcPort* port;
};

struct GstSfuSrcPadClass {
  GstPadClass parent_class;
  // Upstream's part of a latency query; NULL: a live source without latency of its own. May be
  // called on any thread.
  gboolean (*query_upstream_latency)(GstSfuSrcPad* pad, GstQuery* query);
  // Caps when none are set yet, to be freed by the caller; NULL: the template's.
  GstCaps* (*possible_caps)(GstSfuSrcPad* pad);
  // Adds to the `stats` structure.
  void (*add_stats)(GstSfuSrcPad* pad, GstStructure* stats);
  // The receiver tells something by an upstream event (pad_events.h). Any thread; must not wait.
  void (*told)(GstSfuSrcPad* pad, const GstStructure* what);
  // The pad got a peer, or lost it.
  void (*peer_changed)(GstSfuSrcPad* pad);
};

GType gst_sfu_src_pad_get_type();

G_END_DECLS

#define GST_TYPE_SFU_SRC_PAD (gst_sfu_src_pad_get_type())
#define GST_SFU_SRC_PAD(obj) (reinterpret_cast<GstSfuSrcPad*>(obj))

namespace sfu::gst {

// True for source pads of any of our elements.
bool IsSrcPad(GstPad* pad);

inline SrcPort& PortOf(GstSfuSrcPad* pad) { return *pad->port; }

}  // namespace sfu::gst

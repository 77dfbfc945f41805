// The sink pads of an sfuserver: what the pipeline feeds to those who watch.
#pragma once

#include <gst/gst.h>

#include <map>
#include <mutex>

#include "gst_ref.h"
#include "request_pads.h"

namespace sfu::gst {

class FedPads {
 public:
  FedPads(GstElement* server, GstElement* router) : server_(server), router_(router) {}
  FedPads(const FedPads&) = delete;
  FedPads& operator=(const FedPads&) = delete;

  // Any thread. Null when the name does not fit, or the router gives no pad.
  GstPad* Request(GstPadTemplate* templ, const char* name);
  void Release(GstPad* pad);
  // The end of the pipeline's stream: a server that nothing is linked to is all that there is, and
  // ends by itself.
  void EndUnlinked();
  // The server stops.
  void Reset();

 private:
  struct Entry {
    unsigned number = 0;
    PadRef router_pad;
    bool ended = false;
  };

  static GstPadProbeReturn OnEvent(GstPad* pad, GstPadProbeInfo* info, gpointer self);
  void SetEnded(GstPad* pad, bool ended);
  void PostEnd();

  GstElement* const server_;
  GstElement* const router_;
  std::mutex mutex_;  // guards what follows; never held while calling out
  PadNumbers numbers_{"sink_"};
  std::map<GstPad*, Entry> entries_;
};

}  // namespace sfu::gst

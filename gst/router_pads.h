// The pads of sfurouter: GstSfuProducerPad (sink_%u) and GstSfuConsumerPad (src_%u).
#pragma once

#include <gst/gst.h>

#include <mutex>
#include <string>

#include "router_hub.h"
#include "sink_pad.h"
#include "src_pad.h"

namespace sfu::gst {

class RouterElement;

// What a producer pad is set to, and what it is.
struct ProducerPadState {
  std::mutex mutex;  // guards all of it
  bool paused = false;
  bool observed = true;
  guint score = 10;  // until a transport tells: what comes from this process is complete
  RouterHubRef hub;
  ProducerSlotRef slot;
};

// What a consumer pad is set to, and what it is bound to.
struct ConsumerPadState {
  RouterElement* owner = nullptr;  // constant
  std::mutex mutex;                // guards what follows
  std::string producer;            // the property; empty: unset
  bool paused = false;
  guint priority = 1;
  guint score = 10;  // until a transport tells
  unsigned number = 0;
  bool released = false;  // it is bound no more
  bool told = false;      // that the named Producer is not there
  RouterHubRef hub;
  ConsumerSlotRef slot;   // while bound
  ProducerSlotRef bound;  // likewise
};

// Where a pad stands in its Router; a null slot while it is not bound.
template <typename Slot>
struct InHub {
  RouterHubRef hub;
  Slot slot;
};

template <typename State>
auto FindInHub(State& state) {
  const std::lock_guard lock(state.mutex);
  return InHub<decltype(state.slot)>{state.hub, state.slot};
}

}  // namespace sfu::gst

G_BEGIN_DECLS

struct GstSfuProducerPad {
  GstSfuSinkPad parent;
  sfu::gst::ProducerPadState* state;
};
struct GstSfuProducerPadClass {
  GstSfuSinkPadClass parent_class;
};

struct GstSfuConsumerPad {
  GstSfuSrcPad parent;
  sfu::gst::ConsumerPadState* state;
};
struct GstSfuConsumerPadClass {
  GstSfuSrcPadClass parent_class;
};

GType gst_sfu_producer_pad_get_type();
GType gst_sfu_consumer_pad_get_type();

G_END_DECLS

#define GST_TYPE_SFU_PRODUCER_PAD (gst_sfu_producer_pad_get_type())
#define GST_SFU_PRODUCER_PAD(obj) (reinterpret_cast<GstSfuProducerPad*>(obj))
#define GST_TYPE_SFU_CONSUMER_PAD (gst_sfu_consumer_pad_get_type())
#define GST_SFU_CONSUMER_PAD(obj) (reinterpret_cast<GstSfuConsumerPad*>(obj))

// sfurouter's control by JSON: the actions that negotiate, make and link pads.
#pragma once

#include <gst/gst.h>

#include <functional>

#include "base/result.h"
#include "gst_ref.h"
#include "negotiated_stream.h"
#include "ortc/consumer_parameters.h"
#include "ortc/requests.h"
#include "sfu_transport.h"

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

// What the actions `produce` and `consume` make: a pad of the transport, and one of the router that
// is linked to it. On application threads. Errors name the field; nothing has changed then.
struct ProducerLink {
  TransportControl::Produced produced;
  PadRef router_pad;
};
// `kept`: gives a pad of the router that another sender of such a stream has left, with its
// Producer and Consumers; null: none.
using KeptPad = std::function<PadRef(const ProducedStream&)>;
Result<ProducerLink> LinkProducer(GstElement* router, GstElement* transport,
                                  const ortc::ProduceRequest& request,
                                  const KeptPad& kept = nullptr);
struct ConsumerLink {
  TransportControl::Consumed consumed;
  PadRef router_pad;
};
Result<ConsumerLink> LinkConsumer(GstElement* router, GstElement* transport,
                                  const ortc::ConsumeRequest& request);

// For the properties of InstallRouterControl(); false if `id` is none of them.
bool SetRouterControl(RouterElement& router, GstElement* element, guint id, const GValue* value);
bool GetRouterControl(const RouterElement& router, guint id, GValue* value);

}  // namespace sfu::gst

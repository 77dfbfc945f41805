// GstSfuTransport: the interface of transport elements whose streams are negotiated by ORTC, and
// what all of them share of it.
//
// To implement it, an element
//  1. has a TransportControl (below) in its inside, made with a TransportPads that makes the pads
//  of
//     negotiated streams, and gives it out by the interface's `control`;
//  2. calls InstallTransportActions() in its class_init, which adds the property `router` and the
//     actions produce, consume, close-producer and close-consumer;
//  3. calls TransportControl::Forget() for every pad that is released.
// sfurouter's own actions `produce` and `consume` then work with it.
#pragma once

#include <gst/gst.h>

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "gst_ref.h"
#include "negotiated_stream.h"
#include "ortc/consumer_parameters.h"
#include "ortc/requests.h"
#include "ortc/rtp_capabilities.h"

namespace sfu::gst {

// The pads of an element that has a TransportControl. All calls come on application threads, with
// no lock held. After an error nothing has changed.
class TransportPads {
 public:
  virtual ~TransportPads() = default;
  // A source pad (src_%u) for that stream, with its caps. It is not the element's yet: the control
  // adds it, once it knows it. Errors: what the transport says of the stream (an SSRC in use …).
  virtual Result<PadRef> MakeProducerPad(const ProducedStreamRef& stream) = 0;
  // A sink pad (sink_%u) for that stream: what is fed to it goes out under the payload types, SSRCs
  // and extension ids of stream->parameters. As above.
  virtual Result<PadRef> MakeConsumerPad(const ConsumedStreamRef& stream) = 0;
};

// The Producers and Consumers of one transport. Any thread.
class TransportControl {
 public:
  struct Options {
    // Whether a stream may be known by its payload type only, see ortc::ProducerOptions.
    bool allow_unknown_source = false;
  };

  // `element` owns this; so it does `pads`.
  TransportControl(GstElement* element, TransportPads* pads, const Options& options);
  TransportControl(const TransportControl&) = delete;
  TransportControl& operator=(const TransportControl&) = delete;

  struct Produced {
    ProducedStreamRef stream;
    PadRef pad;
  };
  struct Consumed {
    ConsumedStreamRef stream;
    PadRef pad;
  };
  // mediasoup's produce(): checks the request against the capabilities of the router that the
  // stream is for, and adds the pad. The error names the field.
  Result<Produced> Produce(const ortc::ProduceRequest& request,
                           const ortc::RtpCapabilities& router);
  // mediasoup's consume(). `producer`: the description of request.producer_id. For a receiver that
  // made an offer of its own (WHEP), request.numbers is ConsumerNumbers::kReceiver.
  Result<Consumed> Consume(const ortc::ConsumeRequest& request,
                           const ortc::ProducerDescription& producer);
  // Releases the pad. The error says that there is none of that id.
  Status CloseProducer(const std::string& id);
  Status CloseConsumer(const std::string& id);

  // What was negotiated for a pad; null if nothing was.
  ProducedStreamRef ProducedOf(const GstPad* pad) const;
  ConsumedStreamRef ConsumedOf(const GstPad* pad) const;
  // Empty if there is none of that id.
  PadRef PadOfProducer(const std::string& id) const;
  PadRef PadOfConsumer(const std::string& id) const;
  std::vector<ProducedStreamRef> producers() const;
  std::vector<ConsumedStreamRef> consumers() const;
  // The pad is being released.
  void Forget(const GstPad* pad);

  // The property `router`: whose codecs `produce` checks and whose Producers `consume` finds.
  void SetRouterName(const std::string& name);
  std::string router_name() const;

  // The actions: JSON in and out.
  Result<std::string> ProduceJson(const char* json);
  Result<std::string> ConsumeJson(const char* json);

 private:
  template <typename Stream>
  struct Entry {
    std::shared_ptr<const Stream> stream;  // null while the pad is being made
    PadRef pad;
  };
  template <typename Stream>
  using Table = std::map<std::string, Entry<Stream>>;

  template <typename Stream>
  Result<PadRef> Show(Table<Stream>* table, const std::string& id, Result<PadRef> pad);
  template <typename Stream>
  Status Close(const Table<Stream>& table, const std::string& id);
  Result<ortc::ProducerDescription> Describe(const ortc::ProduceRequest& request,
                                             const ortc::RtpCapabilities& router);
  std::string CnameOf(const ortc::ProduceRequest& request);

  GstElement* const element_;
  TransportPads* const pads_;
  const Options options_;
  mutable std::mutex mutex_;  // guards what follows; never held while calling out
  Random random_;
  std::string cname_;  // of all Producers, once there was one
  ortc::MidSource mids_;
  std::string router_name_;
  Table<ProducedStream> producers_;
  Table<ConsumedStream> consumers_;
};

// What an answer says of them. `router_pad`: the pad of a router that theirs is linked to, or null.
std::string ProduceAnswerText(const TransportControl::Produced& produced,
                              GstPad* router_pad = nullptr);
std::string ConsumeAnswerText(const TransportControl::Consumed& consumed,
                              GstPad* router_pad = nullptr);

}  // namespace sfu::gst

G_BEGIN_DECLS

struct GstSfuTransport;  // the instance, whatever its type

struct GstSfuTransportInterface {
  GTypeInterface parent;
  // Never null. Lives as long as the element.
  sfu::gst::TransportControl* (*control)(GstElement* element);
};

GType gst_sfu_transport_get_type();

G_END_DECLS

#define GST_TYPE_SFU_TRANSPORT (gst_sfu_transport_get_type())

namespace sfu::gst {

// The control of a transport element; null if the element is none.
TransportControl* ControlOf(GstElement* element);

// What was negotiated for a pad, if it is a transport's; else null.
ProducedStreamRef ProducedOf(GstPad* pad);
ConsumedStreamRef ConsumedOf(GstPad* pad);

// Adds the actions, and the property `router` under the number `router_id`, which the class then
// hands to the control.
void InstallTransportActions(GObjectClass* klass, guint router_id);

}  // namespace sfu::gst

// One timer looks at all Consumers of a Router: nothing is counted per packet for it.
#include "layer_offers.h"

#include "net/worker.h"
#include "pad_events.h"
#include "router_hub.h"

namespace sfu::gst {
namespace {

GstStructure* NewLayers(const LayerOffer& offer) {
  GValue bitrates = G_VALUE_INIT;
  GValue one = G_VALUE_INIT;
  g_value_init(&bitrates, GST_TYPE_ARRAY);
  g_value_init(&one, G_TYPE_UINT64);
  g_value_set_uint64(&one, static_cast<guint64>(offer.bitrate.bps()));
  gst_value_array_append_and_take_value(&bitrates, &one);
  GstStructure* s = gst_structure_new(kLayersEvent, "priority", G_TYPE_UINT, guint{offer.priority},
                                      "wanted", G_TYPE_UINT, offer.wanted ? 1u : 0u, nullptr);
  gst_structure_take_value(s, "bitrates", &bitrates);
  return s;
}

void Tell(ConsumerSlot& consumer, DataRate bitrate, Timestamp now) {
  if (consumer.consumer == nullptr) return;
  const LayerOffer offer{bitrate, consumer.priority, !consumer.consumer->paused()};
  if (!consumer.offer.IsDue(offer, now)) return;
  if (consumer.port->TellDownstream(NewLayers(offer))) consumer.offer.OnTold(offer, now);
}

}  // namespace

void LayerOffers::Add(ProducerSlot* slot) {
  slots_.push_back(slot);
  if (timer_.deadline().is_never()) timer_.Arm(Worker::Now() + OfferTeller::kInterval);
}

void LayerOffers::TellAll(Timestamp now) {
  if (slots_.empty()) return;
  timer_.Arm(now + OfferTeller::kInterval);
  for (ProducerSlot* slot : slots_) {
    const Producer& producer = *slot->producer;
    const DataRate bitrate = producer.EncodingBitrate(producer.best_encoding(), now);
    for (const ConsumerSlotRef& consumer : slot->consumers) Tell(*consumer, bitrate, now);
  }
}

}  // namespace sfu::gst

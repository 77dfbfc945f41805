// Which consumer pad gets which Producer (the part of RouterElement that decides it).
//
// A pad is bound once, when its element is in PAUSED or PLAYING and it has a peer, and stays so
// until it is released or the element goes to READY.
#include <algorithm>
#include <utility>

#include "element_pads.h"
#include "router_element.h"
#include "sfu_transport.h"

namespace sfu::gst {
namespace {

// What the producer gives: its caps, or what its peer says it could give.
bool Suits(const ProducerEntry& producer, const GstCaps* wanted) {
  if (producer.caps) return CapsMeet(producer.caps.get(), wanted);
  // Nobody is linked yet: nothing is known of what comes.
  if (!gst_pad_is_linked(producer.pad.get())) return false;
  const auto possible = CapsRef::Adopt(gst_pad_peer_query_caps(producer.pad.get(), nullptr));
  return CapsMeet(possible.get(), wanted);
}

}  // namespace

std::vector<ProducerSlotRef> RouterElement::HeldByNeighbours(GstSfuConsumerPad* pad,
                                                             GstElement* receiver) {
  std::vector<ProducerSlotRef> held;
  if (receiver == nullptr) return held;
  for (const auto& other : Snapshot(consumers_)) {
    if (other.get() == pad) continue;
    const auto peer = PadRef::Adopt(gst_pad_get_peer(GST_PAD_CAST(other.get())));
    if (!peer) continue;
    const auto element = ElementRef::Adopt(gst_pad_get_parent_element(peer.get()));
    if (element.get() != receiver) continue;
    const std::lock_guard lock(other.get()->state->mutex);
    if (other.get()->state->bound != nullptr) held.push_back(other.get()->state->bound);
  }
  return held;
}

ProducerSlotRef RouterElement::ChooseProducer(GstSfuConsumerPad* pad) {
  const auto peer = PadRef::Adopt(gst_pad_get_peer(GST_PAD_CAST(pad)));
  if (!peer) return nullptr;
  const auto receiver = ElementRef::Adopt(gst_pad_get_parent_element(peer.get()));
  const auto wanted = CapsRef::Adopt(gst_pad_query_caps(peer.get(), nullptr));
  const auto held = HeldByNeighbours(pad, receiver.get());
  ProducerSlotRef lowest;
  for (const ProducerEntry& entry : pad->state->hub->Producers(this)) {
    if (!Suits(entry, wanted.get())) continue;
    if (std::find(held.begin(), held.end(), entry.slot) == held.end()) return entry.slot;
    if (lowest == nullptr) lowest = entry.slot;
  }
  return lowest;
}

// It may come yet (an element of the same Router in another pipeline): this is told once.
void RouterElement::TellUnknownProducer(GstSfuConsumerPad* pad, const std::string& spec) {
  {
    const std::lock_guard lock(pad->state->mutex);
    if (std::exchange(pad->state->told, true)) return;
  }
  GST_ELEMENT_WARNING(element_, RESOURCE, NOT_FOUND,
                      ("%s: producer: there is no '%s' in this router yet; the pad waits for it",
                       GST_PAD_NAME(pad), spec.c_str()),
                      (nullptr));
}

void RouterElement::BindConsumer(GstSfuConsumerPad* pad) {
  ConsumerPadState& state = *pad->state;
  {
    const std::lock_guard lock(mutex_);
    if (!paused_or_playing_) return;
  }
  std::string spec;
  {
    const std::lock_guard lock(state.mutex);
    if (state.bound != nullptr) return;
    spec = state.producer;
  }
  const auto peer = PadRef::Adopt(gst_pad_get_peer(GST_PAD_CAST(pad)));
  if (!peer) return;
  // What the receiver asked for, unless the application says otherwise.
  const ConsumedStreamRef consumed = ConsumedOf(peer.get());
  if (spec.empty() && consumed != nullptr) spec = consumed->producer_id;
  ProducerSlotRef producer =
      spec.empty() ? ChooseProducer(pad) : state.hub->FindProducer(spec, this);
  if (producer == nullptr) {
    if (!spec.empty()) TellUnknownProducer(pad, spec);
    return;
  }
  auto slot = std::make_shared<ConsumerSlot>();
  slot->pad = PadRef(GST_PAD_CAST(pad));
  slot->port = pad->parent.port;
  if (consumed != nullptr) slot->options.id = consumed->id;
  {
    // Meanwhile the element may have gone to READY, or the pad.
    const std::lock_guard element_lock(mutex_);
    const std::lock_guard lock(state.mutex);
    if (!paused_or_playing_ || state.released || state.bound != nullptr) return;
    slot->options.paused = state.paused;
    slot->priority = static_cast<uint8_t>(state.priority);
    state.slot = slot;
    state.bound = producer;
  }
  GST_DEBUG_OBJECT(pad, "gets producer %s (%s.%s)", state.hub->IdOf(*producer).c_str(),
                   producer->face_name.c_str(), producer->pad_name.c_str());
  state.hub->Bind(slot, producer);
}

void RouterElement::Unbind(GstSfuConsumerPad* pad) {
  ConsumerSlotRef slot;
  {
    const std::lock_guard lock(pad->state->mutex);
    slot = std::exchange(pad->state->slot, nullptr);
    pad->state->bound = nullptr;
  }
  if (slot != nullptr) pad->state->hub->Unbind(slot);
}

// A Producer of this pipeline ends when its sender does, and takes its Consumers with it. The
// others go on, so the pads that have one of those, or none, get their EOS here.
void RouterElement::EndUnreachable() {
  for (const auto& pad : Snapshot(consumers_)) {
    ProducerSlotRef bound;
    {
      const std::lock_guard lock(pad.get()->state->mutex);
      bound = pad.get()->state->bound;
    }
    bool reachable = false;
    if (bound != nullptr) {
      for (const ProducerEntry& entry : pad.get()->state->hub->Producers(this)) {
        if (entry.slot != bound || !gst_pad_is_linked(entry.pad.get())) continue;
        const auto face = ElementRef::Adopt(gst_pad_get_parent_element(entry.pad.get()));
        reachable = face && SamePipeline(face.get(), element_);
      }
    }
    if (!reachable) PortOf(&pad.get()->parent).EndOfStream();
  }
}

}  // namespace sfu::gst

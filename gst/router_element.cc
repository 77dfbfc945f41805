// Pads and states of sfurouter's inside.
#include "router_element.h"

#include <algorithm>
#include <utility>

#include "call_later.h"
#include "element_pads.h"
#include "sfu_transport.h"

namespace sfu::gst {

bool RouterElement::SetRouterName(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (hub_ != nullptr && router_name_ != name) return false;
  router_name_ = name;
  return true;
}

bool RouterElement::SetWorkerName(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (hub_ != nullptr && worker_name_ != name) return false;
  worker_name_ = name.empty() ? kDefaultWorker : name;
  return true;
}

std::string RouterElement::router_name() const {
  const std::lock_guard lock(mutex_);
  return router_name_;
}

std::string RouterElement::worker_name() const {
  const std::lock_guard lock(mutex_);
  return worker_name_;
}

Status RouterElement::SetMediaCodecs(const std::string& media_codecs) {
  const std::lock_guard lock(mutex_);
  if (hub_ != nullptr) return hub_->codecs().Set(media_codecs);
  if (const auto made = CapabilitiesOf(media_codecs); !made) return made.error();
  media_codecs_ = media_codecs;
  return OkStatus();
}

std::string RouterElement::media_codecs() const {
  const std::lock_guard lock(mutex_);
  if (hub_ != nullptr) return hub_->codecs().media_codecs();
  return media_codecs_.empty() ? DefaultMediaCodecs() : media_codecs_;
}

ortc::RtpCapabilities RouterElement::rtp_capabilities() const {
  const std::lock_guard lock(mutex_);
  if (hub_ != nullptr) return hub_->codecs().capabilities();
  // They were checked when they were set.
  return media_codecs_.empty() ? DefaultCapabilities() : CapabilitiesOf(media_codecs_).value();
}

Result<RouterHubRef> RouterElement::TakeHubLocked() {
  if (hub_ != nullptr) return hub_;
  auto hub = RouterHub::Acquire(router_name_, worker_name_);
  if (!hub) return hub;
  if (!media_codecs_.empty()) {
    if (Status set = hub.value()->codecs().Set(media_codecs_); !set) return set.error();
  }
  hub_ = hub.value();
  return hub;
}

Result<RouterHubRef> RouterElement::TakeHub() {
  const std::lock_guard lock(mutex_);
  return TakeHubLocked();
}

// Pads that stayed until now have kept the Router.
RouterElement::~RouterElement() {
  if (hub_ != nullptr) LeaveHub(std::move(hub_));
}

bool RouterElement::Open() {
  std::unique_lock lock(mutex_);
  const auto hub = TakeHubLocked();
  if (!hub) {
    lock.unlock();
    GST_ELEMENT_ERROR(element_, RESOURCE, SETTINGS, ("%s", hub.error().ToString().c_str()),
                      (nullptr));
    return false;
  }
  if (std::exchange(open_, true)) return true;
  // The face leaves in Close(), which every way to the element's end goes through.
  hub_->worker()->worker->Post([hub = hub_, this, self = ElementRef(element_)] {
    hub->AddFace(this);
    observers_.Open(hub.get());
  });
  return true;
}

void RouterElement::Close() {
  RouterHubRef hub;
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(open_, false)) return;
    hub = hub_;
    if (producers_.empty() && consumers_.empty()) hub_.reset();
  }
  // Waits, so that the Router is gone with its last face: another may take its name then.
  hub->worker()->worker->PostAndWait([&hub, this] {
    hub->RemoveFace(this);
    observers_.Close();
  });
  LeaveHub(std::move(hub));
}

// The Router goes in a task.
void RouterElement::LeaveHub(RouterHubRef hub) {
  SharedWorkerRef worker = hub->worker();
  hub.reset();
  LeaveWorker(std::move(worker));
}

bool RouterElement::SetObserverProperty(guint id, const GValue* value) {
  if (!observers_.SetProperty(id, value)) return false;
  RouterHubRef hub;
  {
    const std::lock_guard lock(mutex_);
    if (open_) hub = hub_;
  }
  if (hub != nullptr) {
    hub->worker()->worker->Post([hub, this, self = ElementRef(element_)] { observers_.Refresh(); });
  }
  return true;
}

void RouterElement::WaitForWorker() {
  RouterHubRef hub;
  {
    const std::lock_guard lock(mutex_);
    hub = hub_;
  }
  if (hub != nullptr) hub->worker()->worker->PostAndWait([] {});
}

GstPad* RouterElement::RequestPad(GstPadTemplate* templ, const char* name) {
  if (const auto hub = TakeHub(); !hub) {
    GST_ELEMENT_ERROR(element_, RESOURCE, SETTINGS, ("%s", hub.error().ToString().c_str()),
                      (nullptr));
    return nullptr;
  }
  return GST_PAD_TEMPLATE_DIRECTION(templ) == GST_PAD_SINK ? AddProducerPad(templ, name)
                                                           : AddConsumerPad(templ, name);
}

GstPad* RouterElement::AddProducerPad(GstPadTemplate* templ, const char* name) {
  std::unique_lock lock(mutex_);
  const auto number = sink_numbers_.Take(name);
  if (!number) return nullptr;
  auto* pad = GST_SFU_PRODUCER_PAD(g_object_new(GST_TYPE_SFU_PRODUCER_PAD, "name",
                                                sink_numbers_.NameOf(*number).c_str(), "direction",
                                                GST_PAD_SINK, "template", templ, nullptr));
  PortOf(&pad->parent).Attach(hub_->worker(), this);
  PortOf(&pad->parent).SetPlaying(playing_);
  pad->state->hub = hub_;
  producers_.push_back(pad);
  lock.unlock();
  auto slot = std::make_shared<ProducerSlot>();
  gchar* id = g_uuid_string_random();
  slot->id = id;
  g_free(id);
  slot->pad_name = GST_PAD_NAME(pad);
  slot->face_name = GST_OBJECT_NAME(element_);
  slot->number = *number;
  slot->face = this;
  slot->pad = GST_PAD_CAST(pad);
  slot->port = pad->parent.port;
  {
    // The element's stats may look at the pad already.
    const std::lock_guard pad_lock(pad->state->mutex);
    pad->state->slot = slot;
  }
  pad->state->hub->AddProducer(slot);
  AddElementPad(element_, GST_PAD_CAST(pad));
  return GST_PAD_CAST(pad);
}

GstPad* RouterElement::AddConsumerPad(GstPadTemplate* templ, const char* name) {
  std::unique_lock lock(mutex_);
  const auto number = src_numbers_.Take(name);
  if (!number) return nullptr;
  auto* pad = GST_SFU_CONSUMER_PAD(g_object_new(GST_TYPE_SFU_CONSUMER_PAD, "name",
                                                src_numbers_.NameOf(*number).c_str(), "direction",
                                                GST_PAD_SRC, "template", templ, nullptr));
  PortOf(&pad->parent).SetWorker(hub_->worker());
  pad->state->hub = hub_;
  pad->state->number = *number;
  pad->state->owner = this;
  const auto place =
      std::upper_bound(consumers_.begin(), consumers_.end(), *number,
                       [](unsigned n, const auto* other) { return n < other->state->number; });
  consumers_.insert(place, pad);
  lock.unlock();
  AddElementPad(element_, GST_PAD_CAST(pad));
  return GST_PAD_CAST(pad);
}

void RouterElement::ReleasePad(GstPad* pad) {
  const PadRef keep(pad);
  gst_pad_set_active(pad, FALSE);
  if (GST_PAD_IS_SINK(pad)) {
    ReleaseProducerPad(GST_SFU_PRODUCER_PAD(pad));
  } else {
    ReleaseConsumerPad(GST_SFU_CONSUMER_PAD(pad));
  }
  WaitForWorker();
  RemoveElementPad(element_, pad);
}

void RouterElement::ReleaseProducerPad(GstSfuProducerPad* pad) {
  ProducerSlotRef slot;
  RouterHubRef hub;
  {
    const std::lock_guard lock(pad->state->mutex);
    slot = std::exchange(pad->state->slot, nullptr);
    hub = pad->state->hub;
  }
  if (slot != nullptr) hub->RemoveProducer(slot);
  const std::lock_guard lock(mutex_);
  std::erase(producers_, pad);
  if (slot != nullptr) sink_numbers_.GiveBack(slot->number);
}

void RouterElement::ReleaseConsumerPad(GstSfuConsumerPad* pad) {
  {
    const std::lock_guard lock(pad->state->mutex);
    pad->state->released = true;
  }
  Unbind(pad);
  const std::lock_guard lock(mutex_);
  std::erase(consumers_, pad);
  src_numbers_.GiveBack(pad->state->number);
}

void RouterElement::SetPlaying(bool playing) {
  {
    const std::lock_guard lock(mutex_);
    playing_ = playing;
  }
  for (const auto& pad : Snapshot(producers_)) PortOf(&pad.get()->parent).SetPlaying(playing);
}

void RouterElement::StartBinding() {
  {
    const std::lock_guard lock(mutex_);
    paused_or_playing_ = true;
  }
  BindConsumers();
}

void RouterElement::BindConsumers() {
  // Pads that say what they want come first, so that the others see what is taken.
  const auto pads = Snapshot(consumers_);
  for (const bool named : {true, false}) {
    for (const auto& pad : pads) {
      bool has_name = false;
      {
        const std::lock_guard lock(pad.get()->state->mutex);
        has_name = !pad.get()->state->producer.empty();
      }
      if (has_name == named) BindConsumer(pad.get());
    }
  }
}

void RouterElement::UnbindConsumers() {
  {
    const std::lock_guard lock(mutex_);
    paused_or_playing_ = false;
  }
  for (const auto& pad : Snapshot(consumers_)) Unbind(pad.get());
}

void RouterElement::OnCaps(SinkPort& port, const CapsInfo& info, const GstCaps* caps) {
  ProducerPadState& state = *GST_SFU_PRODUCER_PAD(port.pad())->state;
  RouterHubRef hub;
  ProducerSlotRef slot;
  {
    const std::lock_guard lock(state.mutex);
    hub = state.hub;
    slot = state.slot;
  }
  if (slot == nullptr) return;
  const auto peer = PadRef::Adopt(gst_pad_get_peer(port.pad()));
  hub->SetProduced(slot, peer ? ProducedOf(peer.get()) : nullptr);
  hub->SetProducerCaps(slot, info, caps);
}

void RouterElement::OnTold(SinkPort& port, const GstStructure& what) {
  guint score = 0;
  if (!gst_structure_has_name(&what, kScoreEvent) ||
      !gst_structure_get_uint(&what, "score", &score)) {
    return;
  }
  ProducerPadState& state = *GST_SFU_PRODUCER_PAD(port.pad())->state;
  RouterHubRef hub;
  ProducerSlotRef slot;
  {
    const std::lock_guard lock(state.mutex);
    if (std::exchange(state.score, score) == score) return;
    hub = state.hub;
    slot = state.slot;
  }
  NotifyLater(port.pad(), "score");
  if (slot != nullptr) hub->NotifyScore(slot);
}

// Null once the pad is released.
ProducerSlotRef RouterElement::SlotOf(SinkPort& port) {
  ProducerPadState& state = *GST_SFU_PRODUCER_PAD(port.pad())->state;
  const std::lock_guard lock(state.mutex);
  return state.slot;
}

void RouterElement::OnEos(SinkPort& port) {
  const ProducerSlotRef slot = SlotOf(port);
  if (slot != nullptr) GST_SFU_PRODUCER_PAD(port.pad())->state->hub->EndProducer(slot);
}

void RouterElement::OnStreamStart(SinkPort& port) {
  const ProducerSlotRef slot = SlotOf(port);
  if (slot != nullptr) GST_SFU_PRODUCER_PAD(port.pad())->state->hub->RestartProducer(slot);
}

// Application code may stand behind the bus: the message is posted on a thread that can wait.
void RouterElement::PostEvent(const char* what, const ProducerSlot& slot, bool bind) {
  GstStructure* s =
      gst_structure_new("GstSfuEvent", "event", G_TYPE_STRING, what, "producer-id", G_TYPE_STRING,
                        slot.id.c_str(), "pad", G_TYPE_STRING, slot.pad_name.c_str(), "router",
                        G_TYPE_STRING, slot.face_name.c_str(), nullptr);
  GstMessage* const message = gst_message_new_element(GST_OBJECT_CAST(element_), s);
  CallLater(element_, [this, message, bind] {
    gst_element_post_message(element_, message);
    if (bind) BindConsumers();
  });
}

void RouterElement::OnProducerAdded(const ProducerSlot& slot) {
  observers_.AddProducer(slot);
  PostEvent("producer-added", slot, true);
}

void RouterElement::OnProducerRemoved(const ProducerSlot& slot) {
  observers_.RemoveProducer(slot);
  PostEvent("producer-removed", slot, false);
}

GstStructure* RouterElement::Stats() {
  GstStructure* all = gst_structure_new("application/x-sfu-router-stats", "router", G_TYPE_STRING,
                                        router_name().c_str(), "worker", G_TYPE_STRING,
                                        worker_name().c_str(), nullptr);
  const auto add = [all](GstPad* pad) {
    GstStructure* stats = nullptr;
    g_object_get(pad, "stats", &stats, nullptr);
    gst_structure_set(all, GST_PAD_NAME(pad), GST_TYPE_STRUCTURE, stats, nullptr);
    gst_structure_free(stats);
  };
  for (const auto& pad : Snapshot(producers_)) add(GST_PAD_CAST(pad.get()));
  for (const auto& pad : Snapshot(consumers_)) add(GST_PAD_CAST(pad.get()));
  return all;
}

}  // namespace sfu::gst

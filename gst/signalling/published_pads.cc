// Pads without a target until there is a track and a peer: so nothing is pushed to nowhere.
#include "signalling/published_pads.h"

#include <algorithm>
#include <utility>

#include "call_later.h"
#include "rtp_caps.h"

namespace sfu::gst {

struct PublishedPads::Slot {
  enum class Phase { kWaiting, kTaken, kEnded };

  // Constant.
  PadRef pad;
  unsigned number = 0;
  bool requested = false;
  // Whether the element has the pad. Of pads that were not requested: only in calls_.
  bool added = false;
  // Guarded by the mutex of PublishedPads.
  Phase phase = Phase::kWaiting;
  std::string producer_id;  // empty: none yet
  PadRef router_pad;        // while the pad is attached
  bool leaving = false;     // is to be removed, by a call that waits
};

namespace {

constexpr GstPadProbeType kEvents = GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM;

// What a pad that has never had a stream says at its end.
void PushEnd(GstPad* pad) {
  gchar* id = gst_pad_create_stream_id(pad, GST_ELEMENT(GST_PAD_PARENT(pad)), GST_PAD_NAME(pad));
  gst_pad_push_event(pad, gst_event_new_stream_start(id));
  gst_pad_push_event(pad, gst_event_new_eos());
  g_free(id);
}

}  // namespace

PublishedPads::PublishedPads(GstElement* server, GstElement* router, Later later)
    : server_(server), router_(router), later_(std::move(later)), calls_(server, 2 * kMaxAdded) {}

PublishedPads::SlotRef PublishedPads::MakeSlot(GstPadTemplate* templ, const char* name) {
  auto slot = std::make_shared<Slot>();
  {
    const std::lock_guard lock(mutex_);
    const auto number = numbers_.Take(name);
    if (!number) return nullptr;
    slot->number = *number;
  }
  const std::string own_name = numbers_.NameOf(slot->number);
  slot->pad = PadRef(gst_ghost_pad_new_no_target_from_template(own_name.c_str(), templ));
  // NOLINTNEXTLINE(bugprone-casting-through-void): what G_CALLBACK is made of
  g_signal_connect(slot->pad.get(), "linked", G_CALLBACK(OnLinked), this);
  gst_pad_add_probe(slot->pad.get(), kEvents, OnEvent, this, nullptr);
  const std::lock_guard lock(mutex_);
  const auto place = std::find_if(slots_.begin(), slots_.end(), [&](const SlotRef& other) {
    return other->number > slot->number;
  });
  slots_.insert(place, slot);
  return slot;
}

PublishedPads::SlotRef PublishedPads::Find(const GstPad* pad) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(slots_.begin(), slots_.end(),
                                  [&](const SlotRef& slot) { return slot->pad.get() == pad; });
  return found == slots_.end() ? nullptr : *found;
}

GstPad* PublishedPads::Request(GstPadTemplate* templ, const char* name) {
  const SlotRef slot = MakeSlot(templ, name);
  if (slot == nullptr) return nullptr;
  slot->requested = true;
  AddPad(slot);
  return slot->pad.get();
}

void PublishedPads::AddPad(const SlotRef& slot) {
  gst_pad_set_active(slot->pad.get(), TRUE);
  slot->added = gst_element_add_pad(server_, slot->pad.get()) != FALSE;
}

void PublishedPads::Release(GstPad* pad) {
  if (const SlotRef slot = Find(pad)) RemovePad(slot);
}

void PublishedPads::RemovePad(const SlotRef& slot) {
  {
    const std::lock_guard lock(mutex_);
    slot->phase = Slot::Phase::kEnded;
    if (std::erase(slots_, slot) == 0) return;
    numbers_.GiveBack(slot->number);
  }
  gst_pad_set_active(slot->pad.get(), FALSE);
  Detach(slot);
  if (slot->added) gst_element_remove_pad(server_, slot->pad.get());
}

void PublishedPads::RemovePadLater(const SlotRef& slot) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(slot->leaving, true)) return;
  }
  calls_.Add([this, slot] { RemovePad(slot); });
}

void PublishedPads::EndWaiting() {
  std::vector<SlotRef> ended;
  {
    const std::lock_guard lock(mutex_);
    for (const SlotRef& slot : slots_) {
      if (slot->phase != Slot::Phase::kWaiting) continue;
      slot->phase = Slot::Phase::kEnded;
      ended.push_back(slot);
    }
  }
  // Each on a thread of its own: a sink that has not prerolled waits for the others.
  for (const SlotRef& slot : ended) {
    CallLater(server_, [slot] { PushEnd(slot->pad.get()); });
  }
}

PublishedPads::SlotRef PublishedPads::TakeWaiting(GstCaps* caps) {
  std::vector<SlotRef> waiting;
  {
    const std::lock_guard lock(mutex_);
    for (const SlotRef& slot : slots_) {
      if (slot->requested && slot->phase == Slot::Phase::kWaiting) waiting.push_back(slot);
    }
  }
  for (const SlotRef& slot : waiting) {
    const auto wanted = CapsRef::Adopt(gst_pad_peer_query_caps(slot->pad.get(), nullptr));
    // Without a peer: who has requested it will link it to something fitting.
    if (wanted && !CapsMeet(wanted.get(), caps)) continue;
    const std::lock_guard lock(mutex_);
    if (slot->phase != Slot::Phase::kWaiting) continue;
    slot->phase = Slot::Phase::kTaken;
    return slot;
  }
  return nullptr;
}

void PublishedPads::GiveBack(const SlotRef& slot) {
  const std::lock_guard lock(mutex_);
  if (slot->phase == Slot::Phase::kTaken) slot->phase = Slot::Phase::kWaiting;
}

void PublishedPads::Assign(SlotRef slot, const std::string& producer_id) {
  if (slot != nullptr) {
    {
      const std::lock_guard lock(mutex_);
      slot->producer_id = producer_id;
    }
    Attach(slot);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    const auto added = std::count_if(slots_.begin(), slots_.end(),
                                     [](const SlotRef& other) { return !other->requested; });
    if (static_cast<size_t>(added) >= kMaxAdded) return;
  }
  GstPadTemplate* templ =
      gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(server_), "src_%u");
  slot = MakeSlot(templ, nullptr);
  if (slot == nullptr) return;
  {
    const std::lock_guard lock(mutex_);
    slot->phase = Slot::Phase::kTaken;
    slot->producer_id = producer_id;
  }
  // The application hears of it on a thread that may wait for ours.
  calls_.Add([this, slot] { AddPad(slot); });
}

void PublishedPads::OnLinked(GstPad* pad, GstPad*, gpointer self) {
  auto* pads = static_cast<PublishedPads*>(self);
  if (const SlotRef slot = pads->Find(pad)) {
    pads->later_([pads, slot] { pads->Attach(slot); });
  }
}

void PublishedPads::Attach(const SlotRef& slot) {
  std::string producer_id;
  {
    const std::lock_guard lock(mutex_);
    if (slot->phase != Slot::Phase::kTaken || slot->router_pad) return;
    producer_id = slot->producer_id;
  }
  if (producer_id.empty() || gst_pad_is_linked(slot->pad.get()) == FALSE) return;
  auto router_pad = PadRef::Adopt(gst_element_request_pad_simple(router_, "src_%u"));
  if (!router_pad) return;
  g_object_set(router_pad.get(), "producer", producer_id.c_str(), nullptr);
  {
    const std::lock_guard lock(mutex_);
    slot->router_pad = router_pad;
  }
  gst_ghost_pad_set_target(GST_GHOST_PAD(slot->pad.get()), router_pad.get());
}

void PublishedPads::Detach(const SlotRef& slot) {
  PadRef router_pad;
  {
    const std::lock_guard lock(mutex_);
    router_pad = std::exchange(slot->router_pad, PadRef());
  }
  if (!router_pad) return;
  gst_ghost_pad_set_target(GST_GHOST_PAD(slot->pad.get()), nullptr);
  gst_element_release_request_pad(router_, router_pad.get());
}

// On the pad's own thread, which must not be waited for here.
GstPadProbeReturn PublishedPads::OnEvent(GstPad* pad, GstPadProbeInfo* info, gpointer self) {
  auto* pads = static_cast<PublishedPads*>(self);
  if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) != GST_EVENT_EOS) return GST_PAD_PROBE_OK;
  const SlotRef slot = pads->Find(pad);
  if (slot != nullptr) pads->later_([pads, slot] { pads->Retire(slot); });
  return GST_PAD_PROBE_OK;
}

// Its stream has ended, and all of it was pushed.
void PublishedPads::Retire(const SlotRef& slot) {
  {
    const std::lock_guard lock(mutex_);
    slot->phase = Slot::Phase::kEnded;
  }
  if (slot->requested) {
    Detach(slot);
    return;
  }
  RemovePadLater(slot);
}

void PublishedPads::Drop(const std::vector<std::string>& producer_ids) {
  std::vector<SlotRef> added;
  {
    const std::lock_guard lock(mutex_);
    for (const SlotRef& slot : slots_) {
      const bool dropped = std::find(producer_ids.begin(), producer_ids.end(), slot->producer_id) !=
                           producer_ids.end();
      if (!dropped || slot->phase != Slot::Phase::kTaken || slot->router_pad) continue;
      // Nobody has linked it.
      slot->producer_id.clear();
      if (slot->requested) {
        slot->phase = Slot::Phase::kWaiting;
      } else {
        added.push_back(slot);
      }
    }
  }
  for (const SlotRef& slot : added) Retire(slot);
}

void PublishedPads::Reset() {
  std::vector<SlotRef> slots;
  {
    const std::lock_guard lock(mutex_);
    slots = slots_;
  }
  for (const SlotRef& slot : slots) {
    Detach(slot);
    if (!slot->requested) {
      RemovePadLater(slot);
      continue;
    }
    const std::lock_guard lock(mutex_);
    slot->producer_id.clear();
    slot->phase = Slot::Phase::kWaiting;
  }
}

}  // namespace sfu::gst

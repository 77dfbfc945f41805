// The source pads of an sfuserver: what browsers publish, one track each.
//
// A pad may be requested, and linked, long before anybody publishes. A track takes the requested
// pad of the lowest number that waits and whose peer takes the track's caps; one that finds none
// adds a pad. A pad has one track in its life: when that ends, so does the pad's stream.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gst_ref.h"
#include "ordered_calls.h"
#include "request_pads.h"

namespace sfu::gst {

class PublishedPads {
 public:
  // Pads that are added for tracks, at a time.
  static constexpr size_t kMaxAdded = 64;

  struct Slot;
  using SlotRef = std::shared_ptr<Slot>;
  // Has something done on the server's thread, soon; not at all when the server has stopped.
  using Later = std::function<void(std::function<void()>)>;

  PublishedPads(GstElement* server, GstElement* router, Later later);
  PublishedPads(const PublishedPads&) = delete;
  PublishedPads& operator=(const PublishedPads&) = delete;

  // --- any thread ---
  // Null when the name does not fit.
  GstPad* Request(GstPadTemplate* templ, const char* name);
  void Release(GstPad* pad);
  // The end of the pipeline's stream: pads that wait have theirs, and no track comes to them.
  void EndWaiting();

  // --- the server's thread ---
  // A requested pad whose peer takes a track of these caps; null if there is none. It is taken from
  // now on.
  SlotRef TakeWaiting(GstCaps* caps);
  // One that was taken waits again.
  void GiveBack(const SlotRef& slot);
  // The pad gets that Producer's stream from now on. Without a slot a pad is added, if there may be
  // one more.
  void Assign(SlotRef slot, const std::string& producer_id);
  // The Producers end. Linked pads hear of it by the end of their streams.
  void Drop(const std::vector<std::string>& producer_ids);
  // The server stops: requested pads wait again, the others go. The thread has ended.
  void Reset();

 private:
  SlotRef MakeSlot(GstPadTemplate* templ, const char* name);
  void Attach(const SlotRef& slot);
  void Detach(const SlotRef& slot);
  void Retire(const SlotRef& slot);
  void AddPad(const SlotRef& slot);
  void RemovePad(const SlotRef& slot);
  void RemovePadLater(const SlotRef& slot);
  static void OnLinked(GstPad* pad, GstPad* peer, gpointer self);
  static GstPadProbeReturn OnEvent(GstPad* pad, GstPadProbeInfo* info, gpointer self);
  SlotRef Find(const GstPad* pad) const;

  GstElement* const server_;
  GstElement* const router_;
  const Later later_;
  // Adds and removes pads that nobody has requested, each once: so none of these calls is left out,
  // however slow the application is.
  OrderedCalls calls_;
  mutable std::mutex mutex_;  // guards what follows; never held while calling out
  PadNumbers numbers_{"src_"};
  std::vector<SlotRef> slots_;  // by number
};

}  // namespace sfu::gst

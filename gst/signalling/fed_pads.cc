// Each pad is the outside of one of the router's. The server is a sink of the pipeline as long as
// it has such pads, and says when all of them have ended. It is one, too, when the pipeline ends
// and nothing is linked to it: nobody else would say that end.
#include "signalling/fed_pads.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sfu::gst {

GstPad* FedPads::Request(GstPadTemplate* templ, const char* name) {
  Entry entry;
  {
    const std::lock_guard lock(mutex_);
    const auto number = numbers_.Take(name);
    if (!number) return nullptr;
    entry.number = *number;
  }
  const std::string own_name = numbers_.NameOf(entry.number);
  entry.router_pad = PadRef::Adopt(gst_element_request_pad_simple(router_, "sink_%u"));
  if (!entry.router_pad) {
    const std::lock_guard lock(mutex_);
    numbers_.GiveBack(entry.number);
    return nullptr;
  }
  GstPad* pad = gst_ghost_pad_new_from_template(own_name.c_str(), entry.router_pad.get(), templ);
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, OnEvent, this, nullptr);
  {
    const std::lock_guard lock(mutex_);
    entries_.emplace(pad, std::move(entry));
  }
  GST_OBJECT_FLAG_SET(server_, GST_ELEMENT_FLAG_SINK);
  gst_pad_set_active(pad, TRUE);
  gst_element_add_pad(server_, pad);
  return pad;
}

void FedPads::Release(GstPad* pad) {
  Entry entry;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(pad);
    if (found == entries_.end()) return;
    entry = std::move(found->second);
    entries_.erase(found);
    numbers_.GiveBack(entry.number);
    if (entries_.empty()) GST_OBJECT_FLAG_UNSET(server_, GST_ELEMENT_FLAG_SINK);
  }
  gst_pad_set_active(pad, FALSE);
  gst_ghost_pad_set_target(GST_GHOST_PAD(pad), nullptr);
  gst_element_release_request_pad(router_, entry.router_pad.get());
  gst_element_remove_pad(server_, pad);
}

GstPadProbeReturn FedPads::OnEvent(GstPad* pad, GstPadProbeInfo* info, gpointer self) {
  const GstEventType type = GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info));
  auto* pads = static_cast<FedPads*>(self);
  if (type == GST_EVENT_EOS) pads->SetEnded(pad, true);
  if (type == GST_EVENT_STREAM_START || type == GST_EVENT_FLUSH_STOP) pads->SetEnded(pad, false);
  return GST_PAD_PROBE_OK;
}

void FedPads::SetEnded(GstPad* pad, bool ended) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(pad);
    if (found == entries_.end() || found->second.ended == ended) return;
    found->second.ended = ended;
    const bool all = std::all_of(entries_.begin(), entries_.end(),
                                 [](const auto& item) { return item.second.ended; });
    if (!all) return;
  }
  PostEnd();
}

void FedPads::EndUnlinked() {
  bool linked = false;
  GST_OBJECT_LOCK(server_);
  for (const GList* pad = server_->pads; pad != nullptr; pad = pad->next) {
    linked = linked || GST_PAD_IS_LINKED(GST_PAD(pad->data));
  }
  GST_OBJECT_UNLOCK(server_);
  if (linked) return;
  GST_OBJECT_FLAG_SET(server_, GST_ELEMENT_FLAG_SINK);
  PostEnd();
}

void FedPads::Reset() {
  const std::lock_guard lock(mutex_);
  if (entries_.empty()) GST_OBJECT_FLAG_UNSET(server_, GST_ELEMENT_FLAG_SINK);
}

void FedPads::PostEnd() {
  gst_element_post_message(server_, gst_message_new_eos(GST_OBJECT(server_)));
}

}  // namespace sfu::gst

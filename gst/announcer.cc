// gst_pad_create_stream_id() cannot be used: it asserts on elements with several sink pads.
#include "announcer.h"

#include <utility>

#include "rtp_caps.h"

namespace sfu::gst {

void Announcer::SetCaps(CapsRef caps) {
  const std::lock_guard lock(mutex_);
  caps_ = std::move(caps);
  dirty_ = true;
}

void Announcer::Restart(guint group_id) {
  const std::lock_guard lock(mutex_);
  group_id_ = group_id;
  started_ = false;
  segment_sent_ = false;
  carriage_ = Carriage::kUnknown;
  dirty_ = true;
}

// A peer that takes anything would get batches that it cannot read: it gets plain packets.
bool Announcer::AcceptsBatches(GstPad* pad, const GstCaps* batch_caps) const {
  const CapsRef peer = CapsRef::Adopt(gst_pad_peer_query_caps(pad, nullptr));
  if (!peer || gst_caps_is_any(peer.get())) return false;
  return gst_caps_can_intersect(peer.get(), batch_caps) != FALSE;
}

void Announcer::SendStreamStart(GstPad* pad, guint group_id) const {
  // The path names the element within its pipelines; the group tells one run from the next.
  gchar* path = gst_object_get_path_string(GST_OBJECT_CAST(pad));
  const std::string id = std::string("sfu/") + path + "/" + std::to_string(group_id);
  g_free(path);
  GstEvent* event = gst_event_new_stream_start(id.c_str());
  gst_event_set_group_id(event, group_id);
  gst_pad_push_event(pad, event);
}

Announcer::Carriage Announcer::Announce(GstPad* pad, bool own_peer) {
  const bool reconfigure = gst_pad_check_reconfigure(pad) != FALSE;
  if (!dirty_.exchange(false) && !reconfigure) return carriage_;
  CapsRef caps;
  guint group_id = 0;
  bool start = false;
  {
    const std::lock_guard lock(mutex_);
    caps = caps_;
    group_id = group_id_;
    start = !std::exchange(started_, true);
  }
  if (start) SendStreamStart(pad, group_id);
  if (!caps) return carriage_;
  const CapsRef batch_caps = WithBatchFeature(caps.get(), true);
  const bool batch = own_peer || AcceptsBatches(pad, batch_caps.get());
  const CapsRef told = batch ? batch_caps : WithBatchFeature(caps.get(), false);
  gst_pad_push_event(pad, gst_event_new_caps(told.get()));
  bool segment = false;
  {
    const std::lock_guard lock(mutex_);
    segment = !std::exchange(segment_sent_, true);
  }
  if (segment) {
    GstSegment time;
    gst_segment_init(&time, GST_FORMAT_TIME);
    gst_pad_push_event(pad, gst_event_new_segment(&time));
  }
  carriage_ = batch ? Carriage::kBatch : Carriage::kPlain;
  return carriage_;
}

}  // namespace sfu::gst

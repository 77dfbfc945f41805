// The task owns what it works with through a shared pointer of its own, because a task that stops
// itself outlives the ForeignBranch.
#include "foreign_branch.h"

#include <atomic>
#include <string>
#include <utility>

#include "plain_writer.h"
#include "rtp_batch_memory.h"
#include "stream/orientation_watch.h"

namespace sfu::gst {
namespace {

// No more than one message about drops in this time.
constexpr TimeDelta kMessageInterval = TimeDelta::Seconds(1);

// As rtpjitterbuffer names the sender's wall clock: nanoseconds since 1900.
GstCaps* NtpCaps() {
  static GstStaticCaps caps = GST_STATIC_CAPS("timestamp/x-ntp");
  return gst_static_caps_get(&caps);
}

// How a picture is to be turned, in GStreamer's words.
GstEvent* NewOrientationTag(const VideoOrientation& orientation) {
  const std::string text =
      (orientation.flip ? "flip-rotate-" : "rotate-") + std::to_string(orientation.rotation);
  return gst_event_new_tag(gst_tag_list_new(GST_TAG_IMAGE_ORIENTATION, text.c_str(), nullptr));
}

}  // namespace

struct ForeignBranch::Shared {
  Shared(GstPad* p, Announcer* a, const void* w) : pad(p), announcer(a), worker(w) {}

  void Run();
  GstFlowReturn PushBatch(const BranchQueue::Item& item, Announcer::Carriage carriage);
  GstFlowReturn PushPlain(const BranchQueue::Item& item, GstElement* element);
  void Stamp(GstBuffer* buffer, const RtpPacket& packet, GstElement* element, bool discont);
  bool TurnsAt(const RtpPacket& packet);
  void PushEvent(EventRef event);
  void PushGap(GstEvent* event);
  void TellDrops();

  PadRef pad;
  Announcer* const announcer;
  const void* const worker;
  BranchQueue queue;
  ClockMap clock;
  const CapsRef ntp_caps = CapsRef::Adopt(NtpCaps());
  std::atomic<bool> own_peer{false};
  Timestamp next_message;
  bool pushed_data = false;
  OrientationWatch orientation;
  VideoOrientation told_orientation;  // untold, the peer takes it for upright
};

void ForeignBranch::Shared::Stamp(GstBuffer* buffer, const RtpPacket& packet, GstElement* element,
                                  bool discont) {
  GST_BUFFER_PTS(buffer) = clock.ToRunningTime(element, packet.capture);
  if (!packet.ntp.is_zero()) {
    gst_buffer_add_reference_timestamp_meta(buffer, ntp_caps.get(),
                                            static_cast<GstClockTime>(packet.ntp.ToNanos()),
                                            GST_CLOCK_TIME_NONE);
  }
  if (discont) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
}

// Whether pictures are to be turned another way from this packet on than the peer knows.
bool ForeignBranch::Shared::TurnsAt(const RtpPacket& packet) {
  orientation.OnPacket(packet);
  const VideoOrientation now = orientation.value().value_or(told_orientation);
  const VideoOrientation before = std::exchange(told_orientation, now);
  return now.flip != before.flip || now.rotation != before.rotation;
}

GstFlowReturn ForeignBranch::Shared::PushPlain(const BranchQueue::Item& item, GstElement* element) {
  const RtpBatch& batch = item.batch.batch;
  const auto size = static_cast<guint>(batch.entries.size());
  GstBufferList* list = gst_buffer_list_new_sized(size);
  bool discont = item.discont;
  for (const RtpBatchEntry& entry : batch.entries) {
    if (TurnsAt(*entry.packet)) {
      if (gst_buffer_list_length(list) > 0) {
        gst_pad_push_list(pad.get(), std::exchange(list, gst_buffer_list_new_sized(size)));
      }
      gst_pad_push_event(pad.get(), NewOrientationTag(told_orientation));
    }
    GstBuffer* buffer = WritePlain(batch, entry);
    Stamp(buffer, *entry.packet, element, std::exchange(discont, false));
    gst_buffer_list_add(list, buffer);
  }
  return gst_pad_push_list(pad.get(), list);
}

GstFlowReturn ForeignBranch::Shared::PushBatch(const BranchQueue::Item& item,
                                               Announcer::Carriage carriage) {
  const auto element = ElementRef::Adopt(gst_pad_get_parent_element(pad.get()));
  if (!element) return GST_FLOW_FLUSHING;
  if (carriage == Announcer::Carriage::kPlain) return PushPlain(item, element.get());
  GstBuffer* buffer = NewOwnedBatchBuffer(OwnedBatch(item.batch.batch), worker);
  Stamp(buffer, *item.batch.packets.front(), element.get(), item.discont);
  return gst_pad_push(pad.get(), buffer);
}

void ForeignBranch::Shared::PushEvent(EventRef event) {
  switch (GST_EVENT_TYPE(event.get())) {
    case GST_EVENT_CAPS: {
      GstCaps* caps = nullptr;
      gst_event_parse_caps(event.get(), &caps);
      announcer->SetCaps(CapsRef(caps));
      return;
    }
    case GST_EVENT_STREAM_START: {
      guint group_id = 0;
      gst_event_parse_group_id(event.get(), &group_id);
      announcer->Restart(group_id);
      pushed_data = false;
      // Tags go with the stream that they are about.
      orientation = OrientationWatch();
      told_orientation = VideoOrientation();
      return;
    }
    case GST_EVENT_GAP:
      PushGap(event.get());
      return;
    default:
      gst_pad_push_event(pad.get(), event.release());
  }
}

// They are queued with SFU time, as packets are.
void ForeignBranch::Shared::PushGap(GstEvent* event) {
  const auto element = ElementRef::Adopt(gst_pad_get_parent_element(pad.get()));
  // A depayloader passes GAP on at once, but its own segment only with the first packet.
  if (!element || !pushed_data) return;
  GstClockTime start = 0;
  GstClockTime duration = 0;
  gst_event_parse_gap(event, &start, &duration);
  start = clock.ToRunningTime(element.get(), Timestamp::FromNanos(static_cast<int64_t>(start)));
  gst_pad_push_event(pad.get(), gst_event_new_gap(start, duration));
}

void ForeignBranch::Shared::TellDrops() {
  const Timestamp now = Timestamp::FromNanos(g_get_monotonic_time() * 1000);
  if (now < next_message) return;
  const uint64_t dropped = queue.TakeDropped();
  if (dropped == 0) return;
  next_message = now + kMessageInterval;
  const auto element = ElementRef::Adopt(gst_pad_get_parent_element(pad.get()));
  if (!element) return;
  GstStructure* s =
      gst_structure_new("GstSfuBranchDropped", "pad", G_TYPE_STRING, GST_PAD_NAME(pad.get()),
                        "packets", G_TYPE_UINT64, static_cast<guint64>(dropped), nullptr);
  gst_element_post_message(element.get(),
                           gst_message_new_element(GST_OBJECT_CAST(element.get()), s));
}

void ForeignBranch::Shared::Run() {
  announcer->Announce(pad.get(), own_peer);
  auto item = queue.Pop();
  if (!item) return;
  if (item->event) {
    PushEvent(std::move(item->event));
    return;
  }
  TellDrops();
  // Caps may have come while the queue was waited for. Data that came before them has nobody who
  // could use it.
  const Announcer::Carriage carriage = announcer->Announce(pad.get(), own_peer);
  if (carriage == Announcer::Carriage::kUnknown) return;
  pushed_data = true;
  // All else (unlinked, flushing, end of stream, an error of the peer's) makes an idle pad: the
  // peer says what is wrong itself, and the room goes on.
  if (PushBatch(*item, carriage) != GST_FLOW_NOT_NEGOTIATED) return;
  announcer->Renegotiate();
  PushBatch(*item, announcer->Announce(pad.get(), own_peer));
}

ForeignBranch::ForeignBranch(GstPad* pad, Announcer* announcer, const void* worker)
    : shared_(std::make_shared<Shared>(pad, announcer, worker)) {}

ForeignBranch::~ForeignBranch() { Stop(); }

void ForeignBranch::SetOwnPeer(bool own_peer) { shared_->own_peer = own_peer; }

void ForeignBranch::Start() {
  if (task_.running()) return;
  shared_->queue.SetFlushing(false);
  task_.Start(shared_->pad.get(), [shared = shared_] { shared->Run(); });
}

void ForeignBranch::Stop() {
  if (!task_.running()) return;
  shared_->queue.SetFlushing(true);
  task_.Stop();
}

void ForeignBranch::Wake() { shared_->queue.Wake(); }
BranchQueue& ForeignBranch::queue() { return shared_->queue; }
bool ForeignBranch::idle() const { return shared_->queue.idle(); }

}  // namespace sfu::gst

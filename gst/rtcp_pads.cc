// RTCP is little: each datagram is copied into a buffer of its own.
#include "rtcp_pads.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "net/worker.h"
#include "rtp/rtp_header.h"

using sfu::gst::CapsRef;
using sfu::gst::RtcpSinkState;
using sfu::gst::RtcpSrcPort;

G_DEFINE_TYPE(GstSfuRtcpSrcPad, gst_sfu_rtcp_src_pad, GST_TYPE_PAD)
G_DEFINE_TYPE(GstSfuRtcpSinkPad, gst_sfu_rtcp_sink_pad, GST_TYPE_PAD)

namespace sfu::gst {

struct RtcpSrcPort::Shared {
  explicit Shared(GstPad* p) : pad(p) {}

  std::optional<BufferRef> Pop() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return flushing || !queue.empty(); });
    if (flushing) return std::nullopt;
    BufferRef buffer = std::move(queue.front());
    queue.pop_front();
    return buffer;
  }
  void SendStickyEvents();
  void Run();

  GstPad* const pad;  // a reference is held while the task runs
  std::mutex mutex;   // guards all below
  std::condition_variable changed;
  std::deque<BufferRef> queue;
  bool flushing = true;
  bool start_due = false;
  guint group_id = 0;
  ClockMap clock;  // the thread's
};

void RtcpSrcPort::Shared::SendStickyEvents() {
  guint group = 0;
  {
    const std::lock_guard lock(mutex);
    if (!std::exchange(start_due, false)) return;
    group = group_id;
  }
  gchar* path = gst_object_get_path_string(GST_OBJECT_CAST(pad));
  GstEvent* start = gst_event_new_stream_start(
      (std::string("sfu/") + path + "/" + std::to_string(group)).c_str());
  g_free(path);
  gst_event_set_group_id(start, group);
  gst_pad_push_event(pad, start);
  const auto caps = CapsRef::Adopt(gst_caps_from_string(kRtcpCaps));
  gst_pad_push_event(pad, gst_event_new_caps(caps.get()));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(pad, gst_event_new_segment(&segment));
}

void RtcpSrcPort::Shared::Run() {
  SendStickyEvents();
  auto buffer = Pop();
  if (!buffer) return;
  const auto element = ElementRef::Adopt(gst_pad_get_parent_element(pad));
  if (!element) return;
  GST_BUFFER_PTS(buffer->get()) = clock.ToRunningTime(element.get(), Worker::Now());
  // Without a peer, or with one that is flushing or has failed, reports go nowhere.
  gst_pad_push(pad, buffer->release());
}

RtcpSrcPort::RtcpSrcPort(GstPad* pad) : shared_(std::make_shared<Shared>(pad)), pad_(pad) {}

void RtcpSrcPort::Push(ByteView compound) {
  auto buffer = BufferRef::Adopt(gst_buffer_new_memdup(compound.data(), compound.size()));
  const std::lock_guard lock(shared_->mutex);
  if (shared_->flushing) return;
  if (shared_->queue.size() >= kMaxQueued) shared_->queue.pop_front();
  shared_->queue.push_back(std::move(buffer));
  shared_->changed.notify_one();
}

void RtcpSrcPort::SetActive(bool active, guint group_id) {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->flushing = !active;
    shared_->queue.clear();
    shared_->start_due = active;
    shared_->group_id = group_id;
    shared_->changed.notify_all();
  }
  if (active) {
    task_.Start(pad_, [shared = shared_, pad = PadRef(pad_)] { shared->Run(); });
  } else {
    task_.Stop();
  }
}

}  // namespace sfu::gst

namespace {

gboolean ActivateSrc(GstPad* pad, GstObject*, GstPadMode mode, gboolean active) {
  if (mode != GST_PAD_MODE_PUSH) return FALSE;
  GST_SFU_RTCP_SRC_PAD(pad)->port->SetActive(active != FALSE, gst_util_group_id_next());
  return TRUE;
}

// Reports are live and wait for nothing. Nothing upstream of them can be asked.
gboolean QuerySrc(GstPad* pad, GstObject* parent, GstQuery* query) {
  switch (GST_QUERY_TYPE(query)) {
    case GST_QUERY_LATENCY:
      gst_query_set_latency(query, TRUE, 0, GST_CLOCK_TIME_NONE);
      return TRUE;
    case GST_QUERY_CAPS:
    case GST_QUERY_ACCEPT_CAPS:
      return gst_pad_query_default(pad, parent, query);
    default:
      return FALSE;
  }
}

gboolean EventSrc(GstPad*, GstObject*, GstEvent* event) {
  gst_event_unref(event);
  return TRUE;
}

GstFlowReturn Chain(GstPad* pad, GstObject*, GstBuffer* buffer) {
  const RtcpSinkState& state = *GST_SFU_RTCP_SINK_PAD(pad)->state;
  // One byte more than fits, so that what is too big is seen to be.
  std::array<uint8_t, sfu::kMaxDatagramSize + 1> bytes;
  const gsize size = gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
  gst_buffer_unref(buffer);
  if (size <= sfu::kMaxDatagramSize) {
    state.taker->OnRtcp(state.number, sfu::ByteView(bytes.data(), size));
  }
  return GST_FLOW_OK;
}

// Reports end with the stream that they are about, which has pads of its own.
gboolean EventSink(GstPad*, GstObject*, GstEvent* event) {
  gst_event_unref(event);
  return TRUE;
}

// RTCP and RTP of a transport have nothing to do with each other in the graph.
GstIterator* NoInternalLinks(GstPad*, GstObject*) { return nullptr; }

// As for RTP pads: a pad that was activated once more on its way out.
void DisposeSrc(GObject* object) {
  GST_SFU_RTCP_SRC_PAD(object)->port->SetActive(false, 0);
  G_OBJECT_CLASS(gst_sfu_rtcp_src_pad_parent_class)->dispose(object);
}

void FinalizeSrc(GObject* object) {
  delete GST_SFU_RTCP_SRC_PAD(object)->port;
  G_OBJECT_CLASS(gst_sfu_rtcp_src_pad_parent_class)->finalize(object);
}

void FinalizeSink(GObject* object) {
  delete GST_SFU_RTCP_SINK_PAD(object)->state;
  G_OBJECT_CLASS(gst_sfu_rtcp_sink_pad_parent_class)->finalize(object);
}

// The direction is known only now.
void ConstructedSink(GObject* object) {
  G_OBJECT_CLASS(gst_sfu_rtcp_sink_pad_parent_class)->constructed(object);
  gst_pad_set_chain_function(GST_PAD_CAST(object), Chain);
}

}  // namespace

static void gst_sfu_rtcp_src_pad_class_init(GstSfuRtcpSrcPadClass* klass) {
  G_OBJECT_CLASS(klass)->dispose = DisposeSrc;
  G_OBJECT_CLASS(klass)->finalize = FinalizeSrc;
}

static void gst_sfu_rtcp_src_pad_init(GstSfuRtcpSrcPad* self) {
  GstPad* pad = GST_PAD_CAST(self);
  self->port = new RtcpSrcPort(pad);
  gst_pad_set_activatemode_function(pad, ActivateSrc);
  gst_pad_set_query_function(pad, QuerySrc);
  gst_pad_set_event_function(pad, EventSrc);
  gst_pad_set_iterate_internal_links_function(pad, NoInternalLinks);
}

static void gst_sfu_rtcp_sink_pad_class_init(GstSfuRtcpSinkPadClass* klass) {
  G_OBJECT_CLASS(klass)->constructed = ConstructedSink;
  G_OBJECT_CLASS(klass)->finalize = FinalizeSink;
}

static void gst_sfu_rtcp_sink_pad_init(GstSfuRtcpSinkPad* self) {
  GstPad* pad = GST_PAD_CAST(self);
  self->state = new RtcpSinkState();
  gst_pad_set_event_function(pad, EventSink);
  gst_pad_set_iterate_internal_links_function(pad, NoInternalLinks);
}

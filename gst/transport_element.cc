// Pads and states of all transports' insides; their streams are in transport_streams.cc.
#include "transport_element.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "element_pads.h"

namespace sfu::gst {

bool TransportElement::SetWorkerName(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const std::string wanted = name.empty() ? kDefaultWorker : name;
  if (worker_ != nullptr && worker_name_ != wanted) return false;
  worker_name_ = wanted;
  return true;
}

std::string TransportElement::worker_name() const {
  const std::lock_guard lock(mutex_);
  return worker_name_;
}

Result<SharedWorkerRef> TransportElement::TakeWorker() {
  const std::lock_guard lock(mutex_);
  if (worker_ != nullptr) return worker_;
  auto worker = AcquireWorker(worker_name_);
  if (worker) worker_ = worker.value();
  return worker;
}

SharedWorkerRef TransportElement::worker() const {
  const std::lock_guard lock(mutex_);
  return worker_;
}

bool TransportElement::Post(Task task) {
  const SharedWorkerRef shared = worker();
  if (shared == nullptr) return false;
  return shared->worker->Post(
      [self = ElementRef(element_), shared, task = std::move(task)]() mutable { task(); });
}

GstPad* TransportElement::RequestPad(GstPadTemplate* templ, const char* name) {
  if (const auto worker = TakeWorker(); !worker) {
    GST_ERROR_OBJECT(element_, "%s", worker.error().ToString().c_str());
    return nullptr;
  }
  if (g_str_has_prefix(GST_PAD_TEMPLATE_NAME_TEMPLATE(templ), "rtcp_")) {
    return AddRtcpPad(templ, name);
  }
  return GST_PAD_TEMPLATE_DIRECTION(templ) == GST_PAD_SINK ? AddSenderPad(templ, name)
                                                           : AddReceiverPad(templ, name);
}

GstPad* TransportElement::AddReceiverPad(GstPadTemplate* templ, const char* name) {
  GstSfuReceiverPad* pad = nullptr;
  {
    const std::lock_guard lock(mutex_);
    pad = NewReceiverPadLocked(templ, name, false);
  }
  if (pad == nullptr) return nullptr;
  AddElementPad(element_, GST_PAD_CAST(pad));
  return GST_PAD_CAST(pad);
}

GstSfuReceiverPad* TransportElement::NewReceiverPadLocked(GstPadTemplate* templ, const char* name,
                                                          bool found) {
  const auto number = src_numbers_.Take(name);
  if (!number) return nullptr;
  auto* pad = GST_SFU_RECEIVER_PAD(g_object_new(GST_TYPE_SFU_RECEIVER_PAD, "name",
                                                src_numbers_.NameOf(*number).c_str(), "direction",
                                                GST_PAD_SRC, "template", templ, nullptr));
  pad->state->number = *number;
  pad->state->found = found;
  pad->state->owner = this;
  PortOf(&pad->parent).SetWorker(worker_);
  receivers_.push_back(pad);
  return pad;
}

GstPad* TransportElement::AddSenderPad(GstPadTemplate* templ, const char* name) {
  GstSfuSenderPad* pad = nullptr;
  {
    const std::lock_guard lock(mutex_);
    pad = NewSenderPadLocked(templ, name);
  }
  if (pad == nullptr) return nullptr;
  AddElementPad(element_, GST_PAD_CAST(pad));
  return GST_PAD_CAST(pad);
}

GstSfuSenderPad* TransportElement::NewSenderPadLocked(GstPadTemplate* templ, const char* name) {
  const auto number = sink_numbers_.Take(name);
  if (!number) return nullptr;
  auto* pad = GST_SFU_SENDER_PAD(g_object_new(GST_TYPE_SFU_SENDER_PAD, "name",
                                              sink_numbers_.NameOf(*number).c_str(), "direction",
                                              GST_PAD_SINK, "template", templ, nullptr));
  pad->state->number = *number;
  pad->state->owner = this;
  PortOf(&pad->parent).Attach(worker_, this);
  PortOf(&pad->parent).SetPlaying(playing_);
  senders_.push_back(pad);
  // Without the flag the pipeline would not wait for the end of what we send.
  GST_OBJECT_FLAG_SET(element_, GST_ELEMENT_FLAG_SINK);
  return pad;
}

void TransportElement::DropPad(GstPad* pad) {
  const std::lock_guard lock(mutex_);
  if (GST_PAD_IS_SINK(pad)) {
    std::erase(senders_, GST_SFU_SENDER_PAD(pad));
    sink_numbers_.GiveBack(GST_SFU_SENDER_PAD(pad)->state->number);
    if (senders_.empty()) GST_OBJECT_FLAG_UNSET(element_, GST_ELEMENT_FLAG_SINK);
  } else {
    std::erase(receivers_, GST_SFU_RECEIVER_PAD(pad));
    std::erase(found_, GST_SFU_RECEIVER_PAD(pad));
    src_numbers_.GiveBack(GST_SFU_RECEIVER_PAD(pad)->state->number);
  }
}

void TransportElement::ReleasePad(GstPad* pad) {
  if (g_str_has_prefix(GST_PAD_NAME(pad), "rtcp_")) {
    ReleaseRtcpPad(pad);
    return;
  }
  const PadRef keep(pad);
  gst_pad_set_active(pad, FALSE);
  control_.Forget(pad);
  DropPad(pad);
  Post([this, keep] {
    if (GST_PAD_IS_SINK(keep.get())) {
      RemoveSender(GST_SFU_SENDER_PAD(keep.get()));
      CheckEos();
    } else {
      RemoveReceiver(GST_SFU_RECEIVER_PAD(keep.get()));
    }
  });
  worker()->worker->PostAndWait([] {});
  RemoveElementPad(element_, pad);
}

void TransportElement::EndRun() {
  const std::lock_guard lock(mutex_);
  open_ = false;
  ++run_;
}

unsigned TransportElement::run() const {
  const std::lock_guard lock(mutex_);
  return run_;
}

void TransportElement::AddFoundPad(const GstCaps* caps, unsigned run) {
  GstPadTemplate* templ =
      gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(element_), "src_%u");
  PadRef pad;
  {
    const std::lock_guard lock(mutex_);
    const auto have = std::count_if(receivers_.begin(), receivers_.end(),
                                    [](const auto* other) { return other->state->found; });
    if (run != run_ || !open_ || static_cast<size_t>(have) >= kMaxFoundPads) return;
    pad = PadRef(GST_PAD_CAST(NewReceiverPadLocked(templ, nullptr, true)));
  }
  GstSfuReceiverPad* receiver = GST_SFU_RECEIVER_PAD(pad.get());
  std::ignore = SetReceiverCaps(receiver, caps);
  gst_pad_set_active(pad.get(), TRUE);
  PortOf(&receiver->parent).AnnounceCaps();
  AddElementPad(element_, pad.get());
  {
    const std::lock_guard lock(mutex_);
    if (run == run_) {
      found_.push_back(receiver);
      return;
    }
  }
  // Meanwhile the element was stopped.
  ReleasePad(pad.get());
}

void TransportElement::RemoveFoundPads() {
  std::vector<PadRef> pads;
  {
    const std::lock_guard lock(mutex_);
    for (GstSfuReceiverPad* pad : found_) pads.emplace_back(GST_PAD_CAST(pad));
    found_.clear();
  }
  for (const PadRef& pad : pads) ReleasePad(pad.get());
}

void TransportElement::SetPlaying(bool playing) {
  {
    const std::lock_guard lock(mutex_);
    playing_ = playing;
  }
  for (const auto& pad : Snapshot(senders_)) PortOf(&pad.get()->parent).SetPlaying(playing);
  for (const auto& pad : Snapshot(receivers_)) {
    Post([pad, playing] {
      PortOf(&pad.get()->parent).SetFlowing(playing);
      if (playing && pad.get()->state->source != nullptr) {
        pad.get()->state->source->RequestKeyFrame(Worker::Now());
      }
    });
  }
}

void TransportElement::EndStreams() {
  for (const auto& pad : Snapshot(receivers_)) PortOf(&pad.get()->parent).EndOfStream();
}

// What comes in is live and goes out at once: only those who feed the sink pads have a say.
bool TransportElement::AnswerLatency(GstQuery* query) {
  bool live = false;
  GstClockTime min = 0;
  GstClockTime max = GST_CLOCK_TIME_NONE;
  for (const auto& pad : Snapshot(senders_)) {
    GstQuery* peer = gst_query_new_latency();
    if (gst_pad_peer_query(GST_PAD_CAST(pad.get()), peer)) {
      gboolean peer_live = FALSE;
      GstClockTime peer_min = 0;
      GstClockTime peer_max = 0;
      gst_query_parse_latency(peer, &peer_live, &peer_min, &peer_max);
      live = live || peer_live;
      if (peer_live) min = std::max(min, peer_min);
      if (peer_live) max = std::min(max, peer_max);
    }
    gst_query_unref(peer);
  }
  gst_query_set_latency(query, live, min, max);
  return true;
}

void TransportElement::Warn(const Error& error) {
  const std::string text = error.ToString();
  GST_ELEMENT_WARNING(element_, RESOURCE, SETTINGS, ("%s", text.c_str()), (nullptr));
}

}  // namespace sfu::gst

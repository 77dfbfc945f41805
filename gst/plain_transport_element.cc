// Pads and states of plaintransport's inside; its streams are in plain_transport_streams.cc.
#include "plain_transport_element.h"

#include <algorithm>
#include <utility>

#include "element_pads.h"
#include "net/entropy.h"

namespace sfu::gst {
namespace {}  // namespace

bool PlainTransportElement::SetSetting(guint id, const GValue* value) {
  bool reconnect = false;
  {
    const std::lock_guard lock(mutex_);
    if (!gst::SetSetting(&settings_, id, value)) return false;
    reconnect = open_;
  }
  if (reconnect && id >= kPlainRemoteAddress) Reconnect();
  return true;
}

bool PlainTransportElement::GetSetting(guint id, GValue* value) const {
  const std::lock_guard lock(mutex_);
  return gst::GetSetting(settings_, id, value);
}

bool PlainTransportElement::SetWorkerName(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const std::string wanted = name.empty() ? kDefaultWorker : name;
  if (worker_ != nullptr && worker_name_ != wanted) return false;
  worker_name_ = wanted;
  return true;
}

std::string PlainTransportElement::worker_name() const {
  const std::lock_guard lock(mutex_);
  return worker_name_;
}

guint PlainTransportElement::local_port() const {
  const std::lock_guard lock(mutex_);
  return local_rtp_.port();
}

guint PlainTransportElement::local_rtcp_port() const {
  const std::lock_guard lock(mutex_);
  return local_rtcp_.port();
}

bool PlainTransportElement::AcquireWorkerLocked(std::string* error) {
  if (worker_ != nullptr) return true;
  auto worker = AcquireWorker(worker_name_);
  if (!worker) {
    *error = worker.error().ToString();
    return false;
  }
  worker_ = std::move(worker).value();
  return true;
}

// The task keeps the element, and with it this object.
bool PlainTransportElement::Post(Task task) {
  SharedWorkerRef worker;
  {
    const std::lock_guard lock(mutex_);
    worker = worker_;
  }
  if (worker == nullptr) return false;
  return worker->worker->Post(
      [self = ElementRef(element_), worker, task = std::move(task)]() mutable { task(); });
}

GstPad* PlainTransportElement::RequestPad(GstPadTemplate* templ, const char* name) {
  {
    const std::lock_guard lock(mutex_);
    std::string error;
    if (!AcquireWorkerLocked(&error)) {
      GST_ERROR_OBJECT(element_, "%s", error.c_str());
      return nullptr;
    }
  }
  if (g_str_has_prefix(GST_PAD_TEMPLATE_NAME_TEMPLATE(templ), "rtcp_")) {
    return AddRtcpPad(templ, name);
  }
  return GST_PAD_TEMPLATE_DIRECTION(templ) == GST_PAD_SINK ? AddSenderPad(templ, name)
                                                           : AddReceiverPad(templ, name);
}

GstPad* PlainTransportElement::AddReceiverPad(GstPadTemplate* templ, const char* name) {
  GstSfuReceiverPad* pad = nullptr;
  {
    const std::lock_guard lock(mutex_);
    pad = NewReceiverPadLocked(templ, name, false);
  }
  if (pad == nullptr) return nullptr;
  AddElementPad(element_, GST_PAD_CAST(pad));
  return GST_PAD_CAST(pad);
}

GstSfuReceiverPad* PlainTransportElement::NewReceiverPadLocked(GstPadTemplate* templ,
                                                               const char* name, bool found) {
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

GstPad* PlainTransportElement::AddSenderPad(GstPadTemplate* templ, const char* name) {
  GstSfuSenderPad* pad = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto number = sink_numbers_.Take(name);
    if (!number) return nullptr;
    pad = GST_SFU_SENDER_PAD(g_object_new(GST_TYPE_SFU_SENDER_PAD, "name",
                                          sink_numbers_.NameOf(*number).c_str(), "direction",
                                          GST_PAD_SINK, "template", templ, nullptr));
    pad->state->number = *number;
    PortOf(&pad->parent).Attach(worker_, this);
    PortOf(&pad->parent).SetPlaying(playing_);
    senders_.push_back(pad);
  }
  // Without the flag the pipeline would not wait for the end of what we send.
  GST_OBJECT_FLAG_SET(element_, GST_ELEMENT_FLAG_SINK);
  AddElementPad(element_, GST_PAD_CAST(pad));
  return GST_PAD_CAST(pad);
}

void PlainTransportElement::ReleasePad(GstPad* pad) {
  if (g_str_has_prefix(GST_PAD_NAME(pad), "rtcp_")) {
    ReleaseRtcpPad(pad);
    return;
  }
  const PadRef keep(pad);
  gst_pad_set_active(pad, FALSE);
  SharedWorkerRef worker;
  {
    const std::lock_guard lock(mutex_);
    worker = worker_;
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
  Post([this, keep] {
    if (GST_PAD_IS_SINK(keep.get())) {
      RemoveSender(GST_SFU_SENDER_PAD(keep.get()));
      CheckEos();
    } else {
      RemoveReceiver(GST_SFU_RECEIVER_PAD(keep.get()));
    }
  });
  worker->worker->PostAndWait([] {});
  RemoveElementPad(element_, pad);
}

bool PlainTransportElement::Open() {
  PlainTransportSettings settings;
  SharedWorkerRef worker;
  std::string error;
  {
    const std::lock_guard lock(mutex_);
    if (AcquireWorkerLocked(&error)) worker = worker_;
    settings = settings_;
  }
  auto options = HostOptions(settings);
  auto peer = ConnectOptions(settings);
  if (!options) error = options.error().ToString();
  if (!peer) error = peer.error().ToString();
  if (error.empty()) {
    worker->worker->PostAndWait([&] {
      if (Status bound = Bind(options.value(), peer.value()); !bound) {
        error = bound.error().ToString();
      }
    });
  }
  if (!error.empty()) {
    GST_ELEMENT_ERROR(element_, RESOURCE, OPEN_READ_WRITE, ("%s", error.c_str()), (nullptr));
    return false;
  }
  return true;
}

void PlainTransportElement::Close() {
  SharedWorkerRef worker;
  {
    const std::lock_guard lock(mutex_);
    open_ = false;
    ++run_;
    worker = worker_;
    local_rtp_ = local_rtcp_ = SocketAddress();
  }
  if (worker == nullptr) return;
  // On the Worker itself (a probe that stops the pipeline) the transport may be in the middle of a
  // batch: it goes in a round of its own.
  Post([this] {
    for (const auto& pad : Snapshot(receivers_)) RemoveReceiver(pad.get());
    for (const auto& pad : Snapshot(senders_)) RemoveSender(pad.get());
    score_timer_.reset();
    host_.reset();
  });
  worker->worker->PostAndWait([] {});
  RemoveFoundPads();
}

void PlainTransportElement::SetPlaying(bool playing) {
  {
    const std::lock_guard lock(mutex_);
    playing_ = playing;
  }
  for (const auto& pad : Snapshot(senders_)) PortOf(&pad.get()->parent).SetPlaying(playing);
  for (const auto& pad : Snapshot(receivers_)) {
    Post([pad, playing] {
      PortOf(&pad.get()->parent).SetFlowing(playing);
      if (playing && pad.get()->state->receiver != nullptr) {
        pad.get()->state->receiver->RequestKeyFrame(Worker::Now());
      }
    });
  }
}

void PlainTransportElement::EndStreams() {
  for (const auto& pad : Snapshot(receivers_)) PortOf(&pad.get()->parent).EndOfStream();
}

// What comes in is live and goes out at once: only those who feed the sink pads have a say.
bool PlainTransportElement::AnswerLatency(GstQuery* query) {
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

void PlainTransportElement::Warn(const Error& error) {
  const std::string text = error.ToString();
  GST_ELEMENT_WARNING(element_, RESOURCE, SETTINGS, ("%s", text.c_str()), (nullptr));
}

}  // namespace sfu::gst

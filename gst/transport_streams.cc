// What a transport does on its Worker: one core stream per pad.
#include <utility>

#include "call_later.h"
#include "transport_element.h"

namespace sfu::gst {

void TransportElement::StartStreams() {
  {
    const std::lock_guard lock(mutex_);
    open_ = true;
  }
  StartScores();
  for (const auto& pad : Snapshot(receivers_)) AddReceiver(pad.get());
  for (const auto& pad : Snapshot(senders_)) AddSender(pad.get());
}

void TransportElement::StopStreams() {
  for (const auto& pad : Snapshot(receivers_)) RemoveReceiver(pad.get());
  for (const auto& pad : Snapshot(senders_)) RemoveSender(pad.get());
  score_timer_.reset();
}

void TransportElement::AddReceiver(GstSfuReceiverPad* pad) {
  ReceiverPadState& state = *pad->state;
  if (!HasCore() || state.receiver != nullptr) return;
  CapsRef caps;
  {
    const std::lock_guard lock(state.mutex);
    caps = state.caps;
  }
  if (!caps) return;
  const auto info = ReadCaps(caps.get());
  if (!info) return;
  RtpReceiverOptions options;
  options.codec = info.value().codec;
  options.ssrc = info.value().ssrc;
  options.one_of_several = state.found;
  auto added = AddCoreReceiver(options);
  if (!added) {
    WarnLater(element_, GST_PAD_NAME(pad), added.error());
    return;
  }
  state.receiver = added.value();
  state.told_score.reset();
  SrcPort& port = PortOf(&pad->parent);
  state.receiver->SetSink(&port);
  port.SetSource(state.receiver);
  state.receiver->SetRtcpListener(
      [this, number = state.number](ByteView compound) { TellNeighbour(number, compound); });
  const std::lock_guard lock(mutex_);
  port.SetFlowing(playing_);
}

void TransportElement::RemoveReceiver(GstSfuReceiverPad* pad) {
  RtpReceiver* receiver = std::exchange(pad->state->receiver, nullptr);
  if (receiver == nullptr) return;
  receiver->SetSink(nullptr);
  PortOf(&pad->parent).SetSource(nullptr);
  if (HasCore()) RemoveCoreReceiver(receiver);
}

void TransportElement::ApplyReceiverCaps(GstSfuReceiverPad* pad) {
  Post([this, keep = ObjectRef<GstSfuReceiverPad>(pad)] {
    RemoveReceiver(keep.get());
    AddReceiver(keep.get());
  });
}

void TransportElement::AddSender(GstSfuSenderPad* pad) {
  SenderPadState& state = *pad->state;
  if (!HasCore() || state.sender != nullptr) return;
  RtpSenderOptions options;
  {
    const std::lock_guard lock(state.mutex);
    if (!state.info) return;
    options.codec = state.info->codec;
    options.repair_share = state.repair_share;
  }
  // A plain peer says nothing of what it understands: it may ask for all.
  options.codec.feedback = RtcpFeedback{.nack = true, .nack_pli = true, .ccm_fir = true};
  auto added = AddCoreSender(options);
  if (!added) {
    WarnLater(element_, GST_PAD_NAME(pad), added.error());
    return;
  }
  state.sender = added.value();
  state.told_score.reset();
  SinkPort& port = PortOf(&pad->parent);
  state.sender->SetSource(&port);
  state.sender->SetRtcpListener(
      [this, number = state.number](ByteView compound) { TellNeighbour(number, compound); });
  port.SetCoreSink(state.sender);
  port.SetCodec(options.codec);
}

void TransportElement::RemoveSender(GstSfuSenderPad* pad) {
  RtpSender* sender = std::exchange(pad->state->sender, nullptr);
  if (sender == nullptr) return;
  PortOf(&pad->parent).SetCoreSink(nullptr);
  sender->SetSource(nullptr);
  if (HasCore()) RemoveCoreSender(sender);
}

void TransportElement::OnCaps(SinkPort& port, const CapsInfo& info, const GstCaps*) {
  auto* pad = GST_SFU_SENDER_PAD(port.pad());
  {
    const std::lock_guard lock(pad->state->mutex);
    pad->state->info = info;
  }
  Post([this, keep = ObjectRef<GstSfuSenderPad>(pad), codec = info.codec] {
    keep.get()->state->ended = false;
    const RtpSender* sender = keep.get()->state->sender;
    const bool same = sender != nullptr && sender->codec().payload_type == codec.payload_type &&
                      sender->codec().encoding_name == codec.encoding_name &&
                      sender->codec().clock_rate == codec.clock_rate;
    if (same) return;
    RemoveSender(keep.get());
    AddSender(keep.get());
  });
}

void TransportElement::OnEos(SinkPort& port) {
  GST_SFU_SENDER_PAD(port.pad())->state->ended = true;
  CheckEos();
}

void TransportElement::OnStreamStart(SinkPort& port) {
  GST_SFU_SENDER_PAD(port.pad())->state->ended = false;
}

void TransportElement::CheckEos() {
  const auto pads = Snapshot(senders_);
  if (pads.empty()) return;
  for (const auto& pad : pads) {
    if (!pad.get()->state->ended) return;
  }
  PostLater(element_, gst_message_new_eos(GST_OBJECT_CAST(element_)));
}

GstStructure* TransportElement::Stats() {
  GstStructure* all = NewStats();
  gst_structure_set(all, "worker", G_TYPE_STRING, worker_name().c_str(), nullptr);
  if (const SharedWorkerRef shared = worker(); shared != nullptr) {
    shared->worker->PostAndWait([this, all] {
      if (HasCore()) AddCoreStats(all);
    });
  }
  const auto add = [all](GstPad* pad) {
    GstStructure* stats = nullptr;
    g_object_get(pad, "stats", &stats, nullptr);
    gst_structure_set(all, GST_PAD_NAME(pad), GST_TYPE_STRUCTURE, stats, nullptr);
    gst_structure_free(stats);
  };
  for (const auto& pad : Snapshot(receivers_)) add(GST_PAD_CAST(pad.get()));
  for (const auto& pad : Snapshot(senders_)) add(GST_PAD_CAST(pad.get()));
  return all;
}

}  // namespace sfu::gst

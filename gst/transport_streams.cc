// What a transport does on its Worker: one core stream per pad.
#include <optional>
#include <utility>

#include "call_later.h"
#include "ortc/stream_mapping.h"
#include "transport_element.h"

namespace sfu::gst {
namespace {

// As negotiated, or as the caps say. Nothing while nothing is known.
std::optional<RtpReceiverOptions> ReceiverOptions(ReceiverPadState& state) {
  RtpReceiverOptions options;
  options.one_of_several = state.found;
  if (state.produced != nullptr) {
    const ortc::RtpParameters& parameters = state.produced->description.parameters;
    const auto stream = ortc::DescribeStream(parameters, 0);
    if (!stream) return std::nullopt;
    options.codec = stream.value().codec;
    options.codec.extensions = ortc::ExtensionIdsOf(parameters.header_extensions);
    options.ssrc = stream.value().ssrc;
    options.rtx_ssrc = stream.value().rtx_ssrc;
    options.mid = parameters.mid;
    options.rid = stream.value().rid;
    return options;
  }
  const std::lock_guard lock(state.mutex);
  if (!state.caps) return std::nullopt;
  const auto info = ReadCaps(state.caps.get());
  if (!info) return std::nullopt;
  options.codec = info.value().codec;
  options.ssrc = info.value().ssrc;
  return options;
}

// `source`: what the pad is fed with. The error says that this is not what was negotiated.
Result<RtpSenderOptions> SenderOptions(const SenderPadState& state, const RtpCodec& source) {
  RtpSenderOptions options;
  if (state.consumed == nullptr) {
    options.codec = source;
    // A plain peer says nothing of what it understands: it may ask for all.
    options.codec.feedback = RtcpFeedback{.nack = true, .nack_pli = true, .ccm_fir = true};
    return options;
  }
  const ortc::RtpParameters& parameters = state.consumed->parameters;
  const auto stream = ortc::DescribeStream(parameters, 0);
  if (!stream) return stream.error();
  options.codec = stream.value().codec;
  if (g_ascii_strcasecmp(options.codec.encoding_name.c_str(), source.encoding_name.c_str()) != 0) {
    return Error{"caps", "must be of " + options.codec.encoding_name + ", which was negotiated"};
  }
  options.codec.extensions = ortc::ExtensionIdsOf(parameters.header_extensions);
  options.ssrc = stream.value().ssrc;
  options.rtx_ssrc = stream.value().rtx_ssrc;
  options.extensions = ExtensionBlock::kNegotiated;
  options.mid = parameters.mid;
  return options;
}

}  // namespace

void TransportElement::StartStreams() {
  {
    const std::lock_guard lock(mutex_);
    open_ = true;
  }
  StartScores();
  for (const auto& pad : Snapshot(receivers_)) {
    WarnOf(GST_PAD_CAST(pad.get()), AddReceiver(pad.get()));
  }
  for (const auto& pad : Snapshot(senders_)) {
    WarnOf(GST_PAD_CAST(pad.get()), AddSender(pad.get()));
  }
}

void TransportElement::StopStreams() {
  for (const auto& pad : Snapshot(receivers_)) RemoveReceiver(pad.get());
  for (const auto& pad : Snapshot(senders_)) RemoveSender(pad.get());
  score_timer_.reset();
}

void TransportElement::WarnOf(GstPad* pad, const Status& status) {
  if (!status) WarnLater(element_, GST_PAD_NAME(pad), status.error());
}

Status TransportElement::AddReceiver(GstSfuReceiverPad* pad) {
  ReceiverPadState& state = *pad->state;
  if (core() == nullptr || state.receiver != nullptr) return OkStatus();
  const auto options = ReceiverOptions(state);
  if (!options) return OkStatus();
  auto added = core()->AddReceiver(*options);
  if (!added) return added.error();
  state.receiver = added.value();
  state.told_score.reset();
  SrcPort& port = PortOf(&pad->parent);
  state.receiver->SetSink(&port);
  port.SetSource(state.receiver);
  state.receiver->SetRtcpListener(
      [this, number = state.number](ByteView compound) { TellNeighbour(number, compound); });
  const std::lock_guard lock(mutex_);
  port.SetFlowing(playing_);
  return OkStatus();
}

void TransportElement::RemoveReceiver(GstSfuReceiverPad* pad) {
  RtpReceiver* receiver = std::exchange(pad->state->receiver, nullptr);
  if (receiver == nullptr) return;
  receiver->SetSink(nullptr);
  PortOf(&pad->parent).SetSource(nullptr);
  if (core() != nullptr) core()->RemoveReceiver(receiver);
}

void TransportElement::ApplyReceiverCaps(GstSfuReceiverPad* pad) {
  Post([this, keep = ObjectRef<GstSfuReceiverPad>(pad)] {
    RemoveReceiver(keep.get());
    WarnOf(GST_PAD_CAST(keep.get()), AddReceiver(keep.get()));
  });
}

Status TransportElement::AddSender(GstSfuSenderPad* pad) {
  SenderPadState& state = *pad->state;
  if (core() == nullptr || state.sender != nullptr) return OkStatus();
  RtpCodec source;
  double repair_share = 0;
  {
    const std::lock_guard lock(state.mutex);
    if (!state.info) return OkStatus();
    source = state.info->codec;
    repair_share = state.repair_share;
  }
  auto options = SenderOptions(state, source);
  if (!options) return options.error();
  options.value().repair_share = repair_share;
  auto added = core()->AddSender(options.value());
  if (!added) return added.error();
  state.sender = added.value();
  state.source = source;
  state.told_score.reset();
  SinkPort& port = PortOf(&pad->parent);
  state.sender->SetSource(&port);
  state.sender->SetRtcpListener(
      [this, number = state.number](ByteView compound) { TellNeighbour(number, compound); });
  port.SetCoreSink(state.sender);
  port.SetCodec(source);
  return OkStatus();
}

void TransportElement::RemoveSender(GstSfuSenderPad* pad) {
  RtpSender* sender = std::exchange(pad->state->sender, nullptr);
  if (sender == nullptr) return;
  PortOf(&pad->parent).SetCoreSink(nullptr);
  sender->SetSource(nullptr);
  if (core() != nullptr) core()->RemoveSender(sender, Worker::Now());
}

void TransportElement::OnCaps(SinkPort& port, const CapsInfo& info, const GstCaps*) {
  auto* pad = GST_SFU_SENDER_PAD(port.pad());
  {
    const std::lock_guard lock(pad->state->mutex);
    pad->state->info = info;
  }
  Post([this, keep = ObjectRef<GstSfuSenderPad>(pad), codec = info.codec] {
    keep.get()->state->ended = false;
    const RtpCodec& source = keep.get()->state->source;
    const bool same =
        keep.get()->state->sender != nullptr && source.payload_type == codec.payload_type &&
        source.encoding_name == codec.encoding_name && source.clock_rate == codec.clock_rate;
    if (same) return;
    RemoveSender(keep.get());
    WarnOf(GST_PAD_CAST(keep.get()), AddSender(keep.get()));
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
      if (core() != nullptr) AddCoreStats(all);
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

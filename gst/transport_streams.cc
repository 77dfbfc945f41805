// What a transport does on its Worker: one core stream per pad.
#include <optional>
#include <utility>

#include "call_later.h"
#include "ortc/stream_mapping.h"
#include "transport_element.h"

namespace sfu::gst {
namespace {

// One per encoding.
Result<std::vector<RtpReceiverOptions>> NegotiatedReceivers(const ortc::RtpParameters& parameters) {
  std::vector<RtpReceiverOptions> all;
  for (size_t i = 0; i < parameters.encodings.size(); ++i) {
    const auto stream = ortc::DescribeStream(parameters, i);
    if (!stream) return stream.error();
    RtpReceiverOptions& options = all.emplace_back();
    options.codec = stream.value().codec;
    options.codec.extensions = ortc::ExtensionIdsOf(parameters.header_extensions);
    options.ssrc = stream.value().ssrc;
    options.rtx_ssrc = stream.value().rtx_ssrc;
    options.mid = parameters.mid;
    options.rid = stream.value().rid;
    options.encoding = static_cast<uint8_t>(i);
  }
  return all;
}

// As negotiated, or as the caps say. None while nothing is known.
Result<std::vector<RtpReceiverOptions>> ReceiverOptions(ReceiverPadState& state) {
  if (state.produced != nullptr) {
    return NegotiatedReceivers(state.produced->description.parameters);
  }
  std::vector<RtpReceiverOptions> all;
  const std::lock_guard lock(state.mutex);
  const auto info = state.caps ? ReadCaps(state.caps.get()) : Error{"caps", "are not known"};
  if (!info) return all;
  RtpReceiverOptions& options = all.emplace_back();
  options.one_of_several = state.found;
  options.codec = info.value().codec;
  options.ssrc = info.value().ssrc;
  return all;
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
  if (core() == nullptr || !state.receivers.empty()) return OkStatus();
  const auto options = ReceiverOptions(state);
  if (!options) return options.error();
  for (const RtpReceiverOptions& one : options.value()) {
    auto added = core()->AddReceiver(one);
    if (!added) {
      RemoveReceiver(pad);
      return added.error();
    }
    state.receivers.push_back(added.value());
  }
  if (state.receivers.empty()) return OkStatus();
  state.told_score.reset();
  state.told_orientation.reset();
  TracePad(GST_PAD_CAST(pad));
  WatchOrientation(pad);
  SrcPort& port = PortOf(&pad->parent);
  state.source = std::make_unique<EncodingGroup>(state.receivers);
  state.source->SetSink(&port);
  if (state.receivers.size() > 1) {
    port.SetSimulcastSource(state.source.get(), options.value()[0].codec,
                            ChosenSsrc(*state.produced));
  } else {
    port.SetSource(state.source.get());
    state.receivers[0]->SetRtcpListener(
        [this, number = state.number](ByteView compound) { TellNeighbour(number, compound); });
  }
  const std::lock_guard lock(mutex_);
  port.SetFlowing(playing_);
  return OkStatus();
}

void TransportElement::RemoveReceiver(GstSfuReceiverPad* pad) {
  ReceiverPadState& state = *pad->state;
  if (state.source != nullptr) {
    state.source->SetSink(nullptr);
    PortOf(&pad->parent).SetSource(nullptr);
    state.source.reset();
  }
  for (RtpReceiver* receiver : std::exchange(state.receivers, {})) {
    if (core() != nullptr) core()->RemoveReceiver(receiver);
  }
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
  Ssrc chosen = 0;
  bool several = false;
  double repair_share = 0;
  {
    const std::lock_guard lock(state.mutex);
    if (!state.info) return OkStatus();
    source = state.info->codec;
    chosen = state.info->ssrc;
    several = state.info->encodings > 1;
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
  TracePad(GST_PAD_CAST(pad));
  SinkPort& port = PortOf(&pad->parent);
  state.sender->SetRtcpListener(
      [this, number = state.number](ByteView compound) { TellNeighbour(number, compound); });
  if (several) {
    state.choice = std::make_unique<EncodingChoice>(worker()->worker->timers(), source, chosen,
                                                    &port, state.sender);
    state.sender->SetSource(&state.choice->source());
    port.SetCoreSink(state.choice.get());
  } else {
    state.sender->SetSource(&port);
    port.SetCoreSink(state.sender);
  }
  port.SetCodec(source);
  return OkStatus();
}

void TransportElement::RemoveSender(GstSfuSenderPad* pad) {
  RtpSender* sender = std::exchange(pad->state->sender, nullptr);
  if (sender == nullptr) return;
  PortOf(&pad->parent).SetCoreSink(nullptr);
  sender->SetSource(nullptr);
  pad->state->choice.reset();
  if (core() != nullptr) core()->RemoveSender(sender, Worker::Now());
}

void TransportElement::OnCaps(SinkPort& port, const CapsInfo& info, const GstCaps*) {
  auto* pad = GST_SFU_SENDER_PAD(port.pad());
  {
    const std::lock_guard lock(pad->state->mutex);
    pad->state->info = info;
  }
  Post([this, keep = ObjectRef<GstSfuSenderPad>(pad), codec = info.codec,
        several = info.encodings > 1] {
    keep.get()->state->ended = false;
    const RtpCodec& source = keep.get()->state->source;
    const bool same =
        keep.get()->state->sender != nullptr && several == (keep.get()->state->choice != nullptr) &&
        source.payload_type == codec.payload_type && source.encoding_name == codec.encoding_name &&
        source.clock_rate == codec.clock_rate;
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

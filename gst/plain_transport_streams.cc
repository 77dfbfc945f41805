// What plaintransport does on its Worker: sockets, and one core stream per pad.
#include <algorithm>
#include <functional>
#include <utility>

#include "net/entropy.h"
#include "plain_transport_element.h"
#include "worker_stats.h"

namespace sfu::gst {
namespace {

// Runs on a thread that may wait: application code may be called there. The element stays.
void CallLater(GstElement* element, std::function<void()> call) {
  gst_element_call_async(
      element, [](GstElement*, gpointer data) { (*static_cast<std::function<void()>*>(data))(); },
      new std::function<void()>(std::move(call)),
      [](gpointer data) { delete static_cast<std::function<void()>*>(data); });
}

// Application code may stand behind the bus.
void PostLater(GstElement* element, GstMessage* message) {
  CallLater(element, [element, message] { gst_element_post_message(element, message); });
}

// `pad`: its name; "" if it is about the whole.
void WarnLater(GstElement* element, const char* pad, const Error& error) {
  const std::string text = (*pad == '\0' ? "" : std::string(pad) + ": ") + error.ToString();
  GError* gerror =
      g_error_new_literal(GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS, text.c_str());
  PostLater(element, gst_message_new_warning(GST_OBJECT_CAST(element), gerror, nullptr));
  g_error_free(gerror);
}

// The core's names of fields are not those of properties: "local" is two of them, and ours have
// hyphens.
Error InLocalProperties(Error error, const PlainTransportHostOptions& options) {
  if (error.field == "local") error.field = "address, port (" + options.rtp.local.ToString() + ")";
  if (error.field == "rtcpPort") error.field = "rtcp-port";
  std::replace(error.field.begin(), error.field.end(), '_', '-');
  return error;
}

Error InRemoteProperties(Error error) {
  if (error.field == "ip") error.field = "remote-address";
  if (error.field == "port") error.field = "remote-port";
  if (error.field == "rtcpPort") error.field = "remote-rtcp-port";
  if (error.field == "srtpParameters") error.field = "local- and remote-srtp-parameters";
  return error;
}

}  // namespace

Status PlainTransportElement::Bind(const PlainTransportHostOptions& options,
                                   const std::optional<PlainConnectOptions>& peer) {
  if (host_ != nullptr) return OkStatus();
  auto host = PlainTransportHost::Create(*worker_->worker, options, &worker_->pool, EntropySeed(),
                                         worker_->ntp);
  if (!host) return InLocalProperties(host.error(), options);
  if (peer) {
    if (Status connected = host.value()->Connect(*peer); !connected) {
      return InRemoteProperties(connected.error());
    }
  }
  host_ = std::move(host).value();
  if (options.transport.comedia) {
    // The application is asked what it is: on a thread that may wait.
    host_->transport().SetUnknownStreamListener([this](Ssrc, uint8_t payload_type) {
      unsigned run = 0;
      {
        const std::lock_guard lock(mutex_);
        run = run_;
      }
      CallLater(element_, [this, payload_type, run] { OfferStream(payload_type, run); });
    });
  }
  {
    const std::lock_guard lock(mutex_);
    open_ = true;
    local_rtp_ = host_->local_rtp();
    local_rtcp_ = host_->local_rtcp();
  }
  StartScores();
  for (const auto& pad : Snapshot(receivers_)) AddReceiver(pad.get());
  for (const auto& pad : Snapshot(senders_)) AddSender(pad.get());
  return OkStatus();
}

void PlainTransportElement::Reconnect() {
  PlainTransportSettings settings;
  {
    const std::lock_guard lock(mutex_);
    settings = settings_;
  }
  // Address and port are set one after the other: half a peer is none.
  if (settings.remote_address.empty() || settings.remote_port == 0) return;
  const auto peer = ConnectOptions(settings);
  if (!peer) {
    Warn(peer.error());
    return;
  }
  Post([this, options = peer.value()] {
    if (host_ == nullptr || !options) return;
    if (Status status = host_->Connect(*options); !status) {
      WarnLater(element_, "", InRemoteProperties(status.error()));
    }
  });
}

void PlainTransportElement::AddReceiver(GstSfuReceiverPad* pad) {
  ReceiverPadState& state = *pad->state;
  if (host_ == nullptr || state.receiver != nullptr) return;
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
  auto added = host_->transport().AddReceiver(options);
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

void PlainTransportElement::RemoveReceiver(GstSfuReceiverPad* pad) {
  RtpReceiver* receiver = std::exchange(pad->state->receiver, nullptr);
  if (receiver == nullptr) return;
  receiver->SetSink(nullptr);
  PortOf(&pad->parent).SetSource(nullptr);
  if (host_ != nullptr) host_->transport().RemoveReceiver(receiver);
}

void PlainTransportElement::ApplyReceiverCaps(GstSfuReceiverPad* pad) {
  Post([this, keep = ObjectRef<GstSfuReceiverPad>(pad)] {
    RemoveReceiver(keep.get());
    AddReceiver(keep.get());
  });
}

void PlainTransportElement::AddSender(GstSfuSenderPad* pad) {
  SenderPadState& state = *pad->state;
  if (host_ == nullptr || state.sender != nullptr) return;
  RtpSenderOptions options;
  {
    const std::lock_guard lock(state.mutex);
    if (!state.info) return;
    options.codec = state.info->codec;
    options.repair_share = state.repair_share;
  }
  // A plain peer says nothing of what it understands: it may ask for all.
  options.codec.feedback = RtcpFeedback{.nack = true, .nack_pli = true, .ccm_fir = true};
  auto added = host_->transport().AddSender(options);
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

void PlainTransportElement::RemoveSender(GstSfuSenderPad* pad) {
  RtpSender* sender = std::exchange(pad->state->sender, nullptr);
  if (sender == nullptr) return;
  PortOf(&pad->parent).SetCoreSink(nullptr);
  sender->SetSource(nullptr);
  if (host_ != nullptr) host_->transport().RemoveSender(sender, Worker::Now());
}

void PlainTransportElement::OnCaps(SinkPort& port, const CapsInfo& info, const GstCaps*) {
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

void PlainTransportElement::OnEos(SinkPort& port) {
  GST_SFU_SENDER_PAD(port.pad())->state->ended = true;
  CheckEos();
}

void PlainTransportElement::OnStreamStart(SinkPort& port) {
  GST_SFU_SENDER_PAD(port.pad())->state->ended = false;
}

void PlainTransportElement::CheckEos() {
  const auto pads = Snapshot(senders_);
  if (pads.empty()) return;
  for (const auto& pad : pads) {
    if (!pad.get()->state->ended) return;
  }
  PostLater(element_, gst_message_new_eos(GST_OBJECT_CAST(element_)));
}

GstStructure* PlainTransportElement::Stats() {
  GstStructure* all = gst_structure_new("application/x-sfu-plain-transport-stats", "worker",
                                        G_TYPE_STRING, worker_name().c_str(), nullptr);
  SharedWorkerRef worker;
  {
    const std::lock_guard lock(mutex_);
    worker = worker_;
    gst_structure_set(all, "localAddress", G_TYPE_STRING, local_rtp_.ToString().c_str(),
                      "localRtcpAddress", G_TYPE_STRING, local_rtcp_.ToString().c_str(), nullptr);
  }
  if (worker != nullptr) {
    worker->worker->PostAndWait([this, all] {
      if (host_ == nullptr) return;
      RtpSessionStats session = host_->transport().session().Stats();
      session.drops += host_->socket_drops();
      AddTransportStats(all, session);
      gst_structure_set(all, "remoteAddress", G_TYPE_STRING,
                        host_->transport().remote().ToString().c_str(), nullptr);
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

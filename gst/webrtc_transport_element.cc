// webrtctransport on its Worker, and what it tells the application.
#include "webrtc_transport_element.h"

#include <tuple>
#include <utility>
#include <vector>

#include "action_answer.h"
#include "dtls/dtls_certificate.h"
#include "end_later.h"
#include "net/entropy.h"
#include "ortc/requests_json.h"
#include "ortc/transport_parameters_json.h"
#include "worker_stats.h"

namespace sfu::gst {
namespace {

ortc::TransportTuple ToOrtc(const IceTuple& tuple) {
  return {.local_address = tuple.local.IpString(),
          .local_port = tuple.local.port(),
          .remote_ip = tuple.remote.IpString(),
          .remote_port = tuple.remote.port(),
          .protocol = tuple.protocol};
}

std::string TupleJson(const std::optional<IceTuple>& tuple) {
  return tuple ? ortc::ToJson(ToOrtc(*tuple)) : std::string();
}

Error Below(const std::string& object, const Error& error) {
  return Error{object + "." + error.field, error.reason};
}

// What a full agent must be told, so that none of it fails once DTLS has begun.
Status CheckRemoteIce(const ortc::WebRtcConnectRequest& request) {
  if (!request.ice) return Error{"iceParameters", "is missing: ice-mode is full"};
  const IceCredentials remote{request.ice->username_fragment, request.ice->password};
  if (Status right = remote.Check(); !right) return Below("iceParameters", right.error());
  for (size_t i = 0; i < request.candidates.size(); ++i) {
    const IceCandidate& candidate = request.candidates[i];
    if (SocketAddress::ParseIp(candidate.address, candidate.port)) continue;
    return Error{"iceCandidates[" + std::to_string(i) + "].address", "must be an IP address"};
  }
  return OkStatus();
}

// The core's names of options are mediasoup's.
Error InWebRtcProperties(Error error, const WebRtcSettings& settings) {
  if (error.field == "enableUdp") error.field = "enable-udp";
  if (error.field == "enableTcp") error.field = "enable-tcp";
  if (error.field == "iceConsentTimeout") error.field = "ice-consent-timeout";
  if (error.field.starts_with("turnServers")) error.field = "turn-server";
  if (error.field.starts_with("listenInfos")) {
    return InPortProperties(error, PortOptions(settings));
  }
  return error;
}

}  // namespace

bool WebRtcTransportElement::SetSetting(guint id, const GValue* value) {
  if (id == kWebRtcMaxOutgoingBitrate || id == kWebRtcMinOutgoingBitrate) {
    if (Status set = SetOutgoingLimit(id, g_value_get_uint(value)); !set) Warn(set.error());
    return true;
  }
  {
    const std::lock_guard lock(mutex_);
    if (!gst::SetSetting(&settings_, id, value)) return false;
  }
  if (id == kWebRtcMaxIncomingBitrate) Post([this] { LimitSender(); });
  return true;
}

Status WebRtcTransportElement::SetOutgoingLimit(guint id, guint bits_per_second) {
  {
    const std::lock_guard lock(mutex_);
    WebRtcSettings wanted = settings_;
    (id == kWebRtcMaxOutgoingBitrate ? wanted.max_outgoing_bitrate : wanted.min_outgoing_bitrate) =
        bits_per_second;
    OutgoingBitrate trial;
    if (Status right = SetOutgoingLimits(wanted, &trial); !right) return right;
    settings_ = wanted;
  }
  Post([this] { LimitOutgoing(); });
  return OkStatus();
}

void WebRtcTransportElement::LimitOutgoing() {
  if (host_ == nullptr) return;
  const std::lock_guard lock(mutex_);
  // They were found right.
  std::ignore = SetOutgoingLimits(settings_, &host_->transport().outgoing_bitrate());
}

void WebRtcTransportElement::LimitSender() {
  if (host_ == nullptr) return;
  DataRate limit;
  {
    const std::lock_guard lock(mutex_);
    limit = DataRate::BitsPerSecond(settings_.max_incoming_bitrate);
  }
  // Any rate is right.
  std::ignore = host_->transport().SetMaxIncomingBitrate(limit, Worker::Now());
}

bool WebRtcTransportElement::GetSetting(guint id, GValue* value) const {
  const std::lock_guard lock(mutex_);
  return gst::GetSetting(settings_, id, value);
}

WebRtcTransportElement::Told WebRtcTransportElement::told() const {
  const std::lock_guard lock(mutex_);
  return told_;
}

bool WebRtcTransportElement::Prepare(GstStateChange transition) {
  if (transition != GST_STATE_CHANGE_NULL_TO_READY) return true;
  const Status opened = Open();
  if (opened) return true;
  const std::string text = opened.error().ToString();
  GST_ELEMENT_ERROR(element(), RESOURCE, OPEN_READ_WRITE, ("%s", text.c_str()), (nullptr));
  return false;
}

void WebRtcTransportElement::Finish(GstStateChange transition) {
  if (transition == GST_STATE_CHANGE_READY_TO_NULL) Close();
}

Status WebRtcTransportElement::Open() {
  WebRtcSettings settings;
  {
    const std::lock_guard lock(mutex_);
    settings = settings_;
  }
  const auto shared = TakeWorker();
  if (!shared) return shared.error();
  auto options = HostOptions(settings);
  if (!options) return options.error();
  std::shared_ptr<NiceThread> nice;
  if (auto& full = options.value().full_ice) {
    nice = TakeNiceThread();
    options.value().nice_thread = nice.get();
    full->on_candidate = [this](const IceCandidate& found) { OnIceCandidate(&found); };
    full->on_gathered = [this] { OnIceCandidate(nullptr); };
  }
  auto context = shared.value()->webrtc.TakeContext({settings.certificate, settings.private_key});
  if (!context) return context.error();
  Status made = OkStatus();
  shared.value()->worker->PostAndWait([&] {
    if (host_ == nullptr) nice_ = std::move(nice);
    made = Make(options.value(), PortOptions(settings), std::move(context).value());
    if (!made) Unmake();
  });
  return made ? made : Status(InWebRtcProperties(made.error(), settings));
}

Status WebRtcTransportElement::Make(const WebRtcTransportHostOptions& options,
                                    const WebRtcPortOptions& port,
                                    std::shared_ptr<const DtlsContext> context) {
  if (host_ != nullptr) return OkStatus();
  const SharedWorkerRef shared = worker();
  if (options.listen.empty() && !options.full_ice) {
    auto server = shared->webrtc.TakeServer(*shared->worker, port);
    if (!server) return server.error();
    server_ = std::move(server).value();
  }
  auto host =
      WebRtcTransportHost::Create(*shared->worker, options, server_.get(), std::move(context),
                                  &shared->pool, EntropySeed(), shared->ntp, this);
  if (!host) return host.error();
  host_ = std::move(host).value();
  DataRate outgoing;
  {
    const std::lock_guard lock(mutex_);
    told_ = Told();
    told_.ice_gathered = !options.full_ice;
    outgoing = DataRate::BitsPerSecond(settings_.initial_available_outgoing_bitrate);
  }
  UpdateParameters();
  LimitSender();
  LimitOutgoing();
  // The property's range is the core's.
  std::ignore = host_->transport().outgoing_bitrate().SetInitial(outgoing);
  StartStreams();
  return OkStatus();
}

void WebRtcTransportElement::Unmake() {
  host_.reset();
  server_.reset();
  // The last one to let go of the thread waits for its end.
  if (nice_ != nullptr) EndLater([nice = std::exchange(nice_, nullptr)] {});
}

void WebRtcTransportElement::Close() {
  EndRun();
  const SharedWorkerRef shared = worker();
  if (shared == nullptr) return;
  // On the Worker itself (a probe that stops the pipeline) the transport may be in the middle of a
  // batch: it goes in a round of its own.
  Post([this] {
    StopStreams();
    Unmake();
  });
  shared->worker->PostAndWait([] {});
  {
    const std::lock_guard lock(mutex_);
    told_ = Told();
    told_.ice_state = IceState::kClosed;
    told_.dtls_state = DtlsState::kClosed;
  }
  CloseNegotiated();
}

RtpTransport* WebRtcTransportElement::core() const {
  return host_ == nullptr ? nullptr : &host_->transport();
}

void WebRtcTransportElement::UpdateParameters() {
  const WebRtcTransport& transport = host_->transport();
  const auto candidates = transport.ice_candidates();
  const std::string ice_parameters = ortc::ToJson(transport.ice_parameters());
  const std::string ice_candidates =
      ortc::ToJson(std::vector<IceCandidate>(candidates.begin(), candidates.end()));
  const std::string dtls_parameters = ortc::ToJson(sfu::ToOrtc(transport.dtls_parameters()));
  const std::string certificate = CertificateDerToPem(transport.dtls_remote_certificate());
  const std::lock_guard lock(mutex_);
  told_.ice_parameters = ice_parameters;
  told_.ice_candidates = ice_candidates;
  told_.dtls_parameters = dtls_parameters;
  told_.dtls_remote_cert = certificate;
}

// `function` is given the host, on the Worker.
template <typename Function>
Status WebRtcTransportElement::OnTransport(Function function) {
  Status status = Error{"state", "is NULL: there is a transport from READY on"};
  if (const SharedWorkerRef shared = worker(); shared != nullptr) {
    shared->worker->PostAndWait([&] {
      if (host_ == nullptr) return;
      status = function(*host_);
      UpdateParameters();
    });
  }
  return status;
}

Result<std::string> WebRtcTransportElement::Connect(const char* json) {
  const auto text = ActionText(json);
  if (!text) return text.error();
  const auto remote = ortc::ParseWebRtcConnect(text.value());
  if (!remote) return remote.error();
  const ortc::WebRtcConnectRequest& request = remote.value();
  const Status connected = OnTransport([&](WebRtcTransportHost& host) {
    WebRtcTransport& transport = host.transport();
    const bool full = !transport.ice_parameters().ice_lite;
    if (full) {
      if (Status right = CheckRemoteIce(request); !right) return right;
    }
    if (Status begun = transport.Connect(FromOrtc(request.dtls), Worker::Now()); !begun || !full) {
      return begun;
    }
    Status told = transport.SetRemoteIceParameters(*request.ice);
    for (const IceCandidate& candidate : request.candidates) {
      if (told) told = transport.AddRemoteIceCandidate(candidate);
    }
    return told;
  });
  if (!connected) return connected.error();
  return std::string("{}");
}

Result<std::string> WebRtcTransportElement::AddIceCandidate(const char* json) {
  const auto text = ActionText(json, "iceCandidate");
  if (!text) return text.error();
  const auto candidate = ortc::ParseIceCandidate(text.value());
  if (!candidate) return candidate.error();
  const Status added = OnTransport([&](WebRtcTransportHost& host) -> Status {
    if (host.transport().ice_parameters().ice_lite) return OkStatus();
    Status status = host.transport().AddRemoteIceCandidate(candidate.value());
    return status ? status : Status(Below("iceCandidate", status.error()));
  });
  if (!added) return added.error();
  return std::string("{}");
}

Result<std::string> WebRtcTransportElement::SetRemoteIceParameters(const char* json) {
  const auto text = ActionText(json, "iceParameters");
  if (!text) return text.error();
  const auto parameters = ortc::ParseIceParameters(text.value());
  if (!parameters) return parameters.error();
  const Status set = OnTransport([&](WebRtcTransportHost& host) -> Status {
    if (host.transport().ice_parameters().ice_lite) return OkStatus();
    Status status = host.transport().SetRemoteIceParameters(parameters.value());
    return status ? status : Status(Below("iceParameters", status.error()));
  });
  if (!set) return set.error();
  return std::string("{}");
}

void WebRtcTransportElement::OnIceCandidate(const IceCandidate* candidate) {
  if (host_ == nullptr) return;
  UpdateParameters();
  if (candidate == nullptr) {
    {
      const std::lock_guard lock(mutex_);
      told_.ice_gathered = true;
    }
    calls_.Add([this] { g_object_notify(G_OBJECT(element()), "ice-gathering-state"); });
    return;
  }
  Tell("sfu-ice-candidate", "ice-candidates", "candidate", ortc::ToJson(*candidate));
  calls_.Add([this, json = ortc::ToJson(*candidate)] {
    g_signal_emit_by_name(element(), "on-ice-candidate", json.c_str());
  });
}

Result<std::string> WebRtcTransportElement::RestartIce() {
  const Status restarted = OnTransport([](WebRtcTransportHost& host) { return host.RestartIce(); });
  if (!restarted) return restarted.error();
  const std::string parameters = told().ice_parameters;
  calls_.Add([this] { g_object_notify(G_OBJECT(element()), "ice-parameters"); });
  return parameters;
}

void WebRtcTransportElement::OnIceState(IceState state, Timestamp) {
  {
    const std::lock_guard lock(mutex_);
    told_.ice_state = state;
  }
  Tell("sfu-ice-state", "ice-state", "state", std::string(IceStateName(state)));
}

void WebRtcTransportElement::OnIceSelectedTuple(const std::optional<IceTuple>& tuple, Timestamp) {
  const std::string json = TupleJson(tuple);
  {
    const std::lock_guard lock(mutex_);
    told_.ice_selected_tuple = json;
  }
  Tell("sfu-ice-selected-tuple", "ice-selected-tuple", "tuple", json);
}

void WebRtcTransportElement::OnDtlsState(DtlsState state, Timestamp) {
  // The role is decided by now, and the peer's certificate is known once it is connected.
  UpdateParameters();
  {
    const std::lock_guard lock(mutex_);
    told_.dtls_state = state;
  }
  Tell("sfu-dtls-state", "dtls-state", "state", std::string(DtlsStateName(state)));
  // Nothing will come any more. We are inside a call of the transport: later.
  if (state == DtlsState::kFailed || state == DtlsState::kClosed) Post([this] { EndStreams(); });
}

void WebRtcTransportElement::Tell(const char* message, const char* property, const char* field,
                                  std::string value) {
  calls_.Add([this, message, property, field, value = std::move(value)] {
    g_object_notify(G_OBJECT(element()), property);
    gst_element_post_message(
        element(), gst_message_new_element(
                       GST_OBJECT_CAST(element()),
                       gst_structure_new(message, field, G_TYPE_STRING, value.c_str(), nullptr)));
  });
}

GstStructure* WebRtcTransportElement::NewStats() const {
  const Told now = told();
  return gst_structure_new("application/x-sfu-webrtc-transport-stats", "iceState", G_TYPE_STRING,
                           std::string(IceStateName(now.ice_state)).c_str(), "dtlsState",
                           G_TYPE_STRING, std::string(DtlsStateName(now.dtls_state)).c_str(),
                           nullptr);
}

void WebRtcTransportElement::AddDump(ortc::TransportDump* dump) const {
  const SharedWorkerRef shared = worker();
  if (shared == nullptr) return;
  shared->worker->PostAndWait([&] {
    if (host_ != nullptr) AddWebRtcDump(host_->transport(), &dump->webrtc.emplace());
  });
}

void WebRtcTransportElement::AddWebRtcDump(const WebRtcTransport& transport,
                                           ortc::WebRtcDump* dump) const {
  const auto candidates = transport.ice_candidates();
  ortc::WebRtcDump& webrtc = *dump;
  webrtc.ice_parameters = transport.ice_parameters();
  {
    const std::lock_guard lock(mutex_);
    webrtc.controlling =
        !webrtc.ice_parameters.ice_lite && settings_.ice_role == IceRole::kControlling;
  }
  webrtc.ice_state = IceStateName(transport.ice_state());
  webrtc.ice_candidates.assign(candidates.begin(), candidates.end());
  if (const auto tuple = transport.ice_selected_tuple()) webrtc.ice_selected_tuple = ToOrtc(*tuple);
  webrtc.dtls_state = DtlsStateName(transport.dtls_state());
  webrtc.dtls_parameters = sfu::ToOrtc(transport.dtls_parameters());
}

void WebRtcTransportElement::AddCoreStats(GstStructure* stats) const {
  const WebRtcTransportStats s = host_->transport().Stats();
  AddTransportStats(stats, s.rtp);
  AddDrops(stats, s.dtls_drops);
  if (host_->own_server() != nullptr) AddDrops(stats, host_->own_server()->drops());
  const auto tuple = host_->transport().ice_selected_tuple();
  if (!tuple) return;
  gst_structure_set(stats, "localAddress", G_TYPE_STRING, tuple->local.ToString().c_str(),
                    "remoteAddress", G_TYPE_STRING, tuple->remote.ToString().c_str(), "protocol",
                    G_TYPE_STRING, std::string(IceProtocolName(tuple->protocol)).c_str(), nullptr);
}

}  // namespace sfu::gst

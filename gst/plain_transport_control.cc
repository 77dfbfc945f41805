// plaintransport by JSON: connect(), and what is told of the transport.
#include <algorithm>
#include <array>
#include <utility>

#include "action_answer.h"
#include "net/entropy.h"
#include "ortc/requests_json.h"
#include "plain_transport_element.h"

namespace sfu::gst {
namespace {

// From the names of properties to those of JSON.
Error InJson(Error error) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kNames = {{
      {"remote-address", "ip"},
      {"remote-port", "port"},
      {"local-srtp-parameters", "srtpParameters"},
  }};
  for (const auto& [property, name] : kNames) {
    if (error.field == property) error.field = name;
  }
  if (error.field == "port") error.reason = "is missing";
  return error;
}

// A new key of the peer's suite, so that an application need not make one.
Result<SrtpParameters> MakeLocalKey(const SrtpParameters& remote) {
  const auto theirs = ParseSrtpParameters(remote);
  if (!theirs) return theirs.error();
  std::array<uint8_t, kMaxSrtpKeySize + kMaxSrtpSaltSize> keying;
  if (!FillKey(keying)) return Error{"srtpParameters", "there are no random numbers for our key"};
  const SrtpSuiteInfo& info = theirs.value().info();
  const auto key =
      MakeSrtpKey(theirs.value().suite, ByteView(keying).first(info.key_size + info.salt_size));
  if (!key) return Error{"srtpParameters", key.error().reason};
  return ToSrtpParameters(key.value());
}

Status Apply(const ortc::PlainConnectRequest& request, PlainTransportSettings* settings) {
  if (!request.ip.empty() || request.port != 0 || request.rtcp_port != 0) {
    settings->remote_address = request.ip;
    settings->remote_port = request.port;
    settings->remote_rtcp_port = request.rtcp_port;
  }
  if (!request.srtp_parameters) return OkStatus();
  settings->remote_srtp =
      SrtpParameters{request.srtp_parameters->crypto_suite, request.srtp_parameters->key_base64};
  auto made = MakeLocalKey(*settings->remote_srtp);
  if (!made) return made.error();
  if (!settings->local_srtp) settings->local_srtp = std::move(made).value();
  return OkStatus();
}

std::optional<ortc::TransportTuple> TupleOf(const SocketAddress& local,
                                            const SocketAddress& remote) {
  if (!local.is_set()) return std::nullopt;
  ortc::TransportTuple tuple;
  tuple.local_address = local.IpString();
  tuple.local_port = local.port();
  if (remote.is_set()) {
    tuple.remote_ip = remote.IpString();
    tuple.remote_port = remote.port();
  }
  return tuple;
}

}  // namespace

Result<std::string> PlainTransportElement::ConnectJson(const char* json) {
  const auto text = ActionText(json);
  if (!text) return text.error();
  const auto request = ortc::ParsePlainConnectRequest(text.value());
  if (!request) return request.error();
  PlainTransportSettings settings;
  {
    const std::lock_guard lock(mutex_);
    settings = settings_;
  }
  if (Status applied = Apply(request.value(), &settings); !applied) return applied.error();
  if (Status connected = Connect(settings); !connected) return connected.error();
  return ortc::ToJson(state());
}

// As the sockets say if they are there, else as they will say.
Status PlainTransportElement::Connect(const PlainTransportSettings& settings) {
  const auto host = HostOptions(settings);
  if (!host) return host.error();
  const auto options = ConnectOptions(settings);
  if (!options) return InJson(options.error());
  const PlainConnectOptions peer = options.value().value_or(PlainConnectOptions());
  Status status = PlainTransport::CheckAddresses(host.value().transport, peer);
  if (status && peer.receive_key.has_value() != peer.send_key.has_value()) {
    status = Error{"srtpParameters", "is missing: local-srtp-parameters need the peer's too"};
  }
  const SharedWorkerRef shared = worker();
  if (status && shared != nullptr) {
    shared->worker->PostAndWait([&] {
      if (host_ != nullptr) status = host_->Connect(peer);
    });
  }
  if (!status) return status;
  const std::lock_guard lock(mutex_);
  settings_.remote_address = settings.remote_address;
  settings_.remote_port = settings.remote_port;
  settings_.remote_rtcp_port = settings.remote_rtcp_port;
  settings_.local_srtp = settings.local_srtp;
  settings_.remote_srtp = settings.remote_srtp;
  return status;
}

ortc::PlainTransportState PlainTransportElement::state() const {
  ortc::PlainTransportState state;
  SocketAddress rtp;
  SocketAddress rtcp;
  if (const SharedWorkerRef shared = worker()) {
    shared->worker->PostAndWait([&] {
      if (host_ == nullptr) return;
      rtp = host_->transport().remote();
      rtcp = host_->transport().remote_rtcp();
    });
  }
  const std::lock_guard lock(mutex_);
  state.tuple = TupleOf(local_rtp_, rtp);
  if (!settings_.rtcp_mux) state.rtcp_tuple = TupleOf(local_rtcp_, rtcp);
  if (settings_.local_srtp) {
    state.srtp_parameters =
        ortc::SrtpKeyText{settings_.local_srtp->crypto_suite, settings_.local_srtp->key_base64};
  }
  return state;
}

void PlainTransportElement::AddDump(ortc::TransportDump* dump) const {
  ortc::PlainDump& plain = dump->plain.emplace();
  plain.state = state();
  const std::lock_guard lock(mutex_);
  plain.rtcp_mux = settings_.rtcp_mux;
  plain.comedia = settings_.comedia;
}

}  // namespace sfu::gst

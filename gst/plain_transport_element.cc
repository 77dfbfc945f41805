// plaintransport's sockets, and the peer that they talk to.
#include "plain_transport_element.h"

#include <algorithm>
#include <string>
#include <utility>

#include "call_later.h"
#include "net/entropy.h"
#include "worker_stats.h"

namespace sfu::gst {
namespace {

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

bool PlainTransportElement::SetSetting(guint id, const GValue* value) {
  bool reconnect = false;
  {
    const std::lock_guard lock(mutex_);
    if (!gst::SetSetting(&settings_, id, value)) return false;
    reconnect = bound_;
  }
  if (reconnect && id >= kPlainRemoteAddress) Reconnect();
  return true;
}

bool PlainTransportElement::GetSetting(guint id, GValue* value) const {
  const std::lock_guard lock(mutex_);
  return gst::GetSetting(settings_, id, value);
}

guint PlainTransportElement::local_port() const {
  const std::lock_guard lock(mutex_);
  return local_rtp_.port();
}

guint PlainTransportElement::local_rtcp_port() const {
  const std::lock_guard lock(mutex_);
  return local_rtcp_.port();
}

bool PlainTransportElement::Prepare(GstStateChange transition) {
  if (transition != GST_STATE_CHANGE_READY_TO_PAUSED) return true;
  const Status opened = Open();
  if (opened) return true;
  const std::string text = opened.error().ToString();
  GST_ELEMENT_ERROR(element(), RESOURCE, OPEN_READ_WRITE, ("%s", text.c_str()), (nullptr));
  return false;
}

void PlainTransportElement::Finish(GstStateChange transition) {
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) Close();
}

Status PlainTransportElement::Open() {
  PlainTransportSettings settings;
  {
    const std::lock_guard lock(mutex_);
    settings = settings_;
  }
  const auto worker = TakeWorker();
  if (!worker) return worker.error();
  const auto options = HostOptions(settings);
  if (!options) return options.error();
  const auto peer = ConnectOptions(settings);
  if (!peer) return peer.error();
  Status bound = OkStatus();
  worker.value()->worker->PostAndWait([&] { bound = Bind(options.value(), peer.value()); });
  return bound;
}

Status PlainTransportElement::Bind(const PlainTransportHostOptions& options,
                                   const std::optional<PlainConnectOptions>& peer) {
  if (host_ != nullptr) return OkStatus();
  const SharedWorkerRef shared = worker();
  auto host = PlainTransportHost::Create(*shared->worker, options, &shared->pool, EntropySeed(),
                                         shared->ntp);
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
      CallLater(element(), [this, payload_type, run = run()] { OfferStream(payload_type, run); });
    });
  }
  {
    const std::lock_guard lock(mutex_);
    bound_ = true;
    local_rtp_ = host_->local_rtp();
    local_rtcp_ = host_->local_rtcp();
  }
  StartStreams();
  return OkStatus();
}

void PlainTransportElement::Close() {
  {
    const std::lock_guard lock(mutex_);
    bound_ = false;
    local_rtp_ = local_rtcp_ = SocketAddress();
  }
  EndRun();
  const SharedWorkerRef shared = worker();
  if (shared == nullptr) return;
  // On the Worker itself (a probe that stops the pipeline) the transport may be in the middle of a
  // batch: it goes in a round of its own.
  Post([this] {
    StopStreams();
    host_.reset();
  });
  shared->worker->PostAndWait([] {});
  RemoveFoundPads();
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
      WarnLater(element(), "", InRemoteProperties(status.error()));
    }
  });
}

RtpTransport* PlainTransportElement::core() const {
  return host_ == nullptr ? nullptr : &host_->transport();
}

GstStructure* PlainTransportElement::NewStats() const {
  const std::lock_guard lock(mutex_);
  return gst_structure_new("application/x-sfu-plain-transport-stats", "localAddress", G_TYPE_STRING,
                           local_rtp_.ToString().c_str(), "localRtcpAddress", G_TYPE_STRING,
                           local_rtcp_.ToString().c_str(), nullptr);
}

void PlainTransportElement::AddCoreStats(GstStructure* stats) const {
  RtpSessionStats session = host_->transport().session().Stats();
  session.drops += host_->socket_drops();
  AddTransportStats(stats, session);
  gst_structure_set(stats, "remoteAddress", G_TYPE_STRING,
                    host_->transport().remote().ToString().c_str(), nullptr);
}

}  // namespace sfu::gst

// The core classes connected to each other, as an application without GStreamer would.
#include <optional>
#include <utility>

#include "feeder.h"
#include "forwarder.h"
#include "net/plain_transport_host.h"
#include "net/webrtc_transport_host.h"
#include "net/worker.h"
#include "router/router.h"
#include "webrtc_viewer.h"

namespace sfu::bench {
namespace {

RtpCodec CodecFor(bool audio) {
  RtpCodec codec;
  codec.kind = audio ? MediaKind::kAudio : MediaKind::kVideo;
  codec.id = audio ? CodecId::kOpus : CodecId::kVp8;
  codec.encoding_name = audio ? "OPUS" : "VP8";
  codec.payload_type = audio ? kAudioPayloadType : kVideoPayloadType;
  codec.clock_rate = audio ? 48000 : 90000;
  codec.feedback.nack = true;
  codec.feedback.nack_pli = !audio;
  return codec;
}

// What a browser negotiates.
RtpSenderOptions BrowserSender(const RtpCodec& codec) {
  RtpSenderOptions options{.codec = codec};
  const auto set_id = [&](ExtensionType type, uint8_t id) {
    options.codec.extensions[static_cast<size_t>(type)] = id;
  };
  set_id(ExtensionType::kMid, 1);
  set_id(ExtensionType::kAbsSendTime, 4);
  set_id(ExtensionType::kTransportSequence, 5);
  options.codec.rtx_payload_type = codec.payload_type + 1;
  options.codec.feedback.transport_cc = true;
  options.extensions = ExtensionBlock::kNegotiated;
  options.mid.assign(1, codec.kind == MediaKind::kAudio ? '0' : '1');
  return options;
}

class LibsfuForwarder : public Forwarder {
 public:
  LibsfuForwarder(std::unique_ptr<Worker> worker, bool webrtc)
      : worker_(std::move(worker)), webrtc_(webrtc) {}

  ~LibsfuForwarder() override {
    worker_->PostAndWait([this] {
      // Consumers go first: they know the senders of the transports.
      routers_.clear();
      transports_.clear();
      plain_.clear();
      browsers_.clear();
      server_.reset();
    });
    worker_->Stop();
    pool_.reset();
  }

  const std::vector<SocketAddress>& ingress() const override { return ingress_; }

  Status Build(const ForwarderOptions& options) {
    Status status = worker_->Start();
    if (status && webrtc_) viewers_.emplace(options.suite);
    if (status) worker_->PostAndWait([&] { status = BuildOnWorker(options); });
    if (status && webrtc_) status = JoinAll(options);
    viewers_.reset();
    return status;
  }

 private:
  Status BuildOnWorker(const ForwarderOptions& options) {
    pool_ = std::make_unique<RtpPacketPool>();
    const Scenario& scenario = options.scenario;
    if (webrtc_) {
      IceListenOptions listen;
      listen.local = *SocketAddress::ParseIp("127.0.0.1");
      auto server = WebRtcServer::Create(*worker_, {listen});
      if (!server) return server.error();
      server_ = std::move(server).value();
      context_ = DtlsContext::Create(DtlsCertificate::Generate().value()).value();
    }
    for (size_t i = 0; i < scenario.endpoints(); ++i) {
      if (Status status = AddTransport(options, i); !status) return status;
    }
    const size_t per_room = scenario.endpoints_per_room();
    for (size_t room = 0; room < scenario.rooms; ++room) {
      routers_.push_back(std::make_unique<Router>(room + 1));
      for (size_t sender = room * per_room; sender < (room + 1) * per_room; ++sender) {
        if (!scenario.sends(sender)) continue;
        for (const bool audio : {false, true}) {
          if (audio ? !scenario.has_audio : !scenario.has_video) continue;
          if (Status status = Produce(scenario, room, sender, audio); !status) return status;
        }
      }
    }
    return OkStatus();
  }

  Status AddTransport(const ForwarderOptions& options, size_t endpoint) {
    const bool sends = options.scenario.sends(endpoint);
    return webrtc_ && !sends ? AddBrowser(endpoint) : AddPlain(options, endpoint);
  }

  Status AddBrowser(size_t endpoint) {
    auto host = WebRtcTransportHost::Create(*worker_, {}, server_.get(), context_, pool_.get(),
                                            endpoint + 1, ntp_, nullptr);
    if (!host) return host.error();
    WebRtcTransport& transport = host.value()->transport();
    if (Status status = transport.Connect(viewers_->parameters(), Worker::Now()); !status) {
      return status;
    }
    ingress_.emplace_back();
    transports_.push_back(&transport);
    browsers_.emplace_back(endpoint, std::move(host).value());
    return OkStatus();
  }

  Status JoinAll(const ForwarderOptions& options) {
    const IceListenAddress& address = server_->addresses().front();
    const SocketAddress server = *SocketAddress::ParseIp(address.address, address.port);
    for (const auto& [endpoint, host] : browsers_) {
      const WebRtcTransport& transport = host->transport();
      if (!viewers_->Join(options.descriptors[endpoint], server, transport.ice_parameters())) {
        return Error{"", "a handshake failed"};
      }
    }
    return OkStatus();
  }

  Status AddPlain(const ForwarderOptions& options, size_t endpoint) {
    PlainTransportHostOptions host_options;
    host_options.rtp.local = *SocketAddress::ParseIp("127.0.0.1");
    auto host = PlainTransportHost::Create(*worker_, host_options, pool_.get(), endpoint + 1, ntp_);
    if (!host) return host.error();
    PlainConnectOptions peer;
    peer.rtp = options.endpoints[endpoint];
    if (!options.scenario.sends(endpoint)) peer.receive_key = peer.send_key = options.key;
    if (Status status = host.value()->Connect(peer); !status) return status;
    const bool sends = options.scenario.sends(endpoint);
    ingress_.push_back(sends ? host.value()->local_rtp() : SocketAddress());
    transports_.push_back(&host.value()->transport());
    plain_.push_back(std::move(host).value());
    return OkStatus();
  }

  Status Produce(const Scenario& scenario, size_t room, size_t sender, bool audio) {
    const RtpCodec codec = CodecFor(audio);
    auto receiver = transports_[sender]->AddReceiver({.codec = codec});
    if (!receiver) return receiver.error();
    auto producer = routers_[room]->CreateProducer({.codec = codec});
    if (!producer) return producer.error();
    producer.value()->SetUpstream(receiver.value());
    receiver.value()->SetSink(producer.value());
    const size_t per_room = scenario.endpoints_per_room();
    for (size_t to = room * per_room; to < (room + 1) * per_room; ++to) {
      if (to == sender || !scenario.receives(to)) continue;
      auto consumer = routers_[room]->CreateConsumer({.producer_id = producer.value()->id()});
      if (!consumer) return consumer.error();
      auto out = transports_[to]->AddSender(webrtc_ ? BrowserSender(codec)
                                                    : RtpSenderOptions{.codec = codec});
      if (!out) return out.error();
      out.value()->SetSource(consumer.value());
      consumer.value()->SetSink(out.value(), worker_->batch_time());
    }
    return OkStatus();
  }

  const NtpClock ntp_ = ReadNtpClock();
  std::unique_ptr<Worker> worker_;
  const bool webrtc_;
  std::unique_ptr<RtpPacketPool> pool_;
  std::unique_ptr<WebRtcServer> server_;
  std::shared_ptr<const DtlsContext> context_;
  std::optional<WebRtcViewers> viewers_;  // until all have joined
  std::vector<std::unique_ptr<PlainTransportHost>> plain_;
  std::vector<std::pair<size_t, std::unique_ptr<WebRtcTransportHost>>> browsers_;
  std::vector<RtpTransport*> transports_;  // by endpoint
  std::vector<std::unique_ptr<Router>> routers_;
  std::vector<SocketAddress> ingress_;
};

std::unique_ptr<Forwarder> Make(const ForwarderOptions& options, bool webrtc, std::string* error) {
  auto worker = Worker::Create();
  if (!worker) {
    *error = worker.error().ToString();
    return nullptr;
  }
  auto forwarder = std::make_unique<LibsfuForwarder>(std::move(worker).value(), webrtc);
  if (Status status = forwarder->Build(options); !status) {
    *error = status.error().ToString();
    return nullptr;
  }
  return forwarder;
}

}  // namespace

std::unique_ptr<Forwarder> MakeLibsfu(const ForwarderOptions& options, std::string* error) {
  return Make(options, false, error);
}

std::unique_ptr<Forwarder> MakeLibsfuWebRtc(const ForwarderOptions& options, std::string* error) {
  return Make(options, true, error);
}

}  // namespace sfu::bench

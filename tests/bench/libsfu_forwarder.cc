// The core classes connected to each other, as an application without GStreamer would.
#include <utility>

#include "feeder.h"
#include "forwarder.h"
#include "net/plain_transport_host.h"
#include "net/worker.h"
#include "router/router.h"

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

class LibsfuForwarder : public Forwarder {
 public:
  explicit LibsfuForwarder(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}

  ~LibsfuForwarder() override {
    worker_->PostAndWait([this] {
      // Consumers go first: they know the senders of the transports.
      routers_.clear();
      transports_.clear();
    });
    worker_->Stop();
    pool_.reset();
  }

  const std::vector<SocketAddress>& ingress() const override { return ingress_; }

  Status Build(const ForwarderOptions& options) {
    Status status = worker_->Start();
    if (status) worker_->PostAndWait([&] { status = BuildOnWorker(options); });
    return status;
  }

 private:
  Status BuildOnWorker(const ForwarderOptions& options) {
    pool_ = std::make_unique<RtpPacketPool>();
    const Scenario& scenario = options.scenario;
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
    transports_.push_back(std::move(host).value());
    return OkStatus();
  }

  Status Produce(const Scenario& scenario, size_t room, size_t sender, bool audio) {
    const RtpCodec codec = CodecFor(audio);
    auto receiver = transports_[sender]->transport().AddReceiver({.codec = codec});
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
      auto out = transports_[to]->transport().AddSender({.codec = codec});
      if (!out) return out.error();
      out.value()->SetSource(consumer.value());
      consumer.value()->SetSink(out.value(), worker_->batch_time());
    }
    return OkStatus();
  }

  const NtpClock ntp_ = ReadNtpClock();
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<RtpPacketPool> pool_;
  std::vector<std::unique_ptr<PlainTransportHost>> transports_;
  std::vector<std::unique_ptr<Router>> routers_;
  std::vector<SocketAddress> ingress_;
};

}  // namespace

std::unique_ptr<Forwarder> MakeLibsfu(const ForwarderOptions& options, std::string* error) {
  auto worker = Worker::Create();
  if (!worker) {
    *error = worker.error().ToString();
    return nullptr;
  }
  auto forwarder = std::make_unique<LibsfuForwarder>(std::move(worker).value());
  if (Status status = forwarder->Build(options); !status) {
    *error = status.error().ToString();
    return nullptr;
  }
  return forwarder;
}

}  // namespace sfu::bench

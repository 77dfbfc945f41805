// A browser for tests of webrtctransport: our own client (tests/support/webrtc_peer.h) on a thread
// of its own, which is signalled to by the element's properties and actions as any other.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "actions.h"
#include "harness.h"
#include "ortc/transport_parameters_json.h"
#include "stream/local_ingress.h"
#include "tests/support/webrtc_peer.h"

namespace sfu::test {

// What the client sends and gets: VP8 with RTX.
inline RtpCodec ClientCodec() {
  RtpCodec codec;
  codec.id = CodecId::kVp8;
  codec.kind = MediaKind::kVideo;
  codec.encoding_name = "VP8";
  codec.clock_rate = 90'000;
  codec.payload_type = 96;
  codec.rtx_payload_type = 97;
  codec.feedback = {.nack = true, .nack_pli = true, .ccm_fir = true};
  return codec;
}

inline constexpr Ssrc kClientSsrc = 0x11223344;
inline constexpr Ssrc kClientRtxSsrc = 0x11223345;

// The same as `produce` takes it.
inline Json ClientProduces(const std::string& id = "cam", Ssrc ssrc = kClientSsrc) {
  return {{"id", id},
          {"kind", "video"},
          {"rtpParameters",
           {{"mid", "0"},
            {"codecs",
             {{{"mimeType", "video/VP8"},
               {"payloadType", 96},
               {"clockRate", 90000},
               {"rtcpFeedback",
                {{{"type", "nack"}},
                 {{"type", "goog-remb"}},
                 {{"type", "nack"}, {"parameter", "pli"}}}}},
              {{"mimeType", "video/rtx"},
               {"payloadType", 97},
               {"clockRate", 90000},
               {"parameters", {{"apt", 96}}}}}},
            {"encodings", {{{"ssrc", ssrc}, {"rtx", {{"ssrc", ssrc + 1}}}}}},
            {"rtcp", {{"cname", "client"}}}}}};
}

class WebRtcClient : private RtpBatchSink, private WebRtcTransportListener {
 public:
  // Begins to connect to an element in READY or above.
  explicit WebRtcClient(GstElement* element) : element_(element) {
    worker_ = Worker::Create({.thread_name = "client"}).value();
    EXPECT_TRUE(worker_->Start().ok());
    const WebRtcPeer::Server server = ReadServer(element);
    std::string parameters;
    WebRtcTransportListener* listener = this;
    OnWorker([&] {
      pool_ = std::make_unique<RtpPacketPool>();
      peer_ = std::make_unique<WebRtcPeer>(*worker_, pool_.get(), server, listener);
      parameters = ortc::ToJson(ToOrtc(peer_->parameters()));
    });
    dtls_parameters_ = parameters;
  }
  ~WebRtcClient() override {
    OnWorker([this] {
      ingress_.reset();
      peer_.reset();
    });
    worker_->Stop();
  }
  WebRtcClient(const WebRtcClient&) = delete;
  WebRtcClient& operator=(const WebRtcClient&) = delete;

  static WebRtcPeer::Server ReadServer(GstElement* element) {
    const auto ice = ortc::ParseIceParameters(GetString(element, "ice-parameters"));
    const auto candidates = ortc::ParseIceCandidates(GetString(element, "ice-candidates"));
    const auto dtls = ortc::ParseDtlsParameters(GetString(element, "dtls-parameters"));
    EXPECT_TRUE(ice.ok() && candidates.ok() && dtls.ok());
    if (!ice.ok() || !candidates.ok() || !dtls.ok() || candidates.value().empty()) return {};
    const IceCandidate& first = candidates.value()[0];
    return {ice.value(), FromOrtc(dtls.value()),
            *SocketAddress::ParseIp(first.address, first.port)};
  }

  // The argument of the element's `connect`.
  Json ConnectRequest() const { return {{"dtlsParameters", Json::parse(dtls_parameters_)}}; }
  Answer Connect() { return Call(element_, "connect", ConnectRequest()); }

  // Whether the client can send; the element hears it sooner.
  bool WaitForConnection() {
    return WaitUntil([this] { return connected_; });
  }

  // Runs on the client's thread.
  template <typename Function>
  void OnWorker(Function function) {
    worker_->PostAndWait([&] { function(); });
  }
  WebRtcPeer& peer() { return *peer_; }
  // Goes without a word, or says goodbye.
  void Vanish() {
    OnWorker([this] { peer_->ice().Silence(); });
  }
  void Close() {
    OnWorker([this] { peer_->transport().Close(); });
  }

  // Sends one frame of VP8 under `ssrc`, which ClientProduces() describes. Returns its packets.
  size_t SendFrame(bool key_frame = false, Ssrc ssrc = kClientSsrc) {
    size_t count = 0;
    OnWorker([&] {
      const Timestamp now = Worker::Now();
      if (ingress_ == nullptr) {
        ingress_ = std::make_unique<LocalIngress>(pool_.get(), ClientCodec());
        sender_ = peer_->transport()
                      .AddSender({.codec = ClientCodec(), .ssrc = ssrc, .rtx_ssrc = ssrc + 1})
                      .value();
        ingress_->SetSink(sender_);
      }
      if (key_frame) source_.ForceKeyFrame();
      for (const BuiltPacket& packet : source_.NextFrame(now)) {
        ingress_->Push(packet.bytes, now, now);
        ++count;
      }
      ingress_->Flush(now);
    });
    return count;
  }
  uint32_t plis_received() {
    uint32_t plis = 0;
    OnWorker(
        [&] { plis = sender_ == nullptr ? 0 : sender_->Stats(Worker::Now()).stream.pli_count; });
    return plis;
  }

  // Listens for a stream; its packets are then counted.
  RtpReceiver* Receive(const RtpCodec& codec, Ssrc ssrc, Ssrc rtx_ssrc = 0) {
    RtpReceiver* receiver = nullptr;
    OnWorker([&] {
      receiver = peer_->transport()
                     .AddReceiver({.codec = codec, .ssrc = ssrc, .rtx_ssrc = rtx_ssrc})
                     .value();
      receiver->SetSink(this);
    });
    return receiver;
  }
  void AskForKeyFrame(RtpReceiver* receiver) {
    OnWorker([&] { receiver->RequestKeyFrame(Worker::Now()); });
  }
  // Whether so many packets came.
  bool WaitForPackets(size_t count) {
    return WaitUntil([&] { return received_ >= count; });
  }
  size_t received() {
    const std::lock_guard lock(mutex_);
    return received_;
  }

 private:
  template <typename Condition>
  bool WaitUntil(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::nanoseconds(kPatience), condition);
  }
  void OnRtpBatch(const RtpBatch& batch, Timestamp) override {
    const std::lock_guard lock(mutex_);
    received_ += batch.entries.size();
    changed_.notify_all();
  }
  void OnIceState(IceState, Timestamp) override {}
  void OnIceSelectedTuple(const std::optional<IceTuple>&, Timestamp) override {}
  void OnDtlsState(DtlsState state, Timestamp) override {
    const std::lock_guard lock(mutex_);
    connected_ = state == DtlsState::kConnected;
    changed_.notify_all();
  }

  GstElement* const element_;
  std::unique_ptr<Worker> worker_;
  std::string dtls_parameters_;
  // The Worker's.
  std::unique_ptr<RtpPacketPool> pool_;
  std::unique_ptr<WebRtcPeer> peer_;
  std::unique_ptr<LocalIngress> ingress_;
  RtpSender* sender_ = nullptr;
  Vp8Source source_;

  std::mutex mutex_;  // guards received_, connected_
  std::condition_variable changed_;
  size_t received_ = 0;
  bool connected_ = false;
};

// A webrtctransport on loopback, by itself.
class WebRtcStage : public Stage {
 public:
  WebRtcStage() : Stage("webrtctransport") { g_object_set(get(), "address", "127.0.0.1", nullptr); }

  // Waits until the message of that name says so; messages before it are dropped.
  bool WaitFor(const char* message, const char* state) {
    while (const MessageRef next = WaitForMessage(GST_MESSAGE_ELEMENT)) {
      const GstStructure* s = gst_message_get_structure(next.get());
      if (gst_structure_has_name(s, message) &&
          g_strcmp0(gst_structure_get_string(s, "state"), state) == 0) {
        return true;
      }
    }
    return false;
  }
  bool WaitForConnection() { return WaitFor("sfu-dtls-state", "connected"); }
};

}  // namespace sfu::test

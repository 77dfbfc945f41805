// A browser for tests of webrtctransport: our own client (tests/support/webrtc_peer.h) on a thread
// of its own, which is signalled to by the element's properties and actions as any other.
#pragma once

#include <array>
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

// Simulcast, as mediasoup-client's page asks for it: no SSRCs, but RIDs, from the lowest up.
inline constexpr std::array<const char*, 3> kClientRids = {"l", "m", "h"};
inline constexpr uint8_t kClientMidId = 1;
inline constexpr uint8_t kClientRidId = 2;
inline constexpr uint8_t kClientRepairedRidId = 3;

inline Json ClientProducesSimulcast(const std::string& id = "cam") {
  Json request = ClientProduces(id);
  Json& parameters = request["rtpParameters"];
  parameters["headerExtensions"] = {
      {{"uri", "urn:ietf:params:rtp-hdrext:sdes:mid"}, {"id", kClientMidId}},
      {{"uri", "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"}, {"id", kClientRidId}},
      {{"uri", "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"},
       {"id", kClientRepairedRidId}}};
  parameters["encodings"] = Json::array();
  for (const char* rid : kClientRids) parameters["encodings"].push_back({{"rid", rid}});
  return request;
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
      sent_.clear();
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
    return Send({.codec = ClientCodec(), .ssrc = ssrc, .rtx_ssrc = ssrc + 1}, {}, key_frame);
  }
  // One of an encoding that ClientProducesSimulcast() describes. Each packet is of the size
  // EncodingSize().
  size_t SendEncoding(size_t encoding, bool key_frame = false) {
    const Ssrc ssrc = EncodingSsrc(encoding);
    RtpSenderOptions options{.codec = ClientCodec(), .ssrc = ssrc, .rtx_ssrc = ssrc + 1};
    auto& ids = options.codec.extensions;
    ids[static_cast<size_t>(ExtensionType::kMid)] = kClientMidId;
    ids[static_cast<size_t>(ExtensionType::kRid)] = kClientRidId;
    ids[static_cast<size_t>(ExtensionType::kRepairedRid)] = kClientRepairedRidId;
    options.extensions = ExtensionBlock::kNegotiated;
    options.mid = "0";
    options.rid = kClientRids[encoding];
    return Send(options,
                {.first_timestamp = 1000 * ssrc,
                 .packets_per_frame = 1,
                 .payload_size = EncodingSize(encoding)},
                key_frame);
  }
  static constexpr Ssrc EncodingSsrc(size_t encoding) {
    return kClientSsrc + static_cast<Ssrc>(16 * (encoding + 1));
  }
  static constexpr size_t EncodingSize(size_t encoding) { return 300 * (encoding + 1); }

  // Of the first stream that was sent, or of that SSRC.
  uint32_t plis_received(Ssrc ssrc = 0) {
    uint32_t plis = 0;
    OnWorker([&] {
      for (const auto& sent : sent_) {
        if (ssrc != 0 && sent->sender->ssrc() != ssrc) continue;
        plis = sent->sender->Stats(Worker::Now()).stream.pli_count;
        return;
      }
    });
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
  // Bytes of the last packet's payload.
  size_t last_size() {
    const std::lock_guard lock(mutex_);
    return last_size_;
  }

 private:
  struct Sent {
    explicit Sent(const Vp8SourceOptions& options) : source(options) {}
    std::unique_ptr<LocalIngress> ingress;
    RtpSender* sender = nullptr;
    Vp8Source source;
  };

  size_t Send(const RtpSenderOptions& options, const Vp8SourceOptions& source, bool key_frame) {
    size_t count = 0;
    OnWorker([&] {
      const Timestamp now = Worker::Now();
      Sent& sent = SentOf(options, source);
      if (key_frame) sent.source.ForceKeyFrame();
      for (const BuiltPacket& packet : sent.source.NextFrame(now)) {
        sent.ingress->Push(packet.bytes, now, now);
        ++count;
      }
      sent.ingress->Flush(now);
    });
    return count;
  }
  Sent& SentOf(const RtpSenderOptions& options, const Vp8SourceOptions& source) {
    for (const auto& sent : sent_) {
      if (sent->sender->ssrc() == options.ssrc) return *sent;
    }
    Sent& sent = *sent_.emplace_back(std::make_unique<Sent>(source));
    sent.ingress = std::make_unique<LocalIngress>(pool_.get(), ClientCodec());
    sent.sender = peer_->transport().AddSender(options).value();
    sent.ingress->SetSink(sent.sender);
    return sent;
  }
  template <typename Condition>
  bool WaitUntil(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::nanoseconds(kPatience), condition);
  }
  void OnRtpBatch(const RtpBatch& batch, Timestamp) override {
    const std::lock_guard lock(mutex_);
    received_ += batch.entries.size();
    for (const RtpBatchEntry& entry : batch.entries) {
      last_size_ = entry.packet->header.payload_size;
    }
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
  std::vector<std::unique_ptr<Sent>> sent_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  size_t received_ = 0;
  size_t last_size_ = 0;
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

// Connects a client to the element of the stage, in READY or above; both ends have heard of it
// then.
inline void Connect(WebRtcStage& stage, WebRtcClient& client) {
  ASSERT_TRUE(client.Connect().ok());
  ASSERT_TRUE(stage.WaitForConnection());
  ASSERT_TRUE(client.WaitForConnection());
}

// A stage that plays, with a client once Connect() was called.
class WebRtcTest : public testing::Test {
 protected:
  void Connect() {
    stage_.Play();
    client_ = std::make_unique<WebRtcClient>(stage_.get());
    test::Connect(stage_, *client_);
  }

  WebRtcStage stage_;
  std::unique_ptr<WebRtcClient> client_;
};

// What the client of ClientProduces() sends comes out of this pad.
struct Published {
  explicit Published(WebRtcStage& stage) {
    stage.Play();
    EXPECT_TRUE(Call(stage.get(), "produce", ClientProduces()).ok());
    reader.emplace(stage.get(), "src_0", "application/x-rtp");
    client.emplace(stage.get());
    Connect(stage, *client);
    client->SendFrame(true);
    EXPECT_TRUE(reader->Pull());
  }

  std::optional<Reader> reader;
  std::optional<WebRtcClient> client;
};

// A router "r" that plays, and a transport for each of two clients: one sends, one gets.
class WebRtcRoom : public Pipeline {
 public:
  WebRtcRoom()
      : Pipeline(
            "sfurouter name=r webrtctransport name=in address=127.0.0.1 "
            "webrtctransport name=out address=127.0.0.1") {
    EXPECT_TRUE(ok()) << error();
    SetState(GST_STATE_PLAYING);
    publisher.emplace(in().get());
    viewer.emplace(out().get());
    EXPECT_TRUE(publisher->Connect().ok());
    EXPECT_TRUE(viewer->Connect().ok());
    EXPECT_TRUE(publisher->WaitForConnection());
    EXPECT_TRUE(viewer->WaitForConnection());
  }
  ElementRef router() const { return Find("r"); }
  ElementRef in() const { return Find("in"); }
  ElementRef out() const { return Find("out"); }

  // Has the publisher produce by the router, and the viewer listen to what that becomes. The answer
  // is the Consumer's.
  Answer Route(const Json& produces) {
    Answer produced = Call(router().get(), "produce", in().get(), produces);
    if (!produced.ok()) return produced;
    Answer consumed =
        Call(router().get(), "consume", out().get(),
             {{"producerId", produces["id"]}, {"rtpCapabilities", Capabilities(router().get())}});
    if (!consumed.ok()) return consumed;
    const Json parameters = consumed.value()["rtpParameters"];
    RtpCodec codec = ClientCodec();
    codec.payload_type = parameters["codecs"][0]["payloadType"];
    codec.rtx_payload_type = parameters["codecs"][1]["payloadType"];
    const Json& encoding = parameters["encodings"][0];
    viewer->Receive(codec, encoding["ssrc"], encoding["rtx"]["ssrc"]);
    return consumed;
  }

  // They end before the pipeline does.
  std::optional<WebRtcClient> publisher;
  std::optional<WebRtcClient> viewer;
};

}  // namespace sfu::test

// A browser and the SFU: two WebRTC transports in virtual time, joined by emulated paths. The
// server's side is what runs in production below its sockets: IceDemux, IceLiteSession. Time moves
// only by what the transports have asked for by `wakeup`, as on a Worker.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ice/ice_demux.h"
#include "ice/ice_lite_session.h"
#include "tests/support/client_ice.h"
#include "tests/support/network_emulator.h"
#include "tests/unit/dtls/dtls_fixture.h"
#include "transport/webrtc_transport.h"

namespace sfu::test {

using Events = std::vector<std::string>;

// What a transport tells, and its timer.
class WebRtcEnd : public WebRtcTransportListener {
 public:
  void OnIceState(IceState state, Timestamp) override {
    Note(std::string("ice ").append(IceStateName(state)));
  }
  void OnIceSelectedTuple(const std::optional<IceTuple>& tuple, Timestamp) override {
    Note(std::string("tuple ").append(tuple ? tuple->remote.ToString() : "none"));
  }
  void OnDtlsState(DtlsState state, Timestamp) override {
    Note(std::string("dtls ").append(DtlsStateName(state)));
  }
  Events Take() { return std::exchange(events_, {}); }

  RtpSessionEnvironment Environment(uint64_t seed) {
    RtpSessionEnvironment environment;
    environment.pool = &pool;
    environment.seed = seed;
    environment.ntp = NtpClock(Timestamp(), NtpTime::FromUnixNanos(1'700'000'000'000'000'000));
    environment.wakeup = [this](Timestamp at) { timer = std::min(timer, at); };
    return environment;
  }
  void RunTimer(Timestamp now) {
    if (timer > now || transport == nullptr) return;
    transport->HandleTimeout(now);
    timer = transport->NextDeadline();
    EXPECT_GT(timer, now) << "a deadline that is always due";
  }

  std::function<void(const std::string& event)> hook;  // called after each event
  Timestamp timer = Timestamp::Never();
  RtpPacketPool pool;
  std::unique_ptr<WebRtcTransport> transport;

 private:
  void Note(const std::string& event) {
    events_.push_back(event);
    if (hook) hook(event);
  }
  Events events_;
};

class WebRtcLink {
 public:
  explicit WebRtcLink(const NetworkOptions& up = {}, const NetworkOptions& down = {},
                      const WebRtcTransportOptions& options = {})
      : up_(up), down_(down), via_(this) {
    MakeServer(options);
    MakeClient(options);
  }
  // The transports use what this holds.
  ~WebRtcLink() {
    client_.transport.reset();
    server_.transport.reset();
  }

  WebRtcEnd& server() { return server_; }
  WebRtcEnd& client() { return client_; }
  ClientIce& client_ice() { return *client_ice_; }
  IceDemux& demux() { return demux_; }
  NetworkEmulator& down() { return down_; }

  // What the server is told of the client, and the other way round.
  static DtlsParameters ClientParameters() {
    return ParametersOf(*TheirContext(), DtlsRole::kClient);
  }
  Status ConnectServer() { return server_.transport->Connect(ClientParameters(), now); }
  void BeginClient() {
    EXPECT_TRUE(
        client_.transport->Connect(ParametersOf(*OurContext(), DtlsRole::kServer), now).ok());
    client_ice_->Begin(now);
    client_.timer = now;
  }
  void Connect() {
    EXPECT_TRUE(ConnectServer().ok());
    BeginClient();
  }
  void DestroyServer() {
    server_.transport.reset();
    server_.timer = Timestamp::Never();
  }
  bool connected() const {
    return server_.transport->connected() && client_.transport->connected();
  }
  // Until both can send media.
  bool RunUntilConnected(TimeDelta span = TimeDelta::Seconds(30)) {
    return RunUntil([this] { return connected(); }, span);
  }

  // The next thing that happens, if it does before `end`.
  bool Step(Timestamp end) {
    const Timestamp next =
        std::min({up_.NextDeadline(), down_.NextDeadline(), server_.timer, client_.timer});
    if (next > end) return false;
    now = std::max(now, next);
    DeliverUp();
    DeliverDown();
    server_.RunTimer(now);
    client_.RunTimer(now);
    return true;
  }
  void Run(TimeDelta span) {
    const Timestamp end = now + span;
    while (Step(end)) continue;
    now = end;
  }
  bool RunUntil(const std::function<bool()>& done, TimeDelta span = TimeDelta::Seconds(30)) {
    const Timestamp end = now + span;
    while (!done()) {
      if (!Step(end)) break;
    }
    return done();
  }

  // A datagram that reaches the server from anywhere.
  void SendToServer(ByteView datagram, const SocketAddress& from) {
    if (on_to_server) on_to_server(datagram, from);
    up_.Send(datagram, now, TagOf(from));
  }

  static SocketAddress ServerAddress() { return SocketAddress::Ipv4({192, 0, 2, 1}, 4000); }
  static SocketAddress ClientAddress(uint16_t port = 1000) {
    return SocketAddress::Ipv4({10, 0, 0, 2}, port);
  }
  static IceCredentials Credentials(std::string fragment) {
    return {std::move(fragment), "PasswordOf24Characters00"};
  }

  Timestamp now = Timestamp::FromMillis(1'000'000);
  uint64_t bytes_to_server = 0;
  uint64_t bytes_from_server = 0;
  uint64_t datagrams_to_server = 0;  // that arrived
  std::function<void(ByteView datagram)> on_server_sent;
  std::function<void(ByteView datagram, const SocketAddress& from)> on_to_server;
  // What comes to addresses at which the client is not.
  std::function<void(ByteView datagram, const SocketAddress& to)> on_stray;
  bool server_can_send = true;

 private:
  // The server's socket.
  class Via final : public DatagramSender {
   public:
    explicit Via(WebRtcLink* link) : link_(link) {}
    MutableBytes Reserve(size_t size) override {
      if (!link_->server_can_send) return {};
      space_.resize(size);
      return space_;
    }
    void Commit(const SocketAddress& to, std::span<const uint16_t> sizes,
                const SocketAddress&) override {
      size_t at = 0;
      for (const uint16_t size : sizes) {
        const ByteView datagram = ByteView(space_).subspan(at, size);
        at += size;
        link_->bytes_from_server += size;
        if (link_->on_server_sent) link_->on_server_sent(datagram);
        link_->down_.Send(datagram, link_->now, link_->TagOf(to));
      }
    }
    bool PrefersEqualSizes() const override { return true; }

   private:
    WebRtcLink* const link_;
    std::vector<uint8_t> space_;
  };

  void MakeServer(const WebRtcTransportOptions& options) {
    const auto make = [this](IceObserver& observer) -> Result<std::unique_ptr<IceSession>> {
      IceLiteOptions lite;
      lite.credentials = Credentials("abcd");
      auto session = IceLiteSession::Create(demux_, lite, observer);
      if (!session) return session.error();
      return std::unique_ptr<IceSession>(std::move(session).value());
    };
    server_.transport =
        WebRtcTransport::Create(options, server_.Environment(1), OurContext(), make, &server_)
            .value();
  }
  void MakeClient(const WebRtcTransportOptions& options) {
    const auto make = [this](IceObserver& observer) -> Result<std::unique_ptr<IceSession>> {
      auto ice =
          std::make_unique<ClientIce>(IceTuple{IceProtocol::kUdp, ClientAddress(), ServerAddress()},
                                      server_.transport->ice_parameters(), observer,
                                      [this](ByteView datagram, const IceTuple& tuple) {
                                        SendToServer(datagram, tuple.local);
                                      });
      client_ice_ = ice.get();
      return std::unique_ptr<IceSession>(std::move(ice));
    };
    client_.transport =
        WebRtcTransport::Create(options, client_.Environment(2), TheirContext(), make, &client_)
            .value();
  }

  uint64_t TagOf(const SocketAddress& address) {
    const auto [it, is_new] = tags_.try_emplace(address, addresses_.size());
    if (is_new) addresses_.push_back(address);
    return it->second;
  }
  void DeliverUp() {
    std::vector<std::pair<Datagram, SocketAddress>> arrived;
    up_.Poll(now, [&](ByteView bytes, uint64_t tag) {
      arrived.push_back({Datagram(bytes.begin(), bytes.end()), addresses_[tag]});
      bytes_to_server += bytes.size();
    });
    datagrams_to_server += arrived.size();
    std::vector<ReceivedDatagram> batch;
    for (auto& [bytes, from] : arrived) batch.push_back({bytes, from, ServerAddress()});
    if (!batch.empty()) demux_.OnDatagrams(batch, IceProtocol::kUdp, via_, now);
  }
  void DeliverDown() {
    std::vector<Datagram> arrived;
    down_.Poll(now, [&](ByteView bytes, uint64_t tag) {
      if (addresses_[tag] == client_ice_->tuple().local) {
        arrived.emplace_back(bytes.begin(), bytes.end());
      } else if (on_stray) {
        on_stray(bytes, addresses_[tag]);
      }
    });
    if (!arrived.empty() && !client_.transport->closed()) client_ice_->Receive(arrived, now);
  }

  NetworkEmulator up_;
  NetworkEmulator down_;
  std::vector<SocketAddress> addresses_;  // by their tags
  std::unordered_map<SocketAddress, uint64_t> tags_;
  Via via_;
  IceDemux demux_{SipKey{1, 2}};
  WebRtcEnd server_;
  WebRtcEnd client_;
  ClientIce* client_ice_ = nullptr;  // the client's transport has it
};

}  // namespace sfu::test

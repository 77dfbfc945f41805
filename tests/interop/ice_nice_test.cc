// A full ICE agent, libnice's NiceAgent, against our ICE-lite port: over UDP and TCP, with both
// kinds of nomination, through a restart, and against a wildcard socket that was asked by its
// second address.
#include <agent.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "net/webrtc_server.h"
#include "tests/support/own_network.h"
#include "tests/support/stun_builder.h"

namespace sfu {
namespace {

constexpr TimeDelta kPatience = TimeDelta::Seconds(15);

// Sends back what it gets. Lives on the Worker's thread.
class Echo : public IceObserver {
 public:
  void OnIceState(IceState, Timestamp) override {}
  void OnIceSelectedTuple(const std::optional<IceTuple>&, Timestamp) override { ++selections; }
  void OnDtls(MutableBytes, const IceTuple&, Timestamp) override {}
  void OnMedia(std::span<ReceivedDatagram> datagrams, const IceTuple&, Timestamp) override {
    DatagramSender& sender = session->sender();
    for (const ReceivedDatagram& datagram : datagrams) {
      const MutableBytes space = sender.Reserve(datagram.bytes.size());
      std::copy(datagram.bytes.begin(), datagram.bytes.end(), space.begin());
      const std::array<uint16_t, 1> sizes = {static_cast<uint16_t>(space.size())};
      sender.Commit({}, sizes);
    }
  }
  void OnDatagramsDone(Timestamp) override {}

  std::unique_ptr<IceLiteSession> session;
  int selections = 0;
};

// Our side: a Worker with a thread, a port and one session.
class Server {
 public:
  Server(const std::string& bind, const std::string& announced, const IceSessionOptions& options)
      : worker_(Worker::Create().value()) {
    EXPECT_TRUE(worker_->Start().ok());
    OnWorker([&] {
      IceListenOptions udp;
      udp.local = *SocketAddress::ParseIp(bind);
      udp.announced_addresses = {announced};
      IceListenOptions tcp = udp;
      tcp.protocol = IceProtocol::kTcp;
      auto server = WebRtcServer::Create(*worker_, {udp, tcp});
      ASSERT_TRUE(server.ok()) << server.error().ToString();
      server_ = std::move(server).value();
      echo_.session = server_->CreateSession(options, echo_).value();
    });
  }
  ~Server() {
    OnWorker([&] {
      echo_.session.reset();
      server_.reset();
    });
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  template <typename F>
  void OnWorker(F&& function) {
    worker_->PostAndWait([&] { function(); });
  }
  IceParameters parameters() {
    IceParameters parameters;
    OnWorker([&] { parameters = echo_.session->local_parameters(); });
    return parameters;
  }
  std::vector<IceCandidate> candidates() {
    std::vector<IceCandidate> candidates;
    OnWorker([&] {
      const auto all = echo_.session->local_candidates();
      candidates.assign(all.begin(), all.end());
    });
    return candidates;
  }
  IceState state() {
    IceState state{};
    OnWorker([&] { state = echo_.session->state(); });
    return state;
  }
  std::optional<IceTuple> selected() {
    std::optional<IceTuple> tuple;
    OnWorker([&] { tuple = echo_.session->selected_tuple(); });
    return tuple;
  }
  // Has a stranger check with these parameters.
  void Check(const IceParameters& parameters) {
    const auto check =
        test::MakeCheck(parameters.username_fragment, parameters.password, ++transaction_);
    OnWorker([&] {
      UdpSocketOptions options;
      options.local = SocketAddress::Ipv4({127, 0, 0, 1}, 0);
      const auto peer = UdpSocket::Create(*worker_, options, nullptr).value();
      const MutableBytes space = peer->Reserve(check.size());
      std::copy(check.begin(), check.end(), space.begin());
      const std::array<uint16_t, 1> sizes = {static_cast<uint16_t>(check.size())};
      peer->Commit(SocketAddress::Ipv4({127, 0, 0, 1}, server_->addresses()[0].port), sizes);
    });
  }
  uint64_t refused() {
    uint64_t refused = 0;
    OnWorker([&] { refused = server_->drops()[DropReason::kStunAuth]; });
    return refused;
  }
  void Restart() {
    OnWorker([&] { EXPECT_TRUE(echo_.session->Restart(NewIceCredentials().value()).ok()); });
  }

 private:
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<WebRtcServer> server_;
  Echo echo_;
  uint64_t transaction_ = 0;
};

struct AgentOptions {
  bool regular_nomination = false;
  bool tcp = false;
  std::string address = "127.0.0.1";
};

// The peer; its main context runs on the test's thread.
class Agent {
 public:
  explicit Agent(const AgentOptions& options) : context_(g_main_context_new()) {
    const int flags = NICE_AGENT_OPTION_CONSENT_FRESHNESS |
                      (options.regular_nomination ? NICE_AGENT_OPTION_REGULAR_NOMINATION : 0);
    agent_ = nice_agent_new_full(context_, NICE_COMPATIBILITY_RFC5245,
                                 static_cast<NiceAgentOption>(flags));
    g_object_set(agent_, "controlling-mode", TRUE, "upnp", FALSE, "ice-udp", !options.tcp,
                 "ice-tcp", options.tcp, nullptr);
    NiceAddress address;
    nice_address_init(&address);
    nice_address_set_from_string(&address, options.address.c_str());
    nice_agent_add_local_address(agent_, &address);
    stream_ = nice_agent_add_stream(agent_, 1);
    nice_agent_attach_recv(agent_, stream_, 1, context_, OnReceive, this);
    EXPECT_TRUE(nice_agent_gather_candidates(agent_, stream_));
  }
  ~Agent() {
    g_object_unref(agent_);
    while (g_main_context_iteration(context_, FALSE)) {
    }
    g_main_context_unref(context_);
  }
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  void SetRemote(const IceParameters& parameters, const std::vector<IceCandidate>& candidates) {
    EXPECT_TRUE(nice_agent_set_remote_credentials(
        agent_, stream_, parameters.username_fragment.c_str(), parameters.password.c_str()));
    GSList* list = nullptr;
    for (const IceCandidate& candidate : candidates) {
      NiceCandidate* remote = nice_candidate_new(NICE_CANDIDATE_TYPE_HOST);
      remote->stream_id = stream_;
      remote->component_id = 1;
      remote->priority = candidate.priority;
      remote->transport = candidate.protocol == IceProtocol::kUdp
                              ? NICE_CANDIDATE_TRANSPORT_UDP
                              : NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE;
      nice_address_set_from_string(&remote->addr, candidate.address.c_str());
      nice_address_set_port(&remote->addr, candidate.port);
      g_strlcpy(remote->foundation, candidate.foundation.c_str(), sizeof(remote->foundation));
      list = g_slist_append(list, remote);
    }
    EXPECT_GT(nice_agent_set_remote_candidates(agent_, stream_, 1, list), 0);
    g_slist_free_full(list, [](gpointer candidate) {
      nice_candidate_free(static_cast<NiceCandidate*>(candidate));
    });
  }
  void Restart() { EXPECT_TRUE(nice_agent_restart(agent_)); }

  NiceComponentState state() { return nice_agent_get_component_state(agent_, stream_, 1); }

  // Runs the context until `done`. False when that took too long.
  template <typename F>
  bool RunUntil(F&& done) {
    const Timestamp give_up = Worker::Now() + kPatience;
    while (!done() && Worker::Now() < give_up) {
      if (!g_main_context_iteration(context_, FALSE)) g_usleep(1000);
    }
    return done();
  }

  // Sends `count` datagrams that look like RTP, and waits until all have come back.
  bool Echoed(int count) {
    received_.clear();
    std::vector<std::string> sent;
    for (int i = 0; i < count; ++i) {
      std::string datagram = std::string("\x80").append(std::to_string(i)).append(500, 'x');
      EXPECT_EQ(
          nice_agent_send(agent_, stream_, 1, static_cast<guint>(datagram.size()), datagram.data()),
          static_cast<gint>(datagram.size()));
      sent.push_back(std::move(datagram));
    }
    RunUntil([&] { return received_.size() >= sent.size(); });
    return received_ == sent;
  }

 private:
  static void OnReceive(NiceAgent*, guint, guint, guint size, gchar* bytes, gpointer self) {
    static_cast<Agent*>(self)->received_.emplace_back(bytes, size);
  }

  GMainContext* const context_;
  NiceAgent* agent_ = nullptr;
  guint stream_ = 0;
  std::vector<std::string> received_;
};

struct Case {
  const char* name;
  bool regular_nomination;
  bool tcp;
};

class IceNiceTest : public ::testing::TestWithParam<Case> {};

TEST_P(IceNiceTest, ConnectsCarriesDataAndRestarts) {
  Server server("127.0.0.1", "127.0.0.1", {});
  Agent agent({.regular_nomination = GetParam().regular_nomination, .tcp = GetParam().tcp});
  agent.SetRemote(server.parameters(), server.candidates());
  ASSERT_TRUE(agent.RunUntil([&] { return agent.state() == NICE_COMPONENT_STATE_READY; }));
  EXPECT_EQ(server.state(), IceState::kCompleted);
  EXPECT_EQ(server.selected()->protocol, GetParam().tcp ? IceProtocol::kTcp : IceProtocol::kUdp);
  EXPECT_TRUE(agent.Echoed(20));

  const IceParameters before = server.parameters();
  server.Restart();
  EXPECT_NE(server.parameters().username_fragment, before.username_fragment);
  EXPECT_TRUE(agent.Echoed(5));
  agent.Restart();
  agent.SetRemote(server.parameters(), server.candidates());
  EXPECT_TRUE(agent.RunUntil([&] { return agent.state() == NICE_COMPONENT_STATE_READY; }));
  EXPECT_TRUE(agent.Echoed(20));
  EXPECT_EQ(server.state(), IceState::kCompleted);
  // The agent has used the new parameters: the old ones are of no use any more.
  EXPECT_EQ(server.refused(), 0u);
  EXPECT_TRUE(agent.RunUntil([&] {
    server.Check(before);
    return server.refused() > 0;
  }));
}

INSTANTIATE_TEST_SUITE_P(Paths, IceNiceTest,
                         ::testing::Values(Case{"AggressiveUdp", false, false},
                                           Case{"RegularUdp", true, false},
                                           Case{"AggressiveTcp", false, true},
                                           Case{"RegularTcp", true, true}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(IceNice, WrongPasswordsNeverConnect) {
  Server server("127.0.0.1", "127.0.0.1", {});
  Agent agent({});
  IceParameters wrong = server.parameters();
  wrong.password.back() = wrong.password.back() == 'a' ? 'b' : 'a';
  agent.SetRemote(wrong, server.candidates());
  EXPECT_TRUE(agent.RunUntil([&] { return agent.state() == NICE_COMPONENT_STATE_FAILED; }));
  EXPECT_EQ(server.state(), IceState::kNew);
}

TEST(IceNice, AWildcardSocketAnswersFromTheAddressThatWasAsked) {
  const test::OwnNetwork network(
      "ip address add 10.99.0.1/24 dev lo && ip address add 10.99.0.2/24 dev lo"
      " && ip address add 10.99.0.3/24 dev lo");
  if (!network.usable()) GTEST_SKIP() << "may not make a network namespace";
  Server server("0.0.0.0", "10.99.0.2", {});
  Agent agent({.address = "10.99.0.3"});
  agent.SetRemote(server.parameters(), server.candidates());
  ASSERT_TRUE(agent.RunUntil([&] { return agent.state() == NICE_COMPONENT_STATE_READY; }));
  EXPECT_EQ(server.selected()->local.IpString(), "10.99.0.2");
  EXPECT_TRUE(agent.Echoed(50));
}

}  // namespace
}  // namespace sfu

// A full ICE agent (RFC 8445) behind IceSession: libnice's NiceAgent, with STUN and TURN servers.
// For a server that peers cannot reach directly, and for dialing out, to an ICE-lite server above
// all. It costs sockets and locks per session; who can be reached uses ice_lite_session.h.
//
// The agents live on a thread of their own (NiceThread) with GLib's main loop; sessions belong to
// their Worker. What comes to an agent is posted to the Worker in batches. GLib is used nowhere
// else in libsfu.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/drop_counters.h"
#include "base/result.h"
#include "ice/ice_credentials.h"
#include "ice/ice_session.h"
#include "net/worker.h"

namespace sfu {

// Runs the main loop of any number of sessions; one serves a process.
class NiceThread {
 public:
  // So long sessions that are gone may still say goodbye to their TURN servers.
  static constexpr TimeDelta kMaxClosing = TimeDelta::Seconds(1);

  NiceThread();
  // Its sessions must be gone. Waits at most kMaxClosing.
  ~NiceThread();
  NiceThread(const NiceThread&) = delete;
  NiceThread& operator=(const NiceThread&) = delete;

 private:
  friend class NiceIceSession;
  struct Loop;
  const std::unique_ptr<Loop> loop_;
};

struct TurnServer {
  SocketAddress address;
  IceProtocol protocol = IceProtocol::kUdp;  // between us and the server
  std::string username;
  std::string password;
};

struct NiceIceOptions {
  IceCredentials credentials;
  // Whether we decide on the path: the one who dials out does, and whoever talks to a lite peer.
  bool controlling = false;
  bool enable_udp = true;
  bool enable_tcp = false;
  bool relay_only = false;  // no path but those by TURN
  // Addresses to gather on; empty: all of the host. Ports are any.
  std::vector<SocketAddress> local_addresses;
  std::optional<SocketAddress> stun_server;
  std::vector<TurnServer> turn_servers;  // at most kMaxTurnServers
  // Called on the Worker: a local candidate was found (trickle), and: that was the last one. Both
  // may be empty, and may destroy the session.
  std::function<void(const IceCandidate&)> on_candidate;
  std::function<void()> on_gathered;
};

class NiceIceSession final : public IceSession {
 public:
  static constexpr size_t kMaxTurnServers = 8;
  // Datagrams that may wait for the Worker; more are dropped.
  static constexpr size_t kMaxWaiting = 2048;

  // Begins to gather candidates; what of them is known local_candidates() says. Worker, thread and
  // observer must outlive it. Errors name "usernameFragment", "password", "enableUdp", or
  // "turnServers[N]".
  static Result<std::unique_ptr<NiceIceSession>> Create(Worker& worker, NiceThread& thread,
                                                        const NiceIceOptions& options,
                                                        IceObserver& observer);
  ~NiceIceSession() override;

  // IceSession. Errors: "usernameFragment" or "password" of SetRemoteParameters(), "address" (no IP
  // address) of AddRemoteCandidate(). Checks begin when parameters and a candidate are there.
  const IceParameters& local_parameters() const override { return parameters_; }
  std::span<const IceCandidate> local_candidates() const override { return candidates_; }
  Status SetRemoteParameters(const IceParameters& parameters) override;
  Status AddRemoteCandidate(const IceCandidate& candidate) override;
  // The peer must be told the new parameters, and tell its own.
  Status Restart(const IceCredentials& credentials) override;
  IceState state() const override { return state_; }
  std::optional<IceTuple> selected_tuple() const override { return selected_; }
  DatagramSender& sender() override { return sender_; }
  // The agents agree by themselves.
  void OnAuthenticatedData(const IceTuple&, Timestamp) override {}
  // libnice has timers of its own.
  Timestamp NextDeadline() const override { return Timestamp::Never(); }
  void HandleTimeout(Timestamp) override {}
  void Close() override;

  // kQueueFull: the Worker did not keep up; kNotRtp: neither DTLS nor media; kUnknownSource: no
  // path is selected; kSendFailed.
  DropCounters drops() const;

 private:
  struct Agent;  // what the two threads share
  struct Event;

  class Sender final : public DatagramSender {
   public:
    explicit Sender(NiceIceSession* session) : session_(session) {}
    MutableBytes Reserve(size_t size) override;
    void Commit(const SocketAddress& to, std::span<const uint16_t> sizes,
                const SocketAddress& from_hint) override;
    bool PrefersEqualSizes() const override { return false; }

   private:
    NiceIceSession* const session_;
    std::vector<uint8_t> space_;
  };

  NiceIceSession(const NiceIceOptions& options, IceObserver& observer);
  static void Drain(const std::shared_ptr<Agent>& agent, Worker& worker);
  // They may destroy this.
  void OnEvent(Event& event, Timestamp now);
  void OnPath(const std::optional<IceTuple>& tuple, IceState state, Timestamp now);

  IceObserver& observer_;
  const std::function<void(const IceCandidate&)> on_candidate_;
  const std::function<void()> on_gathered_;
  IceParameters parameters_;
  std::vector<IceCandidate> candidates_;  // as many as addresses and servers allow
  IceState state_ = IceState::kNew;
  std::optional<IceTuple> selected_;
  std::optional<IceTuple> pair_;  // what the agent has selected last
  Sender sender_;
  std::shared_ptr<Agent> agent_;  // null when closed
  DropCounters drops_;
};

}  // namespace sfu

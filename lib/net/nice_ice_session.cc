// Events of a NiceAgent, in order, from its thread to the Worker's.
#include "net/nice_ice_session.h"

#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <variant>

#include "net/nice_types.h"
#include "net/worker.h"
#include "rtp/rtp_header.h"

namespace sfu {
namespace {

struct ObjectUnref {
  void operator()(gpointer object) const { g_object_unref(object); }
};
using AgentHandle = std::unique_ptr<NiceAgent, ObjectUnref>;

// Has `function` run on the context's thread.
void Invoke(GMainContext* context, std::function<void()> function) {
  g_main_context_invoke_full(
      context, G_PRIORITY_DEFAULT,
      [](gpointer data) -> gboolean {
        (*static_cast<std::function<void()>*>(data))();
        return G_SOURCE_REMOVE;
      },
      new std::function<void()>(std::move(function)),
      [](gpointer data) { delete static_cast<std::function<void()>*>(data); });
}

// Errors are those of NiceIceSession::Create().
Status CheckOptions(const NiceIceOptions& options) {
  if (Status status = options.credentials.Check(); !status) return status;
  if (!options.enable_udp && !options.enable_tcp) {
    return Error{"enableUdp", "must not be off when enableTcp is"};
  }
  for (size_t i = 0; i < options.turn_servers.size(); ++i) {
    const std::string field = "turnServers[" + std::to_string(i) + "]";
    if (i >= NiceIceSession::kMaxTurnServers) return Error{field, "too many"};
    const SocketAddress& address = options.turn_servers[i].address;
    if (!address.is_set() || address.port() == 0) return Error{field, "has no address and port"};
  }
  return OkStatus();
}

// Returns the number of the agent's only stream.
guint Configure(NiceAgent* nice, const NiceIceOptions& options) {
  g_object_set(nice, "controlling-mode", static_cast<gboolean>(options.controlling), "upnp", FALSE,
               "ice-udp", static_cast<gboolean>(options.enable_udp), "ice-tcp",
               static_cast<gboolean>(options.enable_tcp), "force-relay",
               static_cast<gboolean>(options.relay_only), nullptr);
  if (options.stun_server) {
    g_object_set(nice, "stun-server", options.stun_server->IpString().c_str(), "stun-server-port",
                 guint{options.stun_server->port()}, nullptr);
  }
  for (const SocketAddress& local : options.local_addresses) {
    NiceAddress address;
    if (ToNice(local.IpString(), 0, &address)) nice_agent_add_local_address(nice, &address);
  }
  const guint stream = nice_agent_add_stream(nice, 1);
  for (const TurnServer& turn : options.turn_servers) {
    nice_agent_set_relay_info(
        nice, stream, kNiceComponent, turn.address.IpString().c_str(), turn.address.port(),
        turn.username.c_str(), turn.password.c_str(),
        turn.protocol == IceProtocol::kUdp ? NICE_RELAY_TYPE_TURN_UDP : NICE_RELAY_TYPE_TURN_TCP);
  }
  nice_agent_set_local_credentials(nice, stream, options.credentials.username_fragment.c_str(),
                                   options.credentials.password.c_str());
  return stream;
}

}  // namespace

struct NiceThread::Loop {
  GMainContext* const context = g_main_context_new();
  GMainLoop* const loop = g_main_loop_new(context, FALSE);
  // Of the thread: agents that still tell their TURN servers that they go.
  std::vector<std::shared_ptr<void>> closing;
  std::thread thread;
};

NiceThread::NiceThread() : loop_(std::make_unique<Loop>()) {
  loop_->thread = std::thread([loop = loop_.get()] {
    g_main_context_push_thread_default(loop->context);
    g_main_loop_run(loop->loop);
    const gint64 give_up = g_get_monotonic_time() + kMaxClosing.us();
    while (!loop->closing.empty() && g_get_monotonic_time() < give_up) {
      if (g_main_context_iteration(loop->context, FALSE) == 0) g_usleep(1000);
    }
    loop->closing.clear();
    g_main_context_pop_thread_default(loop->context);
  });
}

NiceThread::~NiceThread() {
  // Behind everything that was invoked before, also if the thread has not come to run yet.
  Invoke(loop_->context, [loop = loop_->loop] { g_main_loop_quit(loop); });
  loop_->thread.join();
  g_main_loop_unref(loop_->loop);
  g_main_context_unref(loop_->context);
}

struct NiceIceSession::Event {
  struct Gathered {};
  struct Pair {
    IceTuple tuple;
  };
  struct State {
    NiceComponentState state;
  };
  using Datagram = std::vector<uint8_t>;
  std::variant<Datagram, IceCandidate, Gathered, Pair, State> what;
};

struct NiceIceSession::Agent : std::enable_shared_from_this<Agent> {
  Agent(Worker& to_worker, NiceThread::Loop* main_loop, NiceAgent* nice_agent)
      : worker(to_worker), loop(main_loop), nice(nice_agent) {}

  // What the agent tells goes to Tell(). It goes on its own thread (End), after which none of these
  // is called.
  void Listen() {
    g_signal_connect(nice.get(), "new-candidate-full",
                     G_CALLBACK(+[](NiceAgent*, NiceCandidate* candidate, gpointer data) {
                       static_cast<Agent*>(data)->Tell({FromNice(*candidate)});
                     }),
                     this);
    g_signal_connect(nice.get(), "candidate-gathering-done",
                     G_CALLBACK(+[](NiceAgent*, guint, gpointer data) {
                       static_cast<Agent*>(data)->Tell({Event::Gathered()});
                     }),
                     this);
    g_signal_connect(nice.get(), "new-selected-pair-full",
                     G_CALLBACK(+[](NiceAgent*, guint, guint, NiceCandidate* local,
                                    NiceCandidate* remote, gpointer data) {
                       static_cast<Agent*>(data)->Tell({Event::Pair{
                           {ProtocolOf(*local), FromNice(local->addr), FromNice(remote->addr)}}});
                     }),
                     this);
    g_signal_connect(
        nice.get(), "component-state-changed",
        G_CALLBACK(+[](NiceAgent*, guint, guint, guint state, gpointer data) {
          static_cast<Agent*>(data)->Tell({Event::State{static_cast<NiceComponentState>(state)}});
        }),
        this);
    nice_agent_attach_recv(
        nice.get(), stream, kNiceComponent, loop->context,
        [](NiceAgent*, guint, guint, guint size, gchar* bytes, gpointer data) {
          static_cast<Agent*>(data)->Tell({Event::Datagram(bytes, bytes + size)});
        },
        this);
  }

  // Of the agent's thread.
  void Tell(Event event) {
    const std::lock_guard lock(mutex);
    if (closed) return;
    if (std::holds_alternative<Event::Datagram>(event.what) && events.size() >= kMaxWaiting) {
      ++overflow;
      return;
    }
    events.push_back(std::move(event));
    if (std::exchange(posted, true)) return;
    worker.Post([self = shared_from_this()] { Drain(self, self->worker); });
  }

  // Of the agent's thread: goodbye to TURN servers, whose answers come where media came.
  void End() {
    g_signal_handlers_disconnect_by_data(nice.get(), this);
    loop->closing.push_back(shared_from_this());
    nice_agent_close_async(
        nice.get(),
        [](GObject*, GAsyncResult*, gpointer data) { static_cast<Agent*>(data)->OnEnd(); }, this);
  }
  // Destroys this.
  void OnEnd() {
    nice_agent_attach_recv(nice.get(), stream, kNiceComponent, loop->context, nullptr, nullptr);
    std::erase_if(loop->closing, [this](const auto& other) { return other.get() == this; });
  }

  Worker& worker;
  NiceThread::Loop* const loop;
  const AgentHandle nice;
  guint stream = 0;

  NiceIceSession* session = nullptr;  // the Worker's; null when it is gone

  std::mutex mutex;  // guards what follows
  std::deque<Event> events;
  bool posted = false;
  bool closed = false;
  uint64_t overflow = 0;
};

Result<std::unique_ptr<NiceIceSession>> NiceIceSession::Create(Worker& worker, NiceThread& thread,
                                                               const NiceIceOptions& options,
                                                               IceObserver& observer) {
  if (Status status = CheckOptions(options); !status) return status.error();
  const auto flags = static_cast<NiceAgentOption>(NICE_AGENT_OPTION_CONSENT_FRESHNESS |
                                                  NICE_AGENT_OPTION_REGULAR_NOMINATION |
                                                  NICE_AGENT_OPTION_ICE_TRICKLE);
  GMainContext* const context = thread.loop_->context;
  auto agent = std::make_shared<Agent>(
      worker, thread.loop_.get(), nice_agent_new_full(context, NICE_COMPATIBILITY_RFC5245, flags));
  agent->stream = Configure(agent->nice.get(), options);
  agent->Listen();
  std::unique_ptr<NiceIceSession> session(new NiceIceSession(options, observer));
  session->agent_ = agent;
  agent->session = session.get();
  if (nice_agent_gather_candidates(agent->nice.get(), agent->stream) == 0) {
    return Error{"", "no candidates can be gathered"};
  }
  return session;
}

NiceIceSession::NiceIceSession(const NiceIceOptions& options, IceObserver& observer)
    : observer_(observer),
      on_candidate_(options.on_candidate),
      on_gathered_(options.on_gathered),
      parameters_{options.credentials.username_fragment, options.credentials.password, false},
      sender_(this) {}

NiceIceSession::~NiceIceSession() { Close(); }

void NiceIceSession::Close() {
  state_ = IceState::kClosed;
  selected_.reset();
  const std::shared_ptr<Agent> agent = std::exchange(agent_, nullptr);
  if (agent == nullptr) return;
  agent->session = nullptr;
  {
    const std::lock_guard lock(agent->mutex);
    agent->closed = true;
    agent->events.clear();
  }
  Invoke(agent->loop->context, [agent] { agent->End(); });
}

Status NiceIceSession::SetRemoteParameters(const IceParameters& parameters) {
  if (agent_ == nullptr) return Error{"", "the session is closed"};
  const IceCredentials credentials{parameters.username_fragment, parameters.password};
  if (Status status = credentials.Check(); !status) return status;
  if (nice_agent_set_remote_credentials(agent_->nice.get(), agent_->stream,
                                        parameters.username_fragment.c_str(),
                                        parameters.password.c_str()) == 0) {
    return Error{"usernameFragment", "was not taken"};
  }
  return OkStatus();
}

Status NiceIceSession::AddRemoteCandidate(const IceCandidate& candidate) {
  if (agent_ == nullptr) return Error{"", "the session is closed"};
  const NiceCandidateHandle remote = ToNice(candidate, agent_->stream);
  if (remote == nullptr) return Error{"address", "is no IP address"};
  GSList list = {remote.get(), nullptr};
  // Less than one: it is known, or of a kind that we have switched off.
  nice_agent_set_remote_candidates(agent_->nice.get(), agent_->stream, kNiceComponent, &list);
  return OkStatus();
}

Status NiceIceSession::Restart(const IceCredentials& credentials) {
  if (agent_ == nullptr) return Error{"", "the session is closed"};
  if (Status status = credentials.Check(); !status) return status;
  NiceAgent* const nice = agent_->nice.get();
  if (nice_agent_restart_stream(nice, agent_->stream) == 0 ||
      nice_agent_set_local_credentials(nice, agent_->stream, credentials.username_fragment.c_str(),
                                       credentials.password.c_str()) == 0) {
    return Error{"", "the agent cannot be restarted"};
  }
  parameters_ = {credentials.username_fragment, credentials.password, false};
  return OkStatus();
}

DropCounters NiceIceSession::drops() const {
  DropCounters drops = drops_;
  if (agent_ != nullptr) {
    const std::lock_guard lock(agent_->mutex);
    drops.Add(DropReason::kQueueFull, agent_->overflow);
  }
  return drops;
}

void NiceIceSession::Drain(const std::shared_ptr<Agent>& agent, Worker& worker) {
  std::deque<Event> events;
  {
    const std::lock_guard lock(agent->mutex);
    events.swap(agent->events);
    agent->posted = false;
  }
  const Timestamp now = worker.batch_time();
  std::vector<ReceivedDatagram> media;
  bool received = false;
  // Hands over what has gathered; false when the session is gone.
  const auto flush = [&] {
    if (agent->session == nullptr || media.empty()) return agent->session != nullptr;
    NiceIceSession& session = *agent->session;
    if (session.pair_) {
      session.observer_.OnMedia(media, IceTuple(*session.pair_), now);
    } else {
      session.drops_.Add(DropReason::kUnknownSource, media.size());
    }
    media.clear();
    return agent->session != nullptr;
  };
  for (Event& event : events) {
    if (agent->session == nullptr) return;
    auto* const datagram = std::get_if<Event::Datagram>(&event.what);
    const DatagramKind kind =
        datagram == nullptr ? DatagramKind::kUnknown : ClassifyDatagram(*datagram);
    received = received || datagram != nullptr;
    if (kind == DatagramKind::kRtp || kind == DatagramKind::kRtcp) {
      media.push_back({*datagram, {}, {}});
      continue;
    }
    if (!flush()) return;
    agent->session->OnEvent(event, now);
  }
  if (flush() && received) agent->session->observer_.OnDatagramsDone(now);
}

void NiceIceSession::OnEvent(Event& event, Timestamp now) {
  if (auto* const datagram = std::get_if<Event::Datagram>(&event.what)) {
    if (ClassifyDatagram(*datagram) != DatagramKind::kDtls) {
      drops_.Add(DropReason::kNotRtp);
    } else if (!pair_) {
      drops_.Add(DropReason::kUnknownSource);
    } else {
      observer_.OnDtls(*datagram, IceTuple(*pair_), now);
    }
  } else if (const auto* const candidate = std::get_if<IceCandidate>(&event.what)) {
    candidates_.push_back(*candidate);
    if (on_candidate_) on_candidate_(*candidate);
  } else if (std::holds_alternative<Event::Gathered>(event.what)) {
    if (on_gathered_) on_gathered_();
  } else if (const auto* const pair = std::get_if<Event::Pair>(&event.what)) {
    pair_ = pair->tuple;
    if (state_ == IceState::kConnected || state_ == IceState::kCompleted) {
      OnPath(pair_, state_, now);
    }
  } else if (const auto* const state = std::get_if<Event::State>(&event.what)) {
    if (state->state == NICE_COMPONENT_STATE_CONNECTED) OnPath(pair_, IceState::kConnected, now);
    if (state->state == NICE_COMPONENT_STATE_READY) OnPath(pair_, IceState::kCompleted, now);
    if (state->state == NICE_COMPONENT_STATE_DISCONNECTED ||
        state->state == NICE_COMPONENT_STATE_FAILED) {
      OnPath(std::nullopt, IceState::kDisconnected, now);
    }
  }
}

void NiceIceSession::OnPath(const std::optional<IceTuple>& tuple, IceState state, Timestamp now) {
  const std::shared_ptr<Agent> agent = agent_;
  const bool new_tuple = tuple != selected_;
  const bool new_state = state != state_;
  selected_ = tuple;
  state_ = state;
  if (new_tuple) observer_.OnIceSelectedTuple(std::optional(tuple), now);
  if (agent->session != nullptr && new_state && state_ == state) {
    agent->session->observer_.OnIceState(state, now);
  }
}

MutableBytes NiceIceSession::Sender::Reserve(size_t size) {
  if (!session_->selected_ || size > kMaxReserve) return {};
  if (space_.size() < size) space_.resize(size);
  return MutableBytes(space_).first(size);
}

void NiceIceSession::Sender::Commit(const SocketAddress&, std::span<const uint16_t> sizes,
                                    const SocketAddress&) {
  if (session_->agent_ == nullptr) return;
  size_t at = 0;
  for (const uint16_t size : sizes) {
    const gint sent =
        nice_agent_send(session_->agent_->nice.get(), session_->agent_->stream, kNiceComponent,
                        size, reinterpret_cast<const gchar*>(space_.data() + at));
    if (sent != size) session_->drops_.Add(DropReason::kSendFailed);
    at += size;
  }
}

}  // namespace sfu

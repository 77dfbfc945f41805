// A GMainLoop with an HttpServer, on a thread.
#include "signalling/server_thread.h"

#include <atomic>
#include <utility>

namespace sfu::signalling {
namespace {

void Attach(GMainContext* context, GSource* source, GSourceFunc function, gpointer data,
            GDestroyNotify destroy) {
  g_source_set_priority(source, G_PRIORITY_DEFAULT);
  g_source_set_callback(source, function, data, destroy);
  g_source_attach(source, context);
  g_source_unref(source);
}

}  // namespace

// Shared with the thread, which may outlive the ServerThread.
struct ServerThread::State {
  State() : context(g_main_context_new()), loop(g_main_loop_new(context, FALSE)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    server.reset();
    g_main_loop_unref(loop);
    g_main_context_unref(context);
  }

  GMainContext* const context;
  GMainLoop* const loop;
  std::unique_ptr<HttpServer> server;
  std::atomic<bool> over = false;  // no task is done any more
};

// Its source belongs to the state's context, so the state is there when it runs.
struct ServerThread::Posted {
  State* state;
  Task task;
};

Result<std::unique_ptr<ServerThread>> ServerThread::Start(const std::string& address, uint16_t port,
                                                          HttpServer::Handler handler) {
  auto state = std::make_shared<State>();
  auto server = HttpServer::Listen(state->context, address, port, std::move(handler));
  if (!server) return server.error();
  state->server = std::move(server).value();
  return std::unique_ptr<ServerThread>(new ServerThread(std::move(state)));
}

ServerThread::ServerThread(std::shared_ptr<State> state)
    : state_(std::move(state)), port_(state_->server->port()), thread_([shared = state_] {
        g_main_context_push_thread_default(shared->context);
        g_main_loop_run(shared->loop);
        g_main_context_pop_thread_default(shared->context);
      }) {}

ServerThread::~ServerThread() {
  state_->over = true;
  // A loop that does not run yet would not notice that it is to end: so a source ends it.
  const GSourceFunc quit = [](gpointer loop) -> gboolean {
    g_main_loop_quit(static_cast<GMainLoop*>(loop));
    return G_SOURCE_REMOVE;
  };
  Attach(state_->context, g_idle_source_new(), quit, state_->loop, nullptr);
  if (IsThisThread()) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

void ServerThread::Post(Task task, unsigned delay) {
  const GSourceFunc run = [](gpointer data) -> gboolean {
    const auto* posted = static_cast<const Posted*>(data);
    if (!posted->state->over) posted->task();
    return G_SOURCE_REMOVE;
  };
  Attach(state_->context, delay == 0 ? g_idle_source_new() : g_timeout_source_new(delay), run,
         new Posted{state_.get(), std::move(task)},
         [](gpointer data) { delete static_cast<Posted*>(data); });
}

}  // namespace sfu::signalling

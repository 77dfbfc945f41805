// The registry holds weak references only: it owns nothing.
#include "shared_worker.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "end_later.h"
#include "net/plain_transport_host.h"

namespace sfu::gst {
namespace {

// How many tasks in a row may each be what another has left to do.
constexpr int kMaxLastTasks = 100;

// Names are per process by nature: pipelines that know nothing of each other meet here.
struct Registry {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<SharedWorker>> workers;
};

// Never destroyed: threads may look while the process exits.
Registry& TheRegistry() {
  static auto* const registry = new Registry;
  return *registry;
}

void EndWorker(SharedWorker* shared) {
  if (!shared->worker->IsWorkerThread()) {
    delete shared;
    return;
  }
  // The last user went inside a task.
  EndLater([shared] { delete shared; });
}

std::vector<SharedWorkerRef> RunningWorkers() {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  std::vector<SharedWorkerRef> running;
  for (const auto& [name, entry] : registry.workers) {
    if (SharedWorkerRef shared = entry.lock()) running.push_back(std::move(shared));
  }
  return running;
}

// Where the last user has gone, tasks that it left may still run, and end their Worker. A Worker
// that has users goes on: of a pipeline that was not stopped.
void AwaitLastTasks() {
  std::vector<SharedWorkerRef> running = RunningWorkers();
  const bool inside = std::any_of(running.begin(), running.end(), [](const auto& shared) {
    return shared->worker->IsWorkerThread();
  });
  if (inside) return;  // a thread cannot wait for itself
  for (const SharedWorkerRef& shared : running) {
    for (int i = 0; i < kMaxLastTasks && shared.use_count() > 1; ++i) {
      if (!shared->worker->PostAndWait([] {})) break;
    }
  }
  running.clear();
  AwaitEnds();
}

// What exit handlers of the libraries below tear down must not be in use any more. So ours comes
// before theirs: it is added after them. (OpenSSL adds its own when it is first asked for
// something.)
void AwaitLastTasksAtExit() {
  [[maybe_unused]] static const bool added = [] {
    OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CRYPTO_STRINGS, nullptr);
    return std::atexit(&AwaitLastTasks) == 0;
  }();
}

}  // namespace

Result<SharedWorkerRef> AcquireWorker(const std::string& name) {
  AwaitLastTasksAtExit();
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  auto& entry = registry.workers[name];
  if (SharedWorkerRef running = entry.lock()) return running;
  WorkerOptions options;
  options.thread_name = "sfu-" + name;
  auto worker = Worker::Create(options);
  if (!worker) return worker.error();
  if (auto started = worker.value()->Start(); !started) return started.error();
  SharedWorkerRef shared(
      new SharedWorker{
          name, std::move(worker).value(), ReadNtpClock(), {}, {}, {}, WebRtcShare(name)},
      &EndWorker);
  entry = shared;
  std::erase_if(registry.workers, [](const auto& item) { return item.second.expired(); });
  return shared;
}

void LeaveWorker(SharedWorkerRef worker) {
  const SharedWorkerRef mine = std::move(worker);
  if (mine != nullptr) mine->worker->PostAndWait([] {});
}

}  // namespace sfu::gst

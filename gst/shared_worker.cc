// The registry holds weak references only: it owns nothing.
#include "shared_worker.h"

#include <map>
#include <mutex>
#include <utility>

#include "end_later.h"
#include "net/plain_transport_host.h"

namespace sfu::gst {
namespace {

// Names are per process by nature: pipelines that know nothing of each other meet here.
struct Registry {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<SharedWorker>> workers;
};

Registry& TheRegistry() {
  static Registry registry;
  return registry;
}

void EndWorker(SharedWorker* shared) {
  if (!shared->worker->IsWorkerThread()) {
    delete shared;
    return;
  }
  // The last user went inside a task. A thread cannot wait for its own end.
  EndLater([shared] { delete shared; });
}

}  // namespace

Result<SharedWorkerRef> AcquireWorker(const std::string& name) {
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

}  // namespace sfu::gst

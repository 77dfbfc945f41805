// Names of Routers are per process, as those of Workers are: see shared_worker.cc.
#include "router_hub.h"

#include <algorithm>
#include <map>
#include <utility>

#include "element_pads.h"
#include "layer_offers.h"
#include "net/entropy.h"

namespace sfu::gst {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<RouterHub>> hubs;
};

// Never destroyed: threads may look while the process exits.
Registry& TheRegistry() {
  static auto* const registry = new Registry;
  return *registry;
}

bool SameFormat(const RtpCodec& a, const RtpCodec& b) {
  return a.kind == b.kind && a.clock_rate == b.clock_rate &&
         g_ascii_strcasecmp(a.encoding_name.c_str(), b.encoding_name.c_str()) == 0;
}

bool SameCodec(const RtpCodec& a, const RtpCodec& b) {
  return SameFormat(a, b) && a.payload_type == b.payload_type && a.extensions == b.extensions;
}

// Two senders, whose own numbers may differ: those of the router are the same for Consumers.
bool OneAfterTheOther(const ProducedStreamRef& a, const ProducedStreamRef& b) {
  return a != nullptr && b != nullptr && a != b && a->RouterPayloadType() >= 0 &&
         a->RouterPayloadType() == b->RouterPayloadType();
}

}  // namespace

// Made and freed on the Worker.
struct RouterHub::Core {
  explicit Core(TimerQueue& timers)
      : timer(timers, [this](Timestamp now) { OnTimer(now); }),
        router(EntropySeed(), [this](Timestamp at) { Arm(at); }),
        offers(timers) {}

  void Arm(Timestamp at) {
    if (at < timer.deadline()) timer.Arm(at);
  }
  void OnTimer(Timestamp now) {
    router.HandleTimeout(now);
    timer.Arm(router.NextDeadline());
  }

  Timer timer;
  Router router;
  LayerOffers offers;
  std::vector<Face*> faces;
};

Result<RouterHubRef> RouterHub::Acquire(const std::string& name, const std::string& worker) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  if (!name.empty()) {
    if (RouterHubRef hub = registry.hubs[name].lock()) {
      if (hub->worker_->name == worker) return hub;
      return Error{"worker", "is '" + worker + "', but router '" + name + "' lives on worker '" +
                                 hub->worker_->name + "'"};
    }
  }
  auto shared = AcquireWorker(worker);
  if (!shared) return shared.error();
  RouterHubRef hub(new RouterHub(name, std::move(shared).value()));
  hub->Post(
      [raw = hub.get()] { raw->core_ = std::make_unique<Core>(raw->worker_->worker->timers()); });
  std::erase_if(registry.hubs, [](const auto& item) { return item.second.expired(); });
  if (!name.empty()) registry.hubs[name] = hub;
  return hub;
}

RouterHubRef RouterHub::Find(const std::string& name) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  const auto found = registry.hubs.find(name);
  return found == registry.hubs.end() ? nullptr : found->second.lock();
}

RouterHub::RouterHub(std::string name, SharedWorkerRef worker)
    : name_(std::move(name)), worker_(std::move(worker)) {}

RouterHub::~RouterHub() {
  worker_->worker->Post([core = std::move(core_), worker = worker_]() mutable { core.reset(); });
}

// The task keeps the hub.
bool RouterHub::Post(std::function<void()> task) {
  return worker_->worker->Post([hub = shared_from_this(), task = std::move(task)] { task(); });
}

void RouterHub::AddProducer(const ProducerSlotRef& slot) {
  const std::lock_guard lock(mutex_);
  directory_.push_back(slot);
}

Status RouterHub::RenameProducer(const ProducerSlotRef& slot, const std::string& id) {
  const std::lock_guard lock(mutex_);
  if (slot->id == id) return OkStatus();
  if (slot->caps) return Error{"producer-id", "cannot change once the pad has caps"};
  for (const ProducerSlotRef& other : directory_) {
    if (other->id != id) continue;
    return Error{"producer-id", "'" + id + "' is taken by another producer of this router"};
  }
  slot->id = id;
  slot->named = true;
  return OkStatus();
}

Status RouterHub::CheckIdFree(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const bool taken = std::any_of(directory_.begin(), directory_.end(),
                                 [&](const ProducerSlotRef& slot) { return slot->id == id; });
  if (!taken) return OkStatus();
  return Error{"id", "'" + id + "' is taken by another producer of this router"};
}

void RouterHub::SetProduced(const ProducerSlotRef& slot, const ProducedStreamRef& produced) {
  const std::lock_guard lock(mutex_);
  // Another sender may come after the end of the last one's stream.
  if (produced != nullptr && produced != slot->produced) {
    Post([this, slot] { RestartProducer(slot); });
  }
  slot->produced = produced;
  if (produced == nullptr || slot->named || slot->caps) return;
  const bool taken =
      std::any_of(directory_.begin(), directory_.end(),
                  [&](const ProducerSlotRef& other) { return other->id == produced->id; });
  if (taken) return;
  slot->id = produced->id;
  slot->named = true;
}

Result<ortc::ProducerDescription> RouterHub::Describe(const std::string& producer_id) const {
  CapsRef caps;
  {
    const std::lock_guard lock(mutex_);
    const auto found =
        std::find_if(directory_.begin(), directory_.end(),
                     [&](const ProducerSlotRef& slot) { return slot->id == producer_id; });
    if (found == directory_.end()) {
      return Error{"producerId", "there is no '" + producer_id + "' in this router"};
    }
    if ((*found)->produced != nullptr) return (*found)->produced->description;
    caps = (*found)->caps;
  }
  if (!caps) return Error{"producerId", "'" + producer_id + "' has no caps yet"};
  auto described = codecs_.Describe(caps.get());
  if (!described) {
    return Error{"producerId", "'" + producer_id + "' " + described.error().reason};
  }
  return described;
}

void RouterHub::RemoveProducer(const ProducerSlotRef& slot) {
  {
    const std::lock_guard lock(mutex_);
    std::erase(directory_, slot);
  }
  Post([this, slot, pad = PadRef(slot->pad)] {
    for (const ConsumerSlotRef& consumer : slot->consumers) {
      Disconnect(*consumer);
      consumer->port->EndOfStream();
    }
    slot->consumers.clear();
    CloseProducer(*slot);
    slot->ended = slot->released = true;
  });
}

void RouterHub::SetProducerCaps(const ProducerSlotRef& slot, const CapsInfo& info,
                                const GstCaps* caps) {
  const auto kept = CapsRef::Adopt(gst_caps_copy(caps));
  {
    const std::lock_guard lock(mutex_);
    slot->caps = kept;
  }
  Post([this, slot, kept, codec = info.codec] {
    // Meanwhile the pad may have gone.
    if (!slot->released) MakeProducer(slot, codec, kept);
  });
}

void RouterHub::SetProducerPaused(const ProducerSlotRef& slot, bool paused) {
  {
    const std::lock_guard lock(mutex_);
    slot->paused = paused;
  }
  Post([slot, paused] {
    if (slot->producer == nullptr) return;
    if (paused) {
      slot->producer->Pause();
    } else {
      slot->producer->Resume(Worker::Now());
    }
  });
}

void RouterHub::SetProducerObserved(const ProducerSlotRef& slot, bool observed) {
  Post([this, slot, observed] {
    slot->observed = observed;
    if (slot->producer == nullptr) return;
    for (Face* face : core_->faces) face->OnProducerObserved(*slot);
  });
}

std::string RouterHub::IdOf(const ProducerSlot& slot) const {
  const std::lock_guard lock(mutex_);
  return slot.id;
}

ortc::ProducerType RouterHub::TypeOf(const ProducerSlot& slot) const {
  const std::lock_guard lock(mutex_);
  return slot.produced == nullptr ? ortc::ProducerType::kSimple : slot.produced->description.type;
}

std::vector<ProducerEntry> RouterHub::Producers(const void* face) const {
  std::vector<ProducerEntry> entries;
  {
    const std::lock_guard lock(mutex_);
    for (const ProducerSlotRef& slot : directory_) {
      entries.push_back({slot, slot->id, PadRef(slot->pad), slot->caps});
    }
  }
  std::stable_sort(entries.begin(), entries.end(), [face](const auto& a, const auto& b) {
    const bool a_own = a.slot->face == face;
    const bool b_own = b.slot->face == face;
    return a_own != b_own ? a_own : a.slot->number < b.slot->number;
  });
  return entries;
}

ProducerSlotRef RouterHub::FindProducer(const std::string& spec, const void* face) const {
  for (const ProducerEntry& entry : Producers(face)) {
    const ProducerSlot& slot = *entry.slot;
    if (entry.id == spec || slot.pad_name == spec || slot.face_name + "." + slot.pad_name == spec) {
      return entry.slot;
    }
  }
  return nullptr;
}

void RouterHub::Bind(const ConsumerSlotRef& consumer, const ProducerSlotRef& producer) {
  Post([this, consumer, producer] {
    consumer->producer = producer;
    if (!producer->released) producer->consumers.push_back(consumer);
    if (producer->producer != nullptr) Connect(*producer, *consumer);
    if (producer->ended) consumer->port->EndOfStream();
  });
}

void RouterHub::Unbind(const ConsumerSlotRef& consumer) {
  Post([this, consumer] {
    Disconnect(*consumer);
    if (const ProducerSlotRef producer = consumer->producer.lock()) {
      std::erase(producer->consumers, consumer);
    }
    consumer->producer.reset();
  });
}

void RouterHub::NotifyScore(const ProducerSlotRef& slot) {
  Post([slot] {
    for (const ConsumerSlotRef& consumer : slot->consumers) {
      NotifyLater(consumer->pad.get(), "score");
    }
  });
}

void RouterHub::SetConsumerPaused(const ConsumerSlotRef& consumer, bool paused) {
  Post([consumer, paused] {
    consumer->options.paused = paused;
    if (consumer->consumer == nullptr) return;
    if (paused) {
      consumer->consumer->Pause();
    } else {
      consumer->consumer->Resume(Worker::Now());
    }
  });
}

void RouterHub::SetConsumerPriority(const ConsumerSlotRef& consumer, uint8_t priority) {
  Post([consumer, priority] { consumer->priority = priority; });
}

void RouterHub::AddBudget(const ConsumerSlotRef& consumer, DataRate rate, uint64_t epoch) {
  Post([consumer, rate, epoch] { consumer->budget.Add(rate, epoch); });
}

Router& RouterHub::router() { return core_->router; }

void RouterHub::ForEachProducer(const std::function<void(const ProducerSlot&)>& visit) const {
  std::vector<ProducerSlotRef> slots;
  {
    const std::lock_guard lock(mutex_);
    slots = directory_;
  }
  for (const ProducerSlotRef& slot : slots) {
    if (slot->producer != nullptr) visit(*slot);
  }
}

void RouterHub::AddFace(Face* face) { core_->faces.push_back(face); }
void RouterHub::RemoveFace(Face* face) { std::erase(core_->faces, face); }

void RouterHub::EndProducer(const ProducerSlotRef& slot) {
  slot->ended = true;
  for (const ConsumerSlotRef& consumer : slot->consumers) consumer->port->EndOfStream();
}

void RouterHub::RestartProducer(const ProducerSlotRef& slot) {
  if (slot->released || !std::exchange(slot->ended, false)) return;
  if (slot->producer != nullptr) slot->producer->BeginAnew();
  for (const ConsumerSlotRef& consumer : slot->consumers) consumer->port->BeginAnew();
}

void RouterHub::MakeProducer(const ProducerSlotRef& slot, const RtpCodec& codec,
                             const CapsRef& caps) {
  ProducerOptions options;
  options.codec = codec;
  ProducedStreamRef produced;
  {
    const std::lock_guard lock(mutex_);
    produced = slot->produced;
    options.id = slot->id;
    options.paused = slot->paused;
    if (slot->produced != nullptr && slot->produced->key_frame_request_delay > 0) {
      options.key_frame_request_delay = TimeDelta::Millis(slot->produced->key_frame_request_delay);
    }
  }
  slot->stream_caps = caps;
  if (slot->producer != nullptr) {
    const RtpCodec& before = slot->producer->codec();
    if (SameCodec(before, codec)) return;
    if (SameFormat(before, codec) && OneAfterTheOther(slot->made_for, produced)) return;
  }
  slot->made_for = std::move(produced);
  for (const ConsumerSlotRef& consumer : slot->consumers) Disconnect(*consumer);
  CloseProducer(*slot);
  auto made = core_->router.CreateProducer(std::move(options));
  if (!made) return;
  slot->producer = made.value();
  core_->offers.Add(slot.get());
  slot->producer->SetUpstream(slot->port);
  slot->port->SetCoreSink(slot->producer);
  slot->port->SetCodec(slot->producer->codec());
  for (const ConsumerSlotRef& consumer : slot->consumers) Connect(*slot, *consumer);
  for (Face* face : core_->faces) face->OnProducerAdded(*slot);
}

void RouterHub::CloseProducer(ProducerSlot& slot) {
  if (slot.producer == nullptr) return;
  slot.port->SetCoreSink(nullptr);
  slot.producer->SetUpstream(nullptr);
  core_->offers.Remove(&slot);
  core_->router.CloseProducer(std::exchange(slot.producer, nullptr));
  for (Face* face : core_->faces) face->OnProducerRemoved(slot);
}

void RouterHub::Connect(ProducerSlot& producer, ConsumerSlot& consumer) {
  ConsumerOptions options = consumer.options;
  options.producer_id = producer.id;
  // The Router draws an SSRC each time. The numbers of another codec's stream have nothing to do
  // with those before, and an SRTP transport must not see a number of one SSRC twice.
  options.ssrc = 0;
  auto made = core_->router.CreateConsumer(std::move(options));
  if (!made) return;
  consumer.consumer = made.value();
  const RtpCodec& codec = producer.producer->codec();
  consumer.port->SetCaps(OutputCaps(producer.stream_caps.get(), codec, consumer.consumer->ssrc()),
                         codec.kind);
  consumer.port->SetSource(consumer.consumer);
  consumer.consumer->SetSink(consumer.port, Worker::Now());
}

void RouterHub::Disconnect(ConsumerSlot& consumer) {
  if (consumer.consumer == nullptr) return;
  consumer.port->SetSource(nullptr);
  consumer.consumer->SetSink(nullptr, Worker::Now());
  core_->router.CloseConsumer(std::exchange(consumer.consumer, nullptr));
}

}  // namespace sfu::gst

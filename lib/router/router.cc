// The Router: a table of Producers and Consumers by id.
#include "router/router.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace sfu {
namespace {
constexpr int kHighestPayloadType = 127;
}  // namespace

Result<Producer*> Router::CreateProducer(ProducerOptions options) {
  Bury();
  if (producers_.size() >= kMaxProducers) return Error{"", "the Router has too many Producers"};
  if (options.id.empty()) options.id = NewId();
  if (producers_.contains(options.id)) {
    return Error{"id", "a Producer with id '" + options.id + "' exists already"};
  }
  if (options.codec.payload_type > kHighestPayloadType) {
    return Error{"codec.payloadType", "must be 0 to 127"};
  }
  if (options.codec.clock_rate == 0) return Error{"codec.clockRate", "must not be 0"};
  auto producer = std::make_unique<Producer>(options, wakeup_);
  Producer* result = producer.get();
  producers_.emplace(options.id, std::move(producer));
  return result;
}

Result<Consumer*> Router::CreateConsumer(ConsumerOptions options) {
  Bury();
  if (consumers_.size() >= kMaxConsumers) return Error{"", "the Router has too many Consumers"};
  Producer* producer = FindProducer(options.producer_id);
  if (producer == nullptr) {
    return Error{"producerId", "there is no Producer with id '" + options.producer_id + "'"};
  }
  if (options.payload_type > kHighestPayloadType) return Error{"payloadType", "must be 0 to 127"};
  if (options.id.empty()) options.id = NewId();
  if (consumers_.contains(options.id)) {
    return Error{"id", "a Consumer with id '" + options.id + "' exists already"};
  }
  while (options.ssrc == 0) options.ssrc = random_.U32();
  Consumer* consumer = producer->AddConsumer(options);
  consumers_.emplace(options.id, consumer);
  return consumer;
}

void Router::CloseProducer(Producer* producer) {
  Bury();
  if (producer == nullptr || FindProducer(producer->id()) != producer) return;
  for (const auto& consumer : producer->consumers()) {
    if (consumer == nullptr) continue;
    consumer->Pause();
    consumers_.erase(consumer->id());
  }
  for (const auto& observer : observers_) {
    if (observer != nullptr) observer->RemoveProducer(producer);
  }
  for (const auto& observer : closed_observers_) observer->RemoveProducer(producer);
  const auto it = producers_.find(producer->id());
  closed_.push_back(std::move(it->second));
  producers_.erase(it);
  Bury();
}

void Router::CloseConsumer(Consumer* consumer) {
  Bury();
  if (consumer == nullptr || FindConsumer(consumer->id()) != consumer) return;
  consumers_.erase(consumer->id());
  consumer->Pause();
  consumer->producer()->RemoveConsumer(consumer);
}

Producer* Router::FindProducer(std::string_view id) const {
  const auto it = producers_.find(std::string(id));
  return it == producers_.end() ? nullptr : it->second.get();
}

Consumer* Router::FindConsumer(std::string_view id) const {
  const auto it = consumers_.find(std::string(id));
  return it == consumers_.end() ? nullptr : it->second;
}

Timestamp Router::NextDeadline() const {
  Timestamp next = Timestamp::Never();
  for (const auto& [id, producer] : producers_) next = std::min(next, producer->NextDeadline());
  for (const auto& observer : observers_) {
    if (observer != nullptr) next = std::min(next, observer->NextDeadline());
  }
  return next;
}

void Router::HandleTimeout(Timestamp now) {
  for (const auto& [id, producer] : producers_) producer->HandleTimeout(now);
  if (std::exchange(observing_, true)) return;
  // A listener may close observers and make new ones.
  for (size_t i = 0; i < observers_.size(); ++i) {
    if (observers_[i] != nullptr) observers_[i]->HandleTimeout(now);
  }
  observing_ = false;
  closed_observers_.clear();
  std::erase(observers_, nullptr);
}

template <typename Observer>
Result<Observer*> Router::AddObserver(std::unique_ptr<Observer> observer) {
  if (observers_.size() >= kMaxObservers) return Error{"", "the Router has too many observers"};
  Observer* result = observer.get();
  observers_.push_back(std::move(observer));
  return result;
}

Result<ActiveSpeakerObserver*> Router::CreateActiveSpeakerObserver(
    const ActiveSpeakerOptions& options, ActiveSpeakerObserver::Listener listener) {
  if (options.interval < ActiveSpeakerOptions::kMinInterval ||
      options.interval > ActiveSpeakerOptions::kMaxInterval) {
    return Error{"interval", "must be 100 to 5000 ms"};
  }
  return AddObserver(
      std::make_unique<ActiveSpeakerObserver>(options, std::move(listener), wakeup_));
}

Result<AudioLevelObserver*> Router::CreateAudioLevelObserver(
    const AudioLevelOptions& options, AudioLevelObserver::Listener listener) {
  if (options.max_entries == 0) return Error{"maxEntries", "must be 1 or more"};
  if (options.threshold < AudioLevelOptions::kMinThreshold || options.threshold > 0) {
    return Error{"threshold", "must be -127 to 0 dBov"};
  }
  if (options.interval < AudioLevelOptions::kMinInterval ||
      options.interval > AudioLevelOptions::kMaxInterval) {
    return Error{"interval", "must be 250 to 5000 ms"};
  }
  return AddObserver(std::make_unique<AudioLevelObserver>(options, std::move(listener), wakeup_));
}

void Router::CloseObserver(RtpObserver* observer) {
  const auto it = std::find_if(observers_.begin(), observers_.end(),
                               [observer](const auto& own) { return own.get() == observer; });
  if (observer == nullptr || it == observers_.end()) return;
  closed_observers_.push_back(std::move(*it));
  if (observing_) return;
  closed_observers_.clear();
  std::erase(observers_, nullptr);
}

// A random UUID-like id, as mediasoup's: unique enough, and unlike any name that people give.
std::string Router::NewId() {
  std::array<char, 40> text{};
  const uint64_t high = random_.U64();
  const uint64_t low = random_.U64();
  std::snprintf(text.data(), text.size(), "%08x-%04x-4%03x-%04x-%012llx",
                static_cast<unsigned>(high >> 32), static_cast<unsigned>(high >> 16 & 0xffff),
                static_cast<unsigned>(high & 0xfff),
                static_cast<unsigned>(0x8000 | (low >> 48 & 0x3fff)),
                static_cast<unsigned long long>(low & 0xffffffffffffULL));
  return text.data();
}

void Router::Bury() {
  std::erase_if(closed_, [](const auto& producer) { return !producer->dispatching(); });
}

}  // namespace sfu

// The switchboard of one room: Producers, and the Consumers that get them. Lives on one Worker;
// none of its calls may come from another thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "router/active_speaker_observer.h"
#include "router/audio_level_observer.h"
#include "router/consumer.h"
#include "router/producer.h"

namespace sfu {

class Router {
 public:
  // More than any room has; what a runaway application meets instead of the end of memory.
  static constexpr size_t kMaxProducers = 10'000;
  static constexpr size_t kMaxConsumers = 100'000;
  static constexpr size_t kMaxObservers = 1'000;

  // Called with a new deadline that may be earlier than those told before.
  using Wakeup = Producer::Wakeup;

  // `seed` feeds ids and SSRCs. `wakeup` may be empty, if HandleTimeout() is called regularly
  // anyway.
  explicit Router(uint64_t seed, Wakeup wakeup = {}) : random_(seed), wakeup_(std::move(wakeup)) {}
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // Errors: an id in use, a payload type above 127, a clock rate of 0, too many. The Router owns
  // what it returns, until Close… or its own end.
  Result<Producer*> CreateProducer(ProducerOptions options);
  // Errors: no such Producer, an id in use, a payload type above 127, too many.
  Result<Consumer*> CreateConsumer(ConsumerOptions options);

  // Errors: an interval, threshold or number of entries out of its range, too many.
  Result<ActiveSpeakerObserver*> CreateActiveSpeakerObserver(
      const ActiveSpeakerOptions& options, ActiveSpeakerObserver::Listener listener);
  Result<AudioLevelObserver*> CreateAudioLevelObserver(const AudioLevelOptions& options,
                                                       AudioLevelObserver::Listener listener);
  // Safe from inside its listener; null is ignored.
  void CloseObserver(RtpObserver* observer);

  // Closing a Producer closes its Consumers. Both calls are safe from inside a sink of theirs; null
  // is ignored.
  void CloseProducer(Producer* producer);
  void CloseConsumer(Consumer* consumer);

  // Null if there is none of that id.
  Producer* FindProducer(std::string_view id) const;
  Consumer* FindConsumer(std::string_view id) const;
  size_t producer_count() const { return producers_.size(); }
  size_t consumer_count() const { return consumers_.size(); }

  // The earliest deadline of its Producers and observers, and what is due.
  Timestamp NextDeadline() const;
  void HandleTimeout(Timestamp now);

 private:
  std::string NewId();
  void Bury();
  template <typename Observer>
  Result<Observer*> AddObserver(std::unique_ptr<Observer> observer);

  Random random_;
  const Wakeup wakeup_;
  std::unordered_map<std::string, std::unique_ptr<Producer>> producers_;
  std::unordered_map<std::string, Consumer*> consumers_;
  // Producers that were closed from inside one of their own sinks; freed when that has returned.
  std::vector<std::unique_ptr<Producer>> closed_;
  // After the Producers, which observers leave when they end. Null: closed while they had their
  // turns, which `closed_observers_` then keep until all have had it.
  std::vector<std::unique_ptr<RtpObserver>> observers_;
  std::vector<std::unique_ptr<RtpObserver>> closed_observers_;
  bool observing_ = false;
};

}  // namespace sfu

// What a Consumer could send, and how much it may: the two messages by which a receiver's bandwidth
// is divided among its Consumers. Who divides it stands elsewhere; these only carry.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/data_rate.h"
#include "base/time.h"

namespace sfu {

// What a simple Consumer has to offer: one layer.
struct LayerOffer {
  DataRate bitrate;      // of the layer, RTP headers included
  uint8_t priority = 1;  // 1..255: its share against the receiver's other Consumers
  bool wanted = false;   // not paused
};

// Tells an offer when it has changed, and not too often.
class OfferTeller {
 public:
  static constexpr TimeDelta kInterval = TimeDelta::Millis(100);
  // A bitrate within this share of what was told is the same.
  static constexpr double kSameBitrate = 0.2;

  bool IsDue(const LayerOffer& offer, Timestamp now) const;
  void OnTold(const LayerOffer& offer, Timestamp now);

 private:
  std::optional<LayerOffer> told_;
  Timestamp told_at_;
};

// What a Consumer may send, by its receivers. There may be several (behind a tee): the least
// counts. Each says it in every epoch, or is forgotten.
class Budget {
 public:
  // Epochs are seconds on the SFU clock, so that those of different receivers can be compared. What
  // is older than this does not count.
  static constexpr uint64_t kMaxAge = 2;

  void Add(DataRate rate, uint64_t epoch);
  // Nothing when no receiver has said anything: no limit.
  std::optional<DataRate> value() const;

 private:
  struct Epoch {
    uint64_t number = 0;
    std::optional<DataRate> least;
  };
  uint64_t newest_ = 0;
  std::array<Epoch, kMaxAge + 1> epochs_{};
};

}  // namespace sfu

// How many bits per second a transport may send to its peer, and the limits that the application
// sets to that. The rate is fixed: it is the initial one within the limits.
#pragma once

#include <algorithm>
#include <optional>

#include "base/data_rate.h"
#include "base/result.h"

namespace sfu {

class OutgoingBitrate {
 public:
  // mediasoup's initialAvailableOutgoingBitrate.
  static constexpr DataRate kDefaultInitial = DataRate::KilobitsPerSecond(600);
  // No limit may be set below this: less carries no media.
  static constexpr DataRate kLeastLimit = DataRate::KilobitsPerSecond(30);

  // Errors name the field and change nothing.
  Status SetInitial(DataRate initial) {
    if (initial < kLeastLimit) {
      return Error{"initialAvailableOutgoingBitrate", "must be 30000 or more"};
    }
    initial_ = initial;
    return OkStatus();
  }
  // Zero: no limit.
  Status SetMax(DataRate max) {
    if (max != DataRate() && max < kLeastLimit) {
      return Error{"maxOutgoingBitrate", "must be 0 or 30000 or more"};
    }
    if (max != DataRate() && max < min_) {
      return Error{"maxOutgoingBitrate", "must not be below minOutgoingBitrate"};
    }
    max_ = max;
    return OkStatus();
  }
  Status SetMin(DataRate min) {
    if (min != DataRate() && min < kLeastLimit) {
      return Error{"minOutgoingBitrate", "must be 0 or 30000 or more"};
    }
    if (max_ != DataRate() && min > max_) {
      return Error{"minOutgoingBitrate", "must not be above maxOutgoingBitrate"};
    }
    min_ = min;
    return OkStatus();
  }

  // What the peer says that it can receive (REMB).
  void OnRemb(DataRate remb) { remb_ = remb; }

  DataRate available() const {
    const DataRate most = max_ == DataRate() ? initial_ : std::min(initial_, max_);
    return std::max(most, min_);
  }
  DataRate max() const { return max_; }
  DataRate min() const { return min_; }
  std::optional<DataRate> remb() const { return remb_; }

 private:
  DataRate initial_ = kDefaultInitial;
  DataRate max_;  // zero: none
  DataRate min_;  // zero: none
  std::optional<DataRate> remb_;
};

}  // namespace sfu

// The most that a peer may send us, as the application wants it: when it is told so by REMB
// (draft-alvestrand-rmcat-remb-03). Estimates nothing.
#pragma once

#include <optional>

#include "base/data_rate.h"
#include "base/time.h"

namespace sfu {

class IncomingLimit {
 public:
  // The peer is told again and again, for RTCP may be lost.
  static constexpr TimeDelta kInterval = TimeDelta::Seconds(1);
  // That there is no limit any more is told so often.
  static constexpr int kLiftedRepeats = 4;

  // 0: no limit.
  void Set(DataRate limit, Timestamp now);
  // Somebody new sends, who knows nothing of the limit.
  void Repeat(Timestamp now);
  DataRate limit() const { return limit_; }

  // When Poll() has something to say; Never if nothing is due.
  Timestamp NextDeadline() const { return deadline_; }
  // What the peer is to be told now; 0 lifts a limit told before.
  std::optional<DataRate> Poll(Timestamp now);

 private:
  DataRate limit_;
  int lifted_left_ = 0;  // how often the end of the limit is still to be told
  Timestamp deadline_ = Timestamp::Never();
};

}  // namespace sfu

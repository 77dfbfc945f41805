// Turns the key-frame requests of any number of Consumers into few requests to the sender.
#pragma once

#include <optional>

#include "base/time.h"

namespace sfu {

// At most one request goes upstream per interval. What is asked in between is remembered and goes
// out when the interval is over, unless a key frame came first that answers it. A request that no
// key frame answers is repeated a few times, for a PLI may be lost.
class KeyFrameRequester {
 public:
  // Two requests per second suffice however many viewers join, and a join never waits longer.
  static constexpr TimeDelta kDefaultInterval = TimeDelta::Millis(500);
  // An unanswered request is sent this many times in all; then somebody must ask again.
  static constexpr int kMaxAttempts = 4;

  explicit KeyFrameRequester(TimeDelta interval = kDefaultInterval) : interval_(interval) {}

  // A Consumer wants a key frame. True if a request is to go upstream now.
  bool Request(Timestamp now);
  // A key frame began. It answers all requests made so far.
  void OnKeyFrame(Timestamp now);
  // When HandleTimeout() is to be called; Never if nothing is due.
  Timestamp next_deadline() const { return deadline_; }
  // True if a request is to go upstream now.
  bool HandleTimeout(Timestamp now);

 private:
  bool Send(Timestamp now);

  TimeDelta interval_;
  std::optional<Timestamp> last_sent_;
  Timestamp deadline_ = Timestamp::Never();
  int attempts_ = 0;
  bool wanted_again_ = false;
};

}  // namespace sfu

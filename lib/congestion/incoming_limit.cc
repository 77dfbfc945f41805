// When a REMB is due.
#include "congestion/incoming_limit.h"

namespace sfu {

void IncomingLimit::Set(DataRate limit, Timestamp now) {
  if (limit == limit_) return;
  lifted_left_ = limit == DataRate() ? kLiftedRepeats : 0;
  limit_ = limit;
  deadline_ = now;
}

void IncomingLimit::Repeat(Timestamp now) {
  if (limit_ != DataRate()) deadline_ = now;
}

std::optional<DataRate> IncomingLimit::Poll(Timestamp now) {
  if (now < deadline_) return std::nullopt;
  const bool last = limit_ == DataRate() && --lifted_left_ <= 0;
  deadline_ = last ? Timestamp::Never() : now + kInterval;
  return limit_;
}

}  // namespace sfu

// The emulated path.
#include "tests/support/network_emulator.h"

#include <algorithm>
#include <utility>

namespace sfu::test {

bool NetworkEmulator::ComesLater(const Packet& a, const Packet& b) {
  return std::pair(a.arrival, a.order) > std::pair(b.arrival, b.order);
}

void NetworkEmulator::Send(ByteView packet, Timestamp now, uint64_t tag) {
  ++stats_.sent;
  if (Loses(now)) return;
  const Timestamp left = LeaveBottleneck(packet.size(), now);
  if (left.is_never()) {
    ++stats_.lost_in_queue;
    return;
  }
  const auto extra =
      static_cast<int64_t>(static_cast<double>(options_.jitter.ns()) *
                           (options_.jitter > TimeDelta::Zero() ? random_.Unit() : 0));
  Timestamp arrival = left + options_.delay + TimeDelta::Nanos(extra);
  if (Chance(options_.reorder)) {
    ++stats_.reordered;
    arrival += options_.reorder_delay;
  } else {
    arrival = last_in_order_ = std::max(arrival, last_in_order_);
  }
  Enqueue(packet, arrival, tag);
  if (Chance(options_.duplicate)) {
    ++stats_.duplicated;
    Enqueue(packet, arrival, tag);
  }
}

Timestamp NetworkEmulator::NextDeadline() const {
  return queue_.empty() ? Timestamp::Never() : queue_.front().arrival;
}

void NetworkEmulator::Poll(Timestamp now, const DeliverFunction& deliver) {
  while (!queue_.empty() && queue_.front().arrival <= now) {
    std::pop_heap(queue_.begin(), queue_.end(), ComesLater);
    const Packet packet = std::move(queue_.back());
    queue_.pop_back();
    ++stats_.delivered;
    deliver(packet.bytes, packet.tag);
  }
}

bool NetworkEmulator::Loses(Timestamp now) {
  for (const Outage& outage : options_.outages) {
    if (now >= outage.from && now < outage.to) {
      ++stats_.lost_in_outage;
      return true;
    }
  }
  const GilbertElliott& burst = options_.burst_loss;
  if (Chance(bad_state_ ? burst.bad_to_good : burst.good_to_bad)) bad_state_ = !bad_state_;
  const bool in_burst = Chance(bad_state_ ? burst.loss_when_bad : burst.loss_when_good);
  if (!in_burst && !Chance(options_.loss)) return false;
  ++stats_.lost;
  return true;
}

Timestamp NetworkEmulator::LeaveBottleneck(size_t size, Timestamp now) {
  if (options_.rate.bps() <= 0) return now;
  const Timestamp begin = std::max(now, bottleneck_free_);
  const double waiting_bytes =
      (begin - now).seconds() * static_cast<double>(options_.rate.bps()) / 8.0;
  if (waiting_bytes + static_cast<double>(size) > static_cast<double>(options_.queue_bytes)) {
    return Timestamp::Never();
  }
  const double seconds = static_cast<double>(size) * 8.0 / static_cast<double>(options_.rate.bps());
  bottleneck_free_ = begin + TimeDelta::Nanos(static_cast<int64_t>(seconds * 1e9));
  return bottleneck_free_;
}

void NetworkEmulator::Enqueue(ByteView packet, Timestamp arrival, uint64_t tag) {
  queue_.push_back({arrival, order_++, tag, {packet.begin(), packet.end()}});
  std::push_heap(queue_.begin(), queue_.end(), ComesLater);
}

}  // namespace sfu::test

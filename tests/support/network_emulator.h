// A network path in virtual time: loses, delays, reorders, duplicates and queues packets as told,
// the same way for the same seed.
//
// One direction of one path; two of them make a link. Sans-I/O, one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/bytes.h"
#include "base/data_rate.h"
#include "base/random.h"
#include "base/time.h"

namespace sfu::test {

// The path is dead in [from, to): what is sent then is lost; what was under way arrives.
struct Outage {
  Timestamp from;
  Timestamp to;
};

// Loss in bursts (Gilbert-Elliott): a chain of two states that takes a step with each packet.
struct GilbertElliott {
  double good_to_bad = 0;  // probabilities per packet, 0..1
  double bad_to_good = 1;
  double loss_when_good = 0;
  double loss_when_bad = 1;
};

struct NetworkOptions {
  uint64_t seed = 1;
  double loss = 0;            // of each packet by itself, 0..1
  GilbertElliott burst_loss;  // on top of it
  TimeDelta delay;            // of every packet
  TimeDelta jitter;           // and up to this much more, evenly spread; keeps the order
  double reorder = 0;         // share of packets that are overtaken
  TimeDelta reorder_delay = TimeDelta::Millis(10);  // by so much later they come
  double duplicate = 0;                             // share of packets that come twice
  DataRate rate;                                    // of the bottleneck; zero: none
  size_t queue_bytes = 64 * 1024;  // before the bottleneck; what does not fit is lost
  std::vector<Outage> outages;
};

struct NetworkStats {
  uint64_t sent = 0;
  uint64_t delivered = 0;  // duplicates included
  uint64_t lost = 0;       // at random
  uint64_t lost_in_outage = 0;
  uint64_t lost_in_queue = 0;
  uint64_t duplicated = 0;
  uint64_t reordered = 0;
};

class NetworkEmulator {
 public:
  // `tag` is whatever the sender gave with the packet.
  using DeliverFunction = std::function<void(ByteView packet, uint64_t tag)>;

  explicit NetworkEmulator(const NetworkOptions& options)
      : options_(options), random_(options.seed) {}

  // A packet enters the path. `now` never goes back. The bytes are copied.
  void Send(ByteView packet, Timestamp now, uint64_t tag = 0);
  // When the next packet comes out; Never() when none is under way.
  Timestamp NextDeadline() const;
  // Hands over what has come out by `now`, in order of arrival. `deliver` may call Send().
  void Poll(Timestamp now, const DeliverFunction& deliver);

  size_t under_way() const { return queue_.size(); }
  const NetworkStats& stats() const { return stats_; }

 private:
  struct Packet {
    Timestamp arrival;
    uint64_t order = 0;  // of sending, where arrivals are equal
    uint64_t tag = 0;
    std::vector<uint8_t> bytes;
  };

  static bool ComesLater(const Packet& a, const Packet& b);
  bool Loses(Timestamp now);
  bool Chance(double probability) { return probability > 0 && random_.Unit() < probability; }
  // When the packet has left the bottleneck; Never() if its queue is full.
  Timestamp LeaveBottleneck(size_t size, Timestamp now);
  void Enqueue(ByteView packet, Timestamp arrival, uint64_t tag);

  const NetworkOptions options_;
  Random random_;
  std::vector<Packet> queue_;  // a heap, the next to arrive in front
  uint64_t order_ = 0;
  bool bad_state_ = false;
  Timestamp bottleneck_free_;
  Timestamp last_in_order_;
  NetworkStats stats_;
};

}  // namespace sfu::test

// Tells the receivers of a Router's Consumers what these could send (the event sfu-layers).
#pragma once

#include <vector>

#include "net/timer_queue.h"

namespace sfu::gst {

struct ProducerSlot;

// Belongs to the Router's Worker.
class LayerOffers {
 public:
  explicit LayerOffers(TimerQueue& timers)
      : timer_(timers, [this](Timestamp now) { TellAll(now); }) {}

  // Whose Consumers are to be told of, from now on until Remove().
  void Add(ProducerSlot* slot);
  void Remove(ProducerSlot* slot) { std::erase(slots_, slot); }

 private:
  void TellAll(Timestamp now);

  Timer timer_;
  std::vector<ProducerSlot*> slots_;
};

}  // namespace sfu::gst

// Where a benchmark's packets end: N UDP ports on loopback, emptied by one thread on a core of its
// own, with recvmmsg and without UDP GRO, which counts per port what came and what is missing. RTCP
// is not counted.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

#include "base/socket_address.h"
#include "base/time.h"
#include "net/file_descriptor.h"

namespace sfu::bench {

struct DrainOptions {
  size_t sinks = 1;
  int cpu = 1;                     // core of the draining thread; -1: any
  int recv_buffer_size = 4 << 20;  // bytes per port, SO_RCVBUF
  // The thread looks for packets so often. A thread that sleeps in epoll must be woken, packet by
  // packet when little comes, and the kernel charges that to the sender: 2 µs or more each on a
  // virtual machine. Zero: it does sleep in epoll, for measuring delays.
  TimeDelta poll_interval = TimeDelta::Micros(200);
  // When set: each packet carries, so many bytes from its beginning, the wall clock in nanoseconds
  // (64 bits, big-endian) at which it was sent first, and the delay until the kernel had it for the
  // sink is recorded. Of packets that carry 0 it is not.
  std::optional<size_t> stamp_offset;
  // Nothing is read until Begin(): the sockets are used for something else first.
  bool held = false;
};

// Delays in steps of a microsecond, without allocation; what is longer than the last counts as the
// last.
class DelayHistogram {
 public:
  static constexpr size_t kSteps = 200'000;

  void Add(TimeDelta delay) {
    const int64_t step = std::clamp<int64_t>(delay.us(), 0, kSteps - 1);
    ++counts_[static_cast<size_t>(step)];
    ++total_;
  }
  uint64_t total() const { return total_; }
  // In microseconds; `share` is 0..1.
  size_t Quantile(double share) const {
    auto left = static_cast<uint64_t>(share * static_cast<double>(total_));
    for (size_t i = 0; i < kSteps; ++i) {
      if (counts_[i] > left) return i;
      left -= counts_[i];
    }
    return kSteps - 1;
  }

 private:
  std::vector<uint32_t> counts_ = std::vector<uint32_t>(kSteps);
  uint64_t total_ = 0;
};

class DrainSinks {
 public:
  struct Port {
    uint64_t packets = 0;
    uint64_t bytes = 0;
    int64_t first = -1;    // extended sequence number
    int64_t highest = -1;  // the same
    // By sequence numbers: what never came between the first and the highest.
    uint64_t missing() const {
      const auto span = static_cast<uint64_t>(highest - first + 1);
      return first < 0 || span < packets ? 0 : span - packets;
    }
  };

  // Binds the ports and, unless held, begins. Check ok().
  explicit DrainSinks(const DrainOptions& options);
  ~DrainSinks();

  bool ok() const { return ok_; }
  // Starts the thread; once.
  void Begin();
  const std::vector<SocketAddress>& addresses() const { return addresses_; }
  // The socket of one port, for sending from there.
  int fd(size_t index) const { return sockets_[index].get(); }
  // CPU time that the thread has used. Until Finish().
  Timestamp CpuTime() const;
  // Packets received on all ports so far. Any thread.
  uint64_t received() const { return received_.load(std::memory_order_acquire); }
  // Waits until received() is at least `packets`; false when nothing came for 500 ms before that.
  bool WaitFor(uint64_t packets) const;
  // Only after Finish().
  const DelayHistogram& delays() const { return delays_; }
  // Empties the sockets, ends the thread and returns the counts, one per port.
  const std::vector<Port>& Finish();

 private:
  struct Buffers;

  bool Open();
  void Run();
  // Returns how many packets it took.
  size_t Drain(size_t index, Buffers& buffers);

  void CountPacket(Port& port, Buffers& buffers, size_t i);

  DrainOptions options_;
  DelayHistogram delays_;
  bool ok_ = false;
  FileDescriptor epoll_;
  std::vector<FileDescriptor> sockets_;
  std::vector<SocketAddress> addresses_;
  std::vector<Port> ports_;
  std::atomic<uint64_t> received_{0};
  std::atomic<bool> finish_{false};
  std::thread thread_;
};

}  // namespace sfu::bench

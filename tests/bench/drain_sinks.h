// Where a benchmark's packets end: N UDP ports on loopback, emptied by one thread on a core of its
// own, with recvmmsg and without UDP GRO, which counts per port what came and what is missing.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
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

  // Binds the ports and starts the thread. Check ok().
  explicit DrainSinks(const DrainOptions& options);
  ~DrainSinks();

  bool ok() const { return ok_; }
  const std::vector<SocketAddress>& addresses() const { return addresses_; }
  // Packets received on all ports so far. Any thread.
  uint64_t received() const { return received_.load(std::memory_order_acquire); }
  // Waits until received() is at least `packets`; false when nothing came for 100 ms before that.
  bool WaitFor(uint64_t packets) const;
  // Empties the sockets, ends the thread and returns the counts, one per port.
  const std::vector<Port>& Finish();

 private:
  struct Buffers;

  bool Open();
  void Run();
  // Returns how many packets it took.
  size_t Drain(size_t index, Buffers& buffers);

  DrainOptions options_;
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

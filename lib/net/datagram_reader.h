// Receives batches of datagrams into buffers that all sockets of a Worker share, so that a socket
// costs no buffer memory of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/datagram.h"
#include "base/socket_address.h"
#include "net/features.h"

namespace sfu {

struct ReceiveCounters {
  uint64_t datagrams = 0;     // received and handed on
  uint64_t bytes = 0;         // of those
  uint64_t too_big = 0;       // dropped because of kMaxDatagram (DropReason::kTooBig)
  uint64_t errors = 0;        // errors that the socket had pending, most of them ICMP
  uint64_t system_calls = 0;  // made to receive them
};

class DatagramReader {
 public:
  // Datagrams with more payload are dropped: nothing so long may be forwarded.
  static constexpr size_t kMaxDatagram = 1500;

  explicit DatagramReader(const NetFeatures& features);
  ~DatagramReader();

  struct Batch {
    std::span<ReceivedDatagram> datagrams;  // valid until the next Read()
    bool more = false;                      // the socket may have more
  };
  // Receives from the non-blocking UDP socket `fd` what is there, up to the shared buffers' size.
  // `local` is its bound address: what a datagram was sent to, unless a control message knows
  // better.
  Batch Read(int fd, const SocketAddress& local, ReceiveCounters* counters);

 private:
  struct Slots;

  int Receive(int fd, ReceiveCounters* counters);
  int ReceiveOneByOne(int fd, ReceiveCounters* counters);
  void Split(size_t slot, const SocketAddress& local, ReceiveCounters* counters);

  const NetFeatures features_;
  std::unique_ptr<Slots> slots_;
  std::vector<ReceivedDatagram> datagrams_;
};

}  // namespace sfu

// The reference rows of the forwarding benchmark: what the kernel alone allows one core to send.
// Each loop sends bursts of equal packets to N loopback ports and is measured in packets per
// CPU-second of the sending thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "drain_sinks.h"

namespace sfu::bench {

struct LoopOptions {
  size_t sinks = 400;
  size_t burst = 10;          // packets per sink and round, at most 64
  size_t packet_size = 1212;  // bytes of UDP payload, at least 12
  TimeDelta duration = TimeDelta::Seconds(2);
  int cpu = 0;        // core of the sender
  int drain_cpu = 1;  // core of the sinks
};

struct LoopResult {
  bool ok = false;  // false: sockets could not be made
  uint64_t sent = 0;
  uint64_t received = 0;
  uint64_t missing_by_sequence = 0;
  double cpu_seconds = 0;
  double wall_seconds = 0;
  double PacketsPerCpuSecond() const {
    return cpu_seconds > 0 ? static_cast<double>(sent) / cpu_seconds : 0;
  }
  double Loss() const {
    return sent > received ? static_cast<double>(sent - received) / static_cast<double>(sent) : 0;
  }
};

// One burst as it lies in memory: RTP headers and padding bytes. All sinks get the same sequence
// numbers, so one burst serves a whole round.
class Burst {
 public:
  explicit Burst(const LoopOptions& options);
  // Writes the next sequence numbers.
  void Advance();
  ByteView all() const { return bytes_; }
  ByteView packet(size_t i) const { return ByteView(bytes_).subspan(i * size_, size_); }

 private:
  size_t size_;
  uint16_t next_sequence_ = 0;
  std::vector<uint8_t> bytes_;
};

// Calls `send_round` (which sends one burst to each of the sinks) on a pinned thread until the
// duration is over, and waits between rounds whenever the sinks fall behind: only the sending is
// measured, and loss means that the measurement is void.
LoopResult Measure(const LoopOptions& options, DrainSinks& sinks,
                   const std::function<void()>& send_round);

// One sendto per packet, from one socket.
LoopResult RunBareSendto(const LoopOptions& options);

// One UDP_SEGMENT message per burst and sink, up to 64 messages per sendmmsg, from one socket.
LoopResult RunBareGso(const LoopOptions& options);

// Writes the result as one line of JSON to stdout.
void PrintRow(const std::string& name, const LoopOptions& options, const LoopResult& result);

}  // namespace sfu::bench

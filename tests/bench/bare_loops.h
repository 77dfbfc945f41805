// The reference rows of the forwarding benchmark: what the kernel alone allows one core to send.
// Each loop sends bursts of equal packets to N loopback ports and is measured in packets per
// CPU-second of the sending thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "drain_sinks.h"
#include "srtp/srtp_parameters.h"

namespace sfu::bench {

struct LoopOptions {
  size_t sinks = 400;
  size_t copies = 1;  // so many times each sink gets a burst, as if of different streams
  // Played in turn: the bytes of UDP payload of each packet, at least 12; 1 to 128 packets.
  std::vector<std::vector<uint16_t>> bursts = {std::vector<uint16_t>(10, 1212)};
  // Each copy of a packet is first copied and then protected by bare EVP calls.
  std::optional<SrtpSuite> suite;
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

// The bursts as they lie in memory: RTP headers and padding bytes. All sinks get the same sequence
// numbers, so one burst serves a whole round.
class BurstCycle {
 public:
  explicit BurstCycle(const LoopOptions& options);
  // Goes on to the next burst, with the next sequence numbers.
  void Advance();
  // The present burst. Packets lie `stride()` bytes apart, the largest one's size.
  size_t count() const { return sizes().size(); }
  size_t stride() const { return stride_; }
  ByteView packet(size_t i) const { return {bytes_.data() + i * stride_, sizes()[i]}; }
  // Packets first … first + count - 1, all padded to stride().
  ByteView padded(size_t first, size_t count) const {
    return {bytes_.data() + first * stride_, count * stride_};
  }

 private:
  const std::vector<uint16_t>& sizes() const { return bursts_[position_]; }

  const std::vector<std::vector<uint16_t>> bursts_;
  size_t position_ = 0;
  size_t stride_ = 0;
  uint16_t next_sequence_ = 0;
  std::vector<uint8_t> bytes_;
};

// Calls `send_round` on a pinned thread until the duration is over, and waits between rounds
// whenever the sinks fall behind: only the sending is measured, and loss means that the measurement
// is void. `send_round` sends one burst to each of the sinks and returns how many packets that was.
LoopResult Measure(const LoopOptions& options, DrainSinks& sinks,
                   const std::function<size_t()>& send_round);

// One sendto per packet, from one socket.
LoopResult RunBareSendto(const LoopOptions& options);

// One UDP_SEGMENT message per burst and sink (more when it is longer than what one can take), up to
// 64 messages per sendmmsg, from one socket; packets of differing sizes are padded to the largest.
// With a suite, that and SRTP's share.
LoopResult RunBareGso(const LoopOptions& options);

// Writes the result as one line of JSON to stdout.
void PrintRow(const std::string& name, const LoopOptions& options, const LoopResult& result);

}  // namespace sfu::bench

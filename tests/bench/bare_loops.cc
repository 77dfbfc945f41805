// Without SRTP both loops do nothing but the system calls: no copy, one burst for all sinks.
#include "bare_loops.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <utility>

#include "bare_evp.h"
#include "cpu.h"
#include "gso_messages.h"
#include "net/file_descriptor.h"
#include "net/sockaddr.h"

namespace sfu::bench {
namespace {

// Packets under way before the sender waits for the sinks: enough that reading the clocks does not
// show, few enough that one sink's buffer can hold them all.
constexpr uint64_t kWindow = 1000;
// Packets per segmented message: what 64 KiB of full packets take.
constexpr size_t kMaxSegments = 40;

DrainOptions DrainFor(const LoopOptions& options) {
  DrainOptions drain;
  drain.sinks = options.sinks;
  drain.cpu = options.drain_cpu;
  return drain;
}

std::vector<sockaddr_in> KernelAddresses(const DrainSinks& sinks) {
  std::vector<sockaddr_in> all;
  for (const SocketAddress& address : sinks.addresses()) {
    KernelAddress kernel{};
    ToKernel(address, false, &kernel);
    all.push_back(kernel.v4);
  }
  return all;
}

// Sends what was copied and protected; a part of the sinks at a time, as much as stays in the
// cache.
class ProtectedBursts {
 public:
  ProtectedBursts(SrtpSuite suite, size_t stride)
      : bare_(suite), stride_(stride + GetSrtpSuiteInfo(suite).rtp_overhead()) {
    arena_.resize(kMessagesPerPart * kMaxSegments * stride_);
  }

  void Send(const BurstCycle& burst, size_t first, size_t count, GsoMessages& messages) {
    messages.SetSegment(stride_);
    for (size_t i = 0; i < messages.size(); i += kMessagesPerPart) {
      const size_t part = std::min(kMessagesPerPart, messages.size() - i);
      uint8_t* out = arena_.data();
      for (size_t message = i; message < i + part; ++message) {
        messages.SetPiece(message, {out, count * stride_});
        for (size_t packet = first; packet < first + count; ++packet) {
          const ByteView in = burst.padded(packet, 1);
          std::memcpy(out, in.data(), in.size());
          bare_.Protect(sequence_++, out, in.size());
          out += stride_;
        }
      }
      messages.Send(i, part);
    }
  }

 private:
  static constexpr size_t kMessagesPerPart = 16;

  BareEvp bare_;
  const size_t stride_;
  uint16_t sequence_ = 0;
  std::vector<uint8_t> arena_;
};

// One sending socket, and the kernel's addresses of all sinks, each as often as it gets a burst.
struct BareSender {
  BareSender(const LoopOptions& options, const DrainSinks& sinks)
      : fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const std::vector<sockaddr_in> once = KernelAddresses(sinks);
    for (size_t i = 0; i < options.copies; ++i) to.insert(to.end(), once.begin(), once.end());
  }
  FileDescriptor fd;
  std::vector<sockaddr_in> to;
};

}  // namespace

BurstCycle::BurstCycle(const LoopOptions& options)
    : bursts_(options.bursts), position_(bursts_.size() - 1) {
  size_t longest = 0;
  for (const auto& sizes : bursts_) {
    longest = std::max(longest, sizes.size());
    stride_ = std::max<size_t>(stride_, *std::max_element(sizes.begin(), sizes.end()));
  }
  bytes_.resize(longest * stride_);
  for (size_t at = 0; at < bytes_.size(); at += stride_) bytes_[at] = 0x80;
}

void BurstCycle::Advance() {
  position_ = (position_ + 1) % bursts_.size();
  stride_ = *std::max_element(sizes().begin(), sizes().end());
  for (size_t i = 0; i < count(); ++i) {
    uint8_t* const packet = bytes_.data() + i * stride_;
    packet[0] = 0x80;
    packet[1] = 96;
    StoreBe16(packet + 2, next_sequence_++);
  }
}

LoopResult Measure(const LoopOptions& options, DrainSinks& sinks,
                   const std::function<size_t()>& send_round) {
  PinThisThread(options.cpu);
  LoopResult result;
  result.ok = true;
  const Timestamp start = MonotonicNow();
  TimeDelta cpu;
  do {
    const Timestamp before = ThreadCpuNow();
    for (size_t under_way = 0; under_way < kWindow;) {
      const size_t packets = send_round();
      result.sent += packets;
      under_way += packets;
    }
    cpu += ThreadCpuNow() - before;
    // A loss is seen in the result; here it only must not hold the loop.
    if (!sinks.WaitFor(result.sent)) break;
  } while (MonotonicNow() - start < options.duration);
  result.wall_seconds = (MonotonicNow() - start).seconds();
  result.cpu_seconds = cpu.seconds();
  for (const DrainSinks::Port& port : sinks.Finish()) {
    result.received += port.packets;
    result.missing_by_sequence += port.missing();
  }
  return result;
}

LoopResult RunBareSendto(const LoopOptions& options) {
  DrainSinks sinks(DrainFor(options));
  const BareSender sender(options, sinks);
  if (!sinks.ok() || !sender.fd.is_open()) return {};
  BurstCycle burst(options);
  return Measure(options, sinks, [&] {
    burst.Advance();
    for (const sockaddr_in& address : sender.to) {
      for (size_t i = 0; i < burst.count(); ++i) {
        const ByteView packet = burst.packet(i);
        sendto(sender.fd.get(), packet.data(), packet.size(), MSG_DONTWAIT,
               reinterpret_cast<const sockaddr*>(&address), sizeof(address));
      }
    }
    return sender.to.size() * burst.count();
  });
}

LoopResult RunBareGso(const LoopOptions& options) {
  DrainSinks sinks(DrainFor(options));
  const BareSender sender(options, sinks);
  if (!sinks.ok() || !sender.fd.is_open()) return {};
  BurstCycle burst(options);
  GsoMessages messages(sender.fd.get(), sender.to);
  std::optional<ProtectedBursts> protection;
  if (options.suite) protection.emplace(*options.suite, burst.stride());
  return Measure(options, sinks, [&] {
    burst.Advance();
    for (size_t first = 0; first < burst.count(); first += kMaxSegments) {
      const size_t count = std::min(kMaxSegments, burst.count() - first);
      if (protection) {
        protection->Send(burst, first, count, messages);
        continue;
      }
      messages.SetSegment(burst.stride());
      for (size_t i = 0; i < messages.size(); ++i) {
        messages.SetPiece(i, burst.padded(first, count));
      }
      messages.Send(0, messages.size());
    }
    return messages.size() * burst.count();
  });
}

void PrintRow(const std::string& name, const LoopOptions& options, const LoopResult& result) {
  std::printf(
      "{\"row\":\"%s\",\"ok\":%s,\"sinks\":%zu,\"burst\":%zu,\"packet_size\":%zu,\"sent\":%llu,"
      "\"received\":%llu,\"loss\":%.6f,\"missing_by_sequence\":%llu,\"cpu_s\":%.3f,\"wall_s\":%.3f,"
      "\"packets_per_cpu_s\":%.0f}\n",
      name.c_str(), result.ok ? "true" : "false", options.sinks, options.bursts[0].size(),
      size_t{options.bursts[0][0]}, static_cast<unsigned long long>(result.sent),
      static_cast<unsigned long long>(result.received), result.Loss(),
      static_cast<unsigned long long>(result.missing_by_sequence), result.cpu_seconds,
      result.wall_seconds, result.PacketsPerCpuSecond());
  std::fflush(stdout);
}

}  // namespace sfu::bench

// Both loops do nothing but the system calls: no copy, one burst of bytes for all sinks.
#include "bare_loops.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include "cpu.h"
#include "net/file_descriptor.h"
#include "net/sockaddr.h"

namespace sfu::bench {
namespace {

constexpr size_t kMessagesPerCall = 64;
// Packets under way before the sender waits for the sinks: enough that reading the clocks does not
// show, few enough that one sink's buffer can hold them all.
constexpr uint64_t kWindow = 1000;

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

// The messages of a whole round; they stay the same, as the burst's bytes are changed in place.
struct GsoMessages {
  struct alignas(cmsghdr) Control {
    std::array<uint8_t, CMSG_SPACE(sizeof(uint16_t))> bytes{};
  };

  GsoMessages(const Burst& burst, const LoopOptions& options, std::vector<sockaddr_in>& to)
      : piece{const_cast<uint8_t*>(burst.all().data()), burst.all().size()}, headers(to.size()) {
    auto* header = reinterpret_cast<cmsghdr*>(control.bytes.data());
    header->cmsg_level = SOL_UDP;
    header->cmsg_type = UDP_SEGMENT;
    header->cmsg_len = CMSG_LEN(sizeof(uint16_t));
    const auto segment = static_cast<uint16_t>(options.packet_size);
    std::memcpy(CMSG_DATA(header), &segment, sizeof(segment));
    for (size_t i = 0; i < to.size(); ++i) {
      msghdr& message = headers[i].msg_hdr;
      message = {};
      message.msg_name = &to[i];
      message.msg_namelen = sizeof(to[i]);
      message.msg_iov = &piece;
      message.msg_iovlen = 1;
      message.msg_control = control.bytes.data();
      message.msg_controllen = control.bytes.size();
    }
  }

  iovec piece;
  Control control;
  std::vector<mmsghdr> headers;
};

}  // namespace

Burst::Burst(const LoopOptions& options)
    : size_(std::max<size_t>(options.packet_size, 12)), bytes_(size_ * options.burst) {
  for (size_t at = 0; at < bytes_.size(); at += size_) bytes_[at] = 0x80;
}

void Burst::Advance() {
  for (size_t at = 0; at < bytes_.size(); at += size_) {
    StoreBe16(bytes_.data() + at + 2, next_sequence_++);
  }
}

LoopResult Measure(const LoopOptions& options, DrainSinks& sinks,
                   const std::function<void()>& send_round) {
  PinThisThread(options.cpu);
  LoopResult result;
  result.ok = true;
  const uint64_t per_round = options.sinks * options.burst;
  const uint64_t rounds = std::max<uint64_t>(1, kWindow / per_round);
  const Timestamp start = MonotonicNow();
  TimeDelta cpu;
  do {
    const Timestamp before = ThreadCpuNow();
    for (uint64_t i = 0; i < rounds; ++i) send_round();
    cpu += ThreadCpuNow() - before;
    result.sent += rounds * per_round;
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
  const FileDescriptor fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!sinks.ok() || !fd.is_open()) return {};
  const std::vector<sockaddr_in> to = KernelAddresses(sinks);
  Burst burst(options);
  return Measure(options, sinks, [&] {
    burst.Advance();
    for (const sockaddr_in& address : to) {
      for (size_t i = 0; i < options.burst; ++i) {
        const ByteView packet = burst.packet(i);
        sendto(fd.get(), packet.data(), packet.size(), MSG_DONTWAIT,
               reinterpret_cast<const sockaddr*>(&address), sizeof(address));
      }
    }
  });
}

LoopResult RunBareGso(const LoopOptions& options) {
  DrainSinks sinks(DrainFor(options));
  const FileDescriptor fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!sinks.ok() || !fd.is_open()) return {};
  std::vector<sockaddr_in> to = KernelAddresses(sinks);
  Burst burst(options);
  GsoMessages messages(burst, options, to);
  return Measure(options, sinks, [&] {
    burst.Advance();
    for (size_t i = 0; i < to.size();) {
      const size_t count = std::min(kMessagesPerCall, to.size() - i);
      const int sent =
          sendmmsg(fd.get(), &messages.headers[i], static_cast<unsigned>(count), MSG_DONTWAIT);
      // A message that is not taken is lost; the sinks will miss it.
      i += static_cast<size_t>(std::max(sent, 1));
    }
  });
}

void PrintRow(const std::string& name, const LoopOptions& options, const LoopResult& result) {
  std::printf(
      "{\"row\":\"%s\",\"ok\":%s,\"sinks\":%zu,\"burst\":%zu,\"packet_size\":%zu,\"sent\":%llu,"
      "\"received\":%llu,\"loss\":%.6f,\"missing_by_sequence\":%llu,\"cpu_s\":%.3f,\"wall_s\":%.3f,"
      "\"packets_per_cpu_s\":%.0f}\n",
      name.c_str(), result.ok ? "true" : "false", options.sinks, options.burst, options.packet_size,
      static_cast<unsigned long long>(result.sent),
      static_cast<unsigned long long>(result.received), result.Loss(),
      static_cast<unsigned long long>(result.missing_by_sequence), result.cpu_seconds,
      result.wall_seconds, result.PacketsPerCpuSecond());
  std::fflush(stdout);
}

}  // namespace sfu::bench

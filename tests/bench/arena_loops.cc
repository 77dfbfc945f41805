// Runs a Worker on the measuring thread; one round of its loop per round of the benchmark.
#include "arena_loops.h"

#include <algorithm>
#include <utility>

#include "net/udp_socket.h"
#include "net/worker.h"

namespace sfu::bench {
namespace {

UdpSocket::Ptr OpenSender(Worker& worker) {
  UdpSocketOptions options;
  options.local = *SocketAddress::ParseIp("127.0.0.1");
  auto socket = UdpSocket::Create(worker, options, nullptr);
  return socket ? std::move(socket).value() : nullptr;
}

LoopResult RunArena(const LoopOptions& options, bool connected) {
  DrainOptions drain;
  drain.sinks = options.sinks;
  drain.cpu = options.drain_cpu;
  DrainSinks sinks(drain);
  auto worker = Worker::Create();
  if (!sinks.ok() || !worker) return {};
  std::vector<UdpSocket::Ptr> sockets;
  for (size_t i = 0; i < (connected ? options.sinks : 1); ++i) {
    sockets.push_back(OpenSender(*worker.value()));
    if (!sockets.back()) return {};
    if (connected && !sockets.back()->Connect(sinks.addresses()[i])) return {};
  }
  BurstCycle burst(options);
  std::vector<uint16_t> sizes;
  return Measure(options, sinks, [&] {
    burst.Advance();
    sizes.assign(burst.count(), static_cast<uint16_t>(burst.stride()));
    const ByteView all = burst.padded(0, burst.count());
    for (size_t i = 0; i < options.sinks; ++i) {
      DatagramSender& sender = *sockets[connected ? i : 0];
      const MutableBytes space = sender.Reserve(all.size());
      std::copy(all.begin(), all.end(), space.begin());
      sender.Commit(sinks.addresses()[i], sizes);
    }
    worker.value()->RunOnce(TimeDelta::Zero());
    return options.sinks * burst.count();
  });
}

}  // namespace

LoopResult RunArenaOneSocket(const LoopOptions& options) { return RunArena(options, false); }

LoopResult RunArenaConnected(const LoopOptions& options) { return RunArena(options, true); }

}  // namespace sfu::bench

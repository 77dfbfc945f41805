// What connectivity checks cost: one JSON line per row. Row "demux": reading, verifying and
// answering one, without sockets. Row "udp": all that a Worker does for it, the kernel included; on
// loopback the peer's receiving, too, is on the Worker's account. The target is half a core for
// 100,000 checks per second. Arguments: [seconds per row].
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "cpu.h"
#include "ice/ice_demux.h"
#include "net/sockaddr.h"
#include "net/udp_socket.h"
#include "net/webrtc_server.h"
#include "tests/support/stun_builder.h"

namespace sfu {
namespace {

constexpr size_t kSessions = 1000;
// Checks per wake-up: what comes within a millisecond at 100,000 per second.
constexpr size_t kPeers = 100;

class NullObserver : public IceObserver {
 public:
  void OnIceState(IceState, Timestamp) override {}
  void OnIceSelectedTuple(const std::optional<IceTuple>&, Timestamp) override {}
  void OnDtls(MutableBytes, const IceTuple&, Timestamp) override {}
  void OnMedia(std::span<ReceivedDatagram>, const IceTuple&, Timestamp) override {}
  void OnDatagramsDone(Timestamp) override {}
};

class NullPath : public DatagramSender {
 public:
  MutableBytes Reserve(size_t size) override { return MutableBytes(space_).first(size); }
  void Commit(const SocketAddress&, std::span<const uint16_t> sizes,
              const SocketAddress&) override {
    answered += sizes.size();
  }
  bool PrefersEqualSizes() const override { return false; }

  uint64_t answered = 0;

 private:
  std::vector<uint8_t> space_ = std::vector<uint8_t>(kMaxReserve);
};

void Print(const char* row, uint64_t checks, TimeDelta cpu) {
  const double ns = static_cast<double>(cpu.ns()) / static_cast<double>(checks);
  std::printf(
      "{\"bench\":\"ice\",\"row\":\"%s\",\"checks\":%llu,\"ns_per_check\":%.0f,"
      "\"checks_per_cpu_second\":%.0f,\"cores_at_100k\":%.3f}\n",
      row, static_cast<unsigned long long>(checks), ns, 1e9 / ns, ns * 100'000 / 1e9);
}

std::vector<uint8_t> CheckOf(const IceLiteSession& session, uint64_t transaction) {
  const IceParameters& local = session.local_parameters();
  return test::MakeCheck(local.username_fragment, local.password, transaction);
}

bool BenchDemux(TimeDelta span) {
  IceDemux demux(SipKey{1, 2});
  NullObserver observer;
  NullPath path;
  std::vector<std::unique_ptr<IceLiteSession>> sessions;
  std::vector<std::vector<uint8_t>> checks;
  std::vector<ReceivedDatagram> batch;
  for (size_t i = 0; i < kSessions; ++i) {
    IceLiteOptions options;
    options.credentials = {std::to_string(10'000 + i), "PasswordOf24Characters00"};
    sessions.push_back(IceLiteSession::Create(demux, options, observer).value());
    checks.push_back(CheckOf(*sessions.back(), i + 1));
  }
  for (size_t i = 0; i < kSessions; ++i) {
    batch.push_back({checks[i], SocketAddress::Ipv4({10, 0, 0, 1}, static_cast<uint16_t>(1000 + i)),
                     SocketAddress::Ipv4({10, 0, 0, 2}, 4000)});
  }
  const Timestamp start = bench::ThreadCpuNow();
  Timestamp now = start;
  while (now - start < span) {
    demux.OnDatagrams(batch, IceProtocol::kUdp, path, now);
    now = bench::ThreadCpuNow();
  }
  Print("demux", path.answered, now - start);
  return demux.drops().Total() == 0 && path.answered > 0;
}

// Peers with a session each. They check once per round, so the answers go to as many addresses, and
// nothing can be sent together.
class Peers {
 public:
  explicit Peers(const SocketAddress& server) {
    KernelAddress address{};
    const socklen_t size = ToKernel(server, false, &address);
    for (size_t i = 0; i < kPeers; ++i) {
      sockets_.emplace_back(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      if (connect(sockets_.back().get(), &address.any, size) != 0) std::abort();
    }
  }

  void Send(size_t peer, const std::vector<uint8_t>& check) {
    if (send(sockets_[peer].get(), check.data(), check.size(), 0) < 0) std::abort();
  }
  // How many answers there were.
  size_t Drain() {
    std::array<uint8_t, 1500> bytes;
    size_t answers = 0;
    for (const FileDescriptor& fd : sockets_) {
      while (recv(fd.get(), bytes.data(), bytes.size(), MSG_DONTWAIT) > 0) ++answers;
    }
    return answers;
  }

 private:
  std::vector<FileDescriptor> sockets_;
};

// The Worker has no thread of its own, so that its rounds can be timed apart from the peers.
bool BenchUdp(TimeDelta span) {
  auto worker = Worker::Create().value();
  NullObserver observer;
  IceListenOptions listen;
  listen.local = SocketAddress::Ipv4({127, 0, 0, 1}, 0);
  const auto server = WebRtcServer::Create(*worker, {listen}).value();
  std::vector<std::unique_ptr<IceLiteSession>> sessions;
  std::vector<std::vector<uint8_t>> checks;
  for (size_t i = 0; i < kPeers; ++i) {
    sessions.push_back(server->CreateSession({}, observer).value());
    checks.push_back(CheckOf(*sessions.back(), i + 1));
  }
  Peers peers(SocketAddress::Ipv4({127, 0, 0, 1}, server->addresses()[0].port));
  uint64_t answers = 0;
  TimeDelta cpu = TimeDelta::Zero();
  while (cpu < span) {
    for (size_t i = 0; i < kPeers; ++i) peers.Send(i, checks[i]);
    const uint64_t goal = server->demux().counters().checks + kPeers;
    const Timestamp start = bench::ThreadCpuNow();
    while (server->demux().counters().checks < goal) worker->RunOnce(TimeDelta::Zero());
    cpu += bench::ThreadCpuNow() - start;
    if (peers.Drain() != kPeers) return false;
    answers += kPeers;
  }
  Print("udp", answers, cpu);
  return server->drops().Total() == 0;
}

}  // namespace
}  // namespace sfu

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::max(0.1, std::atof(argv[1])) : 3;
  const auto span = sfu::TimeDelta::Millis(static_cast<int64_t>(seconds * 1000));
  const bool ok = sfu::BenchDemux(span) && sfu::BenchUdp(span);
  return ok ? 0 : 1;
}

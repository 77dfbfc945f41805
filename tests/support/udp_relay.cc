// A UDP relay with a bad network inside, for tests whose peers are processes of their own (FFmpeg,
// GStreamer): the kernel here has no netem.
//
//   udp_relay --listen 5000 --to 127.0.0.1:6000 --loss 0.05 --delay-ms 25 --seed 7
//
// A client sends RTP to 127.0.0.1:5000 and RTCP to 5001; they leave towards 6000 and 6001 from a
// pair of ports of the relay's own (--upstream-port), and what comes back there goes to where the
// client's datagrams last came from, or to --client (and its port + 1) from the start. Each
// direction has an emulated path; RTP and RTCP share it. Runs until SIGINT or SIGTERM, then prints
// its counters as one JSON line. "ready" on stdout says that the ports are open.
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/network_emulator.h"

namespace sfu::test {
namespace {

constexpr const char* kUsage =
    "udp_relay --listen PORT --to ADDRESS:PORT [--client ADDRESS:PORT] [--upstream-port PORT]\n"
    "  [--rtcp 0|1]         relay PORT+1 as well (1)\n"
    "  [--seed N]           of both paths (1)\n"
    "  --loss P             0..1, each of these for both directions;\n"
    "  --delay-ms N         with -up or -down behind the name (--loss-up) for one:\n"
    "  --jitter-ms N        up is from the client to the server\n"
    "  --reorder P          share of packets that are overtaken by 10 ms\n"
    "  --duplicate P        share of packets that come twice\n"
    "  --rate-kbps N        of the bottleneck, --queue-bytes N before it\n"
    "  --outage-at-ms N     dead from there, counted from the first datagram\n"
    "  --outage-ms N        for so long\n"
    "  --rtcp-from-ms N     the client's RTCP is dropped until then, counted likewise\n";

constexpr size_t kLargestDatagram = 65'536;
constexpr int kSocketBuffer = 4 * 1024 * 1024;

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "udp_relay: %s\n", what.c_str());
  std::exit(2);
}

Timestamp Now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return Timestamp::FromNanos(int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec);
}

class Options {
 public:
  Options(int argc, char** argv) {
    for (int i = 1; i < argc; i += 2) {
      if (std::strncmp(argv[i], "--", 2) != 0 || i + 1 == argc)
        Fail(std::string("usage:\n") + kUsage);
      values_[argv[i] + 2] = argv[i + 1];
    }
  }
  const std::string* Find(const std::string& name) const {
    const auto value = values_.find(name);
    return value == values_.end() ? nullptr : &value->second;
  }
  double Number(const std::string& name, double otherwise) const {
    const std::string* text = Find(name);
    if (text == nullptr) return otherwise;
    char* end = nullptr;
    const double value = std::strtod(text->c_str(), &end);
    if (end == text->c_str() || *end != '\0' || value < 0) Fail("--" + name + " is no number");
    return value;
  }
  // The value for one direction, else the one for both.
  double Directed(const std::string& name, const char* direction, double otherwise) const {
    return Number(name + direction, Number(name, otherwise));
  }

 private:
  std::map<std::string, std::string> values_;
};

sockaddr_in ParseAddress(const std::string& text) {
  const size_t colon = text.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (colon == std::string::npos ||
      inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) != 1) {
    Fail("'" + text + "' is not ADDRESS:PORT");
  }
  address.sin_port = htons(static_cast<uint16_t>(std::atoi(text.c_str() + colon + 1)));
  return address;
}

sockaddr_in PortAfter(sockaddr_in address) {
  address.sin_port = htons(static_cast<uint16_t>(ntohs(address.sin_port) + 1));
  return address;
}

NetworkOptions PathOptions(const Options& options, const char* direction, uint64_t seed,
                           Timestamp start) {
  const auto millis = [&](const char* name) {
    return TimeDelta::Micros(static_cast<int64_t>(options.Directed(name, direction, 0) * 1'000));
  };
  NetworkOptions path;
  path.seed = seed;
  path.loss = options.Directed("loss", direction, 0);
  path.delay = millis("delay-ms");
  path.jitter = millis("jitter-ms");
  path.reorder = options.Directed("reorder", direction, 0);
  path.duplicate = options.Directed("duplicate", direction, 0);
  path.rate = DataRate::BitsPerSecond(
      static_cast<int64_t>(options.Directed("rate-kbps", direction, 0) * 1'000));
  path.queue_bytes = static_cast<size_t>(
      options.Directed("queue-bytes", direction, static_cast<double>(path.queue_bytes)));
  const TimeDelta outage = millis("outage-ms");
  if (outage > TimeDelta::Zero()) {
    const Timestamp from = start + millis("outage-at-ms");
    path.outages.push_back({from, from + outage});
  }
  return path;
}

int OpenSocket(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kSocketBuffer, sizeof(kSocketBuffer));
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kSocketBuffer, sizeof(kSocketBuffer));
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    Fail("port " + std::to_string(port) + ": " + std::strerror(errno));
  }
  return fd;
}

// RTP or RTCP: a socket towards the client, one towards the server.
struct Channel {
  int client_fd = -1;
  int server_fd = -1;
  sockaddr_in server{};
  sockaddr_in client{};  // port 0: not known yet
};

class Relay {
 public:
  explicit Relay(const Options& options) : options_(options) {
    const std::string* to = options.Find("to");
    if (to == nullptr || options.Find("listen") == nullptr) Fail(std::string("usage:\n") + kUsage);
    const auto listen = static_cast<uint16_t>(options.Number("listen", 0));
    const auto upstream = static_cast<uint16_t>(options.Number("upstream-port", 0));
    channel_count_ = options.Number("rtcp", 1) > 0 ? 2 : 1;
    for (size_t i = 0; i < channel_count_; ++i) {
      const auto offset = static_cast<uint16_t>(i);
      Channel& channel = channels_[i];
      channel.client_fd = OpenSocket(static_cast<uint16_t>(listen + offset));
      channel.server_fd = OpenSocket(upstream == 0 ? 0 : static_cast<uint16_t>(upstream + offset));
      channel.server = i == 0 ? ParseAddress(*to) : PortAfter(channels_[0].server);
      if (const std::string* client = options.Find("client")) {
        channel.client = i == 0 ? ParseAddress(*client) : PortAfter(channels_[0].client);
      }
    }
    StartPaths(Now());
  }

  void Run(int signal_fd) {
    std::array<pollfd, 5> fds{};
    for (size_t i = 0; i < channel_count_; ++i) {
      fds[2 * i] = {channels_[i].client_fd, POLLIN, 0};
      fds[2 * i + 1] = {channels_[i].server_fd, POLLIN, 0};
    }
    const size_t count = 2 * channel_count_;
    fds[count] = {signal_fd, POLLIN, 0};
    while (fds[count].revents == 0) {
      const TimeDelta wait = std::min(up_->NextDeadline(), down_->NextDeadline()) - Now();
      const int64_t ns = std::clamp(wait.ns(), int64_t{0}, int64_t{1'000'000'000});
      const timespec timeout{ns / 1'000'000'000, ns % 1'000'000'000};
      ppoll(fds.data(), count + 1, &timeout, nullptr);
      // RTCP first: what came by two sockets has no order, and senders send a report first.
      for (size_t i = channel_count_; i-- > 0;) {
        Receive(i, true);
        Receive(i, false);
      }
      Deliver();
    }
  }

  void PrintStats() const {
    std::printf("{");
    PrintPath("up", up_->stats());
    std::printf(", ");
    PrintPath("down", down_->stats());
    std::printf(", \"rtcp_held_back\": %llu, \"send_errors\": %llu}\n",
                static_cast<unsigned long long>(held_back_),
                static_cast<unsigned long long>(send_errors_));
  }

 private:
  void StartPaths(Timestamp start) {
    const auto seed = static_cast<uint64_t>(options_.Number("seed", 1));
    up_.emplace(PathOptions(options_, "-up", seed, start));
    down_.emplace(PathOptions(options_, "-down", seed + 1'000'003, start));
  }

  void Receive(size_t index, bool from_client) {
    Channel& channel = channels_[index];
    const int fd = from_client ? channel.client_fd : channel.server_fd;
    while (true) {
      sockaddr_in from{};
      socklen_t length = sizeof(from);
      const ssize_t size = recvfrom(fd, buffer_.data(), buffer_.size(), 0,
                                    reinterpret_cast<sockaddr*>(&from), &length);
      if (size < 0) {
        // An answer of ICMP to an earlier send stands here as an error; it is nobody's datagram.
        if (errno == ECONNREFUSED || errno == EINTR) continue;
        return;
      }
      const Timestamp now = Now();
      if (!started_) {
        started_ = true;
        rtcp_from_ =
            now + TimeDelta::Millis(static_cast<int64_t>(options_.Number("rtcp-from-ms", 0)));
        StartPaths(now);
      }
      if (from_client) channel.client = from;
      if (from_client && index == 1 && now < rtcp_from_) {
        ++held_back_;
        continue;
      }
      NetworkEmulator& path = from_client ? *up_ : *down_;
      path.Send({buffer_.data(), static_cast<size_t>(size)}, now, index);
    }
  }

  void Deliver() {
    const Timestamp now = Now();
    up_->Poll(now, [this](ByteView packet, uint64_t index) {
      SendTo(channels_[index].server_fd, channels_[index].server, packet);
    });
    down_->Poll(now, [this](ByteView packet, uint64_t index) {
      if (channels_[index].client.sin_port == 0) return;
      SendTo(channels_[index].client_fd, channels_[index].client, packet);
    });
  }

  void SendTo(int fd, const sockaddr_in& to, ByteView packet) {
    const ssize_t sent = sendto(fd, packet.data(), packet.size(), 0,
                                reinterpret_cast<const sockaddr*>(&to), sizeof(to));
    if (sent < 0) ++send_errors_;
  }

  static void PrintPath(const char* name, const NetworkStats& stats) {
    const auto number = [](uint64_t value) { return static_cast<unsigned long long>(value); };
    std::printf(
        "\"%s\": {\"sent\": %llu, \"delivered\": %llu, \"lost\": %llu, \"lost_in_outage\": %llu, "
        "\"lost_in_queue\": %llu, \"duplicated\": %llu, \"reordered\": %llu}",
        name, number(stats.sent), number(stats.delivered), number(stats.lost),
        number(stats.lost_in_outage), number(stats.lost_in_queue), number(stats.duplicated),
        number(stats.reordered));
  }

  const Options& options_;
  std::array<Channel, 2> channels_;
  size_t channel_count_ = 2;
  std::optional<NetworkEmulator> up_;
  std::optional<NetworkEmulator> down_;
  std::vector<uint8_t> buffer_ = std::vector<uint8_t>(kLargestDatagram);
  bool started_ = false;
  Timestamp rtcp_from_;
  uint64_t held_back_ = 0;
  uint64_t send_errors_ = 0;
};

int Main(int argc, char** argv) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  const int signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  const Options options(argc, argv);
  Relay relay(options);
  std::puts("ready");
  std::fflush(stdout);
  relay.Run(signal_fd);
  relay.PrintStats();
  return 0;
}

}  // namespace
}  // namespace sfu::test

int main(int argc, char** argv) { return sfu::test::Main(argc, argv); }

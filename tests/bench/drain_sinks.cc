// Only the first bytes of a packet are copied out; the sequence number stands where RTP has it.
#include "drain_sinks.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>

#include "base/bytes.h"
#include "cpu.h"
#include "net/sockaddr.h"
#include "net/udp_bind.h"

namespace sfu::bench {
namespace {

constexpr size_t kBatch = 64;
constexpr size_t kHeader = 16;
constexpr int kMaxEvents = 64;
constexpr int kWaitMs = 20;
constexpr TimeDelta kPatience = TimeDelta::Millis(100);

}  // namespace

struct DrainSinks::Buffers {
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> pieces{};
  std::array<std::array<uint8_t, kHeader>, kBatch> bytes{};

  Buffers() {
    for (size_t i = 0; i < kBatch; ++i) {
      pieces[i] = {bytes[i].data(), kHeader};
      messages[i].msg_hdr.msg_iov = &pieces[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
  }
};

DrainSinks::DrainSinks(const DrainOptions& options) : options_(options) {
  ok_ = Open();
  if (ok_) thread_ = std::thread(&DrainSinks::Run, this);
}

DrainSinks::~DrainSinks() { Finish(); }

bool DrainSinks::Open() {
  epoll_ = FileDescriptor(epoll_create1(EPOLL_CLOEXEC));
  ports_.resize(options_.sinks);
  UdpSocketOptions socket_options;
  socket_options.local = *SocketAddress::ParseIp("127.0.0.1");
  socket_options.recv_buffer_size = options_.recv_buffer_size;
  socket_options.gro = false;
  for (size_t i = 0; i < options_.sinks; ++i) {
    auto socket = BindUdp(socket_options, NetFeatures{});
    if (!socket) return false;
    KernelAddress address{};
    socklen_t size = sizeof(address);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    if (getsockname(socket.value().get(), &address.any, &size) != 0 ||
        epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket.value().get(), &event) != 0) {
      return false;
    }
    addresses_.push_back(FromKernel(address));
    sockets_.push_back(std::move(socket).value());
  }
  return true;
}

size_t DrainSinks::Drain(size_t index, Buffers& buffers) {
  const int count = recvmmsg(sockets_[index].get(), buffers.messages.data(), kBatch,
                             MSG_DONTWAIT | MSG_TRUNC, nullptr);
  if (count <= 0) return 0;
  Port& port = ports_[index];
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    ++port.packets;
    port.bytes += buffers.messages[i].msg_len;
    const uint16_t sequence = LoadBe16(buffers.bytes[i].data() + 2);
    if (port.first < 0) {
      port.first = port.highest = sequence;
    } else {
      const auto step = static_cast<int16_t>(sequence - static_cast<uint16_t>(port.highest));
      if (step > 0) port.highest += step;
    }
  }
  return static_cast<size_t>(count);
}

void DrainSinks::Run() {
  PinThisThread(options_.cpu);
  const bool polls = options_.poll_interval > TimeDelta::Zero();
  Buffers buffers;
  std::array<epoll_event, kMaxEvents> events;
  for (;;) {
    // Read before waiting: what was sent before Finish() is then still drained.
    const bool finish = finish_.load(std::memory_order_acquire);
    const int ready =
        epoll_wait(epoll_.get(), events.data(), kMaxEvents, finish || polls ? 0 : kWaitMs);
    if (ready <= 0 && finish) return;
    if (ready <= 0 && polls) SleepFor(options_.poll_interval);
    size_t taken = 0;
    for (int i = 0; i < ready; ++i)
      taken += Drain(events[static_cast<size_t>(i)].data.u64, buffers);
    received_.fetch_add(taken, std::memory_order_release);
  }
}

bool DrainSinks::WaitFor(uint64_t packets) const {
  uint64_t last = received();
  Timestamp last_change = MonotonicNow();
  while (last < packets) {
    SleepFor(TimeDelta::Micros(50));
    const uint64_t now = received();
    if (now != last) {
      last = now;
      last_change = MonotonicNow();
    } else if (MonotonicNow() - last_change > kPatience) {
      return false;
    }
  }
  return true;
}

const std::vector<DrainSinks::Port>& DrainSinks::Finish() {
  finish_.store(true, std::memory_order_release);
  if (thread_.joinable()) thread_.join();
  return ports_;
}

}  // namespace sfu::bench

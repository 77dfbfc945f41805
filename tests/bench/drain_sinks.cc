// Only the first bytes of a packet are copied out; the sequence number stands where RTP has it.
#include "drain_sinks.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "base/bytes.h"
#include "cpu.h"
#include "net/sockaddr.h"
#include "net/udp_bind.h"

namespace sfu::bench {
namespace {

constexpr size_t kBatch = 64;
constexpr size_t kHeader = 64;
constexpr int kMaxEvents = 64;
constexpr int kWaitMs = 20;
constexpr TimeDelta kPatience = TimeDelta::Millis(500);

// RFC 5761, section 4: payload types 64 to 95 are RTCP's.
bool IsRtcp(uint8_t second) { return (second & 0x7f) >= 64 && (second & 0x7f) <= 95; }

// `sent`: nanoseconds of the wall clock.
TimeDelta DelayOf(const msghdr& header, int64_t sent) {
  const cmsghdr* control = CMSG_FIRSTHDR(&header);
  if (control == nullptr || control->cmsg_type != SCM_TIMESTAMPNS) return TimeDelta::Infinite();
  timespec arrival{};
  std::memcpy(&arrival, CMSG_DATA(control), sizeof(arrival));
  return TimeDelta::Nanos(arrival.tv_sec * 1'000'000'000 + arrival.tv_nsec - sent);
}

}  // namespace

struct DrainSinks::Buffers {
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> pieces{};
  std::array<std::array<uint8_t, kHeader>, kBatch> bytes{};
  struct alignas(cmsghdr) Control {
    std::array<uint8_t, CMSG_SPACE(sizeof(timespec))> bytes{};
  };
  std::array<Control, kBatch> controls{};

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
  if (ok_ && !options_.held) Begin();
}

void DrainSinks::Begin() { thread_ = std::thread(&DrainSinks::Run, this); }

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
    const int stamps = options_.stamp_offset ? 1 : 0;
    setsockopt(socket.value().get(), SOL_SOCKET, SO_TIMESTAMPNS, &stamps, sizeof(stamps));
    addresses_.push_back(FromKernel(address));
    sockets_.push_back(std::move(socket).value());
  }
  return true;
}

size_t DrainSinks::Drain(size_t index, Buffers& buffers) {
  if (options_.stamp_offset) {
    for (size_t i = 0; i < kBatch; ++i) {
      buffers.messages[i].msg_hdr.msg_control = &buffers.controls[i];
      buffers.messages[i].msg_hdr.msg_controllen = sizeof(buffers.controls[i]);
    }
  }
  const int count = recvmmsg(sockets_[index].get(), buffers.messages.data(), kBatch,
                             MSG_DONTWAIT | MSG_TRUNC, nullptr);
  size_t packets = 0;
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<size_t>(i);
    if (IsRtcp(buffers.bytes[at][1])) continue;
    CountPacket(ports_[index], buffers, at);
    ++packets;
  }
  return packets;
}

void DrainSinks::CountPacket(Port& port, Buffers& buffers, size_t i) {
  ++port.packets;
  port.bytes += buffers.messages[i].msg_len;
  const uint16_t sequence = LoadBe16(buffers.bytes[i].data() + 2);
  if (port.first < 0) {
    port.first = port.highest = sequence;
  } else {
    const auto step = static_cast<int16_t>(sequence - static_cast<uint16_t>(port.highest));
    if (step > 0) port.highest += step;
  }
  if (!options_.stamp_offset) return;
  const auto sent = static_cast<int64_t>(LoadBe64(&buffers.bytes[i][*options_.stamp_offset]));
  if (sent != 0) delays_.Add(DelayOf(buffers.messages[i].msg_hdr, sent));
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
    for (int i = 0; i < ready; ++i) {
      taken += Drain(events[static_cast<size_t>(i)].data.u64, buffers);
    }
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

Timestamp DrainSinks::CpuTime() const {
  clockid_t clock{};
  // The handle is not const in the library, and is only read.
  auto& thread = const_cast<std::thread&>(thread_);
  if (pthread_getcpuclockid(thread.native_handle(), &clock) != 0) return {};
  return ReadClock(clock);
}

const std::vector<DrainSinks::Port>& DrainSinks::Finish() {
  finish_.store(true, std::memory_order_release);
  if (thread_.joinable()) thread_.join();
  return ports_;
}

}  // namespace sfu::bench

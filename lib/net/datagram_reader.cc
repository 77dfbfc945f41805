// With UDP GRO the kernel joins datagrams of one flow and equal size into one message; a control
// message tells the size at which to cut it again.
#include "net/datagram_reader.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "net/sockaddr.h"

namespace sfu {
namespace {

// Messages per call, and so per batch.
constexpr size_t kSlots = 64;
constexpr size_t kGroSlots = 32;
// A GRO message may be as long as an IP packet. The few cache lines more keep the buffers'
// beginnings out of one and the same cache set. Pages that are never written to cost no memory.
constexpr size_t kGroSlotSize = 65536 + 17 * 64;
// Without GRO: enough to see that a datagram is longer than kMaxDatagram.
constexpr size_t kSlotSize = 1600;
static_assert(kSlotSize > DatagramReader::kMaxDatagram);

constexpr size_t kControlSize =
    CMSG_SPACE(sizeof(in_pktinfo)) + CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(int));

struct alignas(cmsghdr) ControlBuffer {
  std::array<uint8_t, kControlSize> bytes;
};

struct ControlInfo {
  SocketAddress to;
  size_t segment_size = 0;  // 0: one datagram
};

template <typename T>
T ReadControl(const cmsghdr* control) {
  T value{};
  std::memcpy(&value, CMSG_DATA(control), sizeof(T));
  return value;
}

ControlInfo ReadControls(msghdr* header, const SocketAddress& local) {
  ControlInfo info{local, 0};
  for (cmsghdr* c = CMSG_FIRSTHDR(header); c != nullptr; c = CMSG_NXTHDR(header, c)) {
    if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
      const int size = ReadControl<int>(c);
      if (size > 0) info.segment_size = static_cast<size_t>(size);
    } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      info.to = FromInAddr(ReadControl<in_pktinfo>(c).ipi_addr, local.port());
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      const auto pktinfo = ReadControl<in6_pktinfo>(c);
      info.to = FromIn6Addr(pktinfo.ipi6_addr, local.port(), pktinfo.ipi6_ifindex);
    }
  }
  return info;
}

}  // namespace

struct DatagramReader::Slots {
  explicit Slots(bool gro)
      : count(gro ? kGroSlots : kSlots),
        size(gro ? kGroSlotSize : kSlotSize),
        bytes(new uint8_t[count * size]) {
    for (size_t i = 0; i < count; ++i) {
      pieces[i] = {bytes.get() + i * size, size};
      messages[i].msg_hdr = {};
      messages[i].msg_hdr.msg_iov = &pieces[i];
      messages[i].msg_hdr.msg_iovlen = 1;
      messages[i].msg_hdr.msg_name = &addresses[i];
      messages[i].msg_hdr.msg_control = &controls[i];
      Reset(i);
    }
  }
  // The kernel writes these two, and reads them at the next call.
  void Reset(size_t i) {
    messages[i].msg_hdr.msg_namelen = sizeof(KernelAddress);
    messages[i].msg_hdr.msg_controllen = sizeof(ControlBuffer);
  }

  const size_t count;
  const size_t size;
  std::unique_ptr<uint8_t[]> bytes;
  std::array<mmsghdr, kSlots> messages;
  std::array<iovec, kSlots> pieces;
  std::array<KernelAddress, kSlots> addresses;
  std::array<ControlBuffer, kSlots> controls;
};

DatagramReader::DatagramReader(const NetFeatures& features)
    : features_(features), slots_(std::make_unique<Slots>(features.gro)) {
  datagrams_.reserve(kSlots);
}

DatagramReader::~DatagramReader() = default;

int DatagramReader::Receive(int fd, ReceiveCounters* counters) {
  if (!features_.recvmmsg) return ReceiveOneByOne(fd, counters);
  ++counters->system_calls;
  return recvmmsg(fd, slots_->messages.data(), static_cast<unsigned>(slots_->count), MSG_DONTWAIT,
                  nullptr);
}

int DatagramReader::ReceiveOneByOne(int fd, ReceiveCounters* counters) {
  int received = 0;
  while (received < static_cast<int>(slots_->count)) {
    mmsghdr& message = slots_->messages[static_cast<size_t>(received)];
    ++counters->system_calls;
    const ssize_t size = recvmsg(fd, &message.msg_hdr, MSG_DONTWAIT);
    if (size < 0) return received > 0 ? received : -1;
    message.msg_len = static_cast<unsigned>(size);
    ++received;
  }
  return received;
}

void DatagramReader::Split(size_t slot, const SocketAddress& local, ReceiveCounters* counters) {
  mmsghdr& message = slots_->messages[slot];
  const ControlInfo info = ReadControls(&message.msg_hdr, local);
  const size_t size = std::min<size_t>(message.msg_len, slots_->size);
  const size_t step = info.segment_size > 0 ? info.segment_size : std::max<size_t>(size, 1);
  const bool truncated = (message.msg_hdr.msg_flags & MSG_TRUNC) != 0;
  const SocketAddress from = FromKernel(slots_->addresses[slot]);
  uint8_t* const bytes = static_cast<uint8_t*>(slots_->pieces[slot].iov_base);
  // Also an empty datagram is one.
  size_t offset = 0;
  do {
    const size_t length = std::min(step, size - offset);
    if (length > kMaxDatagram || truncated) {
      ++counters->too_big;
    } else {
      datagrams_.push_back({{bytes + offset, length}, from, info.to});
      ++counters->datagrams;
      counters->bytes += length;
    }
    offset += step;
  } while (offset < size);
}

DatagramReader::Batch DatagramReader::Read(int fd, const SocketAddress& local,
                                           ReceiveCounters* counters) {
  datagrams_.clear();
  const int received = Receive(fd, counters);
  if (received <= 0) {
    const bool had_error = received < 0 && errno != EAGAIN && errno != EINTR;
    if (had_error) ++counters->errors;
    // The error is gone now that it was reported, and there may be datagrams behind it.
    return {{}, had_error};
  }
  const auto count = static_cast<size_t>(received);
  for (size_t i = 0; i < count; ++i) {
    Split(i, local, counters);
    slots_->Reset(i);
  }
  return {datagrams_, count == slots_->count};
}

}  // namespace sfu

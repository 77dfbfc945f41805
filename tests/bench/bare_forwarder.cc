// What the kernel alone needs to hand a burst on: takes it as one message (UDP GRO) and sends the
// same bytes to everybody (UDP GSO). Nothing is looked at, so its delay is the least that there can
// be.
#include <netinet/udp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <thread>
#include <utility>

#include "forwarder.h"
#include "gso_messages.h"
#include "net/sockaddr.h"
#include "net/udp_bind.h"

namespace sfu::bench {
namespace {

constexpr int kWaitMs = 20;

class BareForwarder : public Forwarder {
 public:
  BareForwarder(FileDescriptor fd, std::vector<SocketAddress> ingress, std::vector<sockaddr_in> to)
      : fd_(std::move(fd)),
        ingress_(std::move(ingress)),
        messages_(fd_.get(), std::move(to)),
        burst_(kMaxBurst),
        thread_(&BareForwarder::Run, this) {}
  ~BareForwarder() override {
    finish_ = true;
    thread_.join();
  }
  const std::vector<SocketAddress>& ingress() const override { return ingress_; }

 private:
  static constexpr size_t kMaxBurst = 65'536;

  void Run() {
    pollfd wanted{fd_.get(), POLLIN, 0};
    while (!finish_) {
      if (poll(&wanted, 1, kWaitMs) > 0) ForwardOne();
    }
  }

  void ForwardOne() {
    struct alignas(cmsghdr) Control {
      std::array<uint8_t, CMSG_SPACE(sizeof(int))> bytes{};
    } control;
    iovec piece{burst_.data(), burst_.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    const ssize_t size = recvmsg(fd_.get(), &message, MSG_DONTWAIT);
    if (size <= 0) return;
    int segment = static_cast<int>(size);
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header != nullptr && header->cmsg_level == SOL_UDP && header->cmsg_type == UDP_GRO) {
      std::memcpy(&segment, CMSG_DATA(header), sizeof(segment));
    }
    messages_.SetSegment(static_cast<size_t>(segment));
    for (size_t i = 0; i < messages_.size(); ++i) {
      messages_.SetPiece(i, ByteView(burst_).first(static_cast<size_t>(size)));
    }
    messages_.Send(0, messages_.size());
  }

  const FileDescriptor fd_;
  const std::vector<SocketAddress> ingress_;
  GsoMessages messages_;
  std::vector<uint8_t> burst_;
  std::atomic<bool> finish_{false};
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Forwarder> MakeBareGso(const ForwarderOptions& options, std::string* error) {
  const Scenario& scenario = options.scenario;
  if (scenario.all_send || options.key) {
    *error = "only one sender, without SRTP";
    return nullptr;
  }
  UdpSocketOptions socket_options;
  socket_options.local = *SocketAddress::ParseIp("127.0.0.1");
  auto socket = BindUdp(socket_options, NetFeatures{});
  KernelAddress bound{};
  socklen_t size = sizeof(bound);
  if (!socket || getsockname(socket.value().get(), &bound.any, &size) != 0) {
    *error = "no socket";
    return nullptr;
  }
  std::vector<SocketAddress> ingress(scenario.endpoints());
  std::vector<sockaddr_in> to;
  for (size_t i = 0; i < scenario.endpoints(); ++i) {
    if (scenario.sends(i)) ingress[i] = FromKernel(bound);
    KernelAddress address{};
    ToKernel(options.endpoints[i], false, &address);
    if (scenario.receives(i)) to.push_back(address.v4);
  }
  return std::make_unique<BareForwarder>(std::move(socket).value(), std::move(ingress),
                                         std::move(to));
}

}  // namespace sfu::bench

// A call counts as missing when it fails with ENOSYS, or with EPERM or EINVAL as container
// sandboxes make them fail. Every probe is a call that does nothing.
#include "net/features.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

#include "net/file_descriptor.h"

namespace sfu {
namespace {

bool HasRecvmmsg(int fd) {
  mmsghdr message{};
  return recvmmsg(fd, &message, 1, MSG_DONTWAIT, nullptr) >= 0 || errno == EAGAIN;
}

bool HasSendmmsg(int fd) {
  mmsghdr message{};
  return sendmmsg(fd, &message, 0, MSG_DONTWAIT) == 0;
}

bool HasUdpOption(int fd, int option) {
  int value = 0;
  return setsockopt(fd, SOL_UDP, option, &value, sizeof(value)) == 0;
}

bool HasEpollPwait2() {
  const FileDescriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  epoll_event event{};
  const timespec zero{};
  return epoll.is_open() && epoll_pwait2(epoll.get(), &event, 1, &zero, nullptr) == 0;
}

}  // namespace

NetFeatures ProbeNetFeatures(const NetFeatures& allowed) {
  FileDescriptor fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) fd = FileDescriptor(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  NetFeatures features;
  features.recvmmsg = allowed.recvmmsg && HasRecvmmsg(fd.get());
  features.gro = allowed.gro && HasUdpOption(fd.get(), UDP_GRO);
  features.sendmmsg = allowed.sendmmsg && HasSendmmsg(fd.get());
  features.gso = allowed.gso && HasUdpOption(fd.get(), UDP_SEGMENT);
  features.epoll_pwait2 = allowed.epoll_pwait2 && HasEpollPwait2();
  return features;
}

}  // namespace sfu

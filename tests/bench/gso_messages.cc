// All messages share one control message: their segments are of the same size.
#include "gso_messages.h"

#include <netinet/udp.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace sfu::bench {

GsoMessages::GsoMessages(int fd, std::vector<sockaddr_in> to) : fd_(fd), to_(std::move(to)) {
  control_.header()->cmsg_level = SOL_UDP;
  control_.header()->cmsg_type = UDP_SEGMENT;
  control_.header()->cmsg_len = CMSG_LEN(sizeof(uint16_t));
  headers_.resize(to_.size());
  pieces_.resize(to_.size());
  for (size_t i = 0; i < to_.size(); ++i) {
    msghdr& message = headers_[i].msg_hdr;
    message = {};
    message.msg_name = &to_[i];
    message.msg_namelen = sizeof(to_[i]);
    message.msg_iov = &pieces_[i];
    message.msg_iovlen = 1;
    message.msg_control = &control_;
    message.msg_controllen = sizeof(control_);
  }
}

void GsoMessages::SetSegment(size_t segment) {
  const auto size = static_cast<uint16_t>(segment);
  std::memcpy(CMSG_DATA(control_.header()), &size, sizeof(size));
}

void GsoMessages::Send(size_t first, size_t count) {
  for (size_t i = first; i < first + count;) {
    const size_t batch = std::min(kMessagesPerCall, first + count - i);
    const int sent = sendmmsg(fd_, &headers_[i], static_cast<unsigned>(batch), MSG_DONTWAIT);
    i += static_cast<size_t>(std::max(sent, 1));
  }
}

}  // namespace sfu::bench

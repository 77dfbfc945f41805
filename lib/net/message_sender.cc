// sendmmsg reports an error only for its first message; so after one, the rest is sent by a new
// call.
#include "net/message_sender.h"

#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "net/sockaddr.h"

namespace sfu {
namespace {

// Room for both control messages: the source address and the segment size.
constexpr size_t kControlSize = CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t));

struct alignas(cmsghdr) ControlBuffer {
  std::array<uint8_t, kControlSize> bytes;
};

// Appends one control message to `header`, whose buffer must have room for it.
template <typename T>
void AddControl(msghdr* header, int level, int type, const T& value) {
  auto* control = reinterpret_cast<cmsghdr*>(static_cast<uint8_t*>(header->msg_control) +
                                             header->msg_controllen);
  control->cmsg_level = level;
  control->cmsg_type = type;
  control->cmsg_len = CMSG_LEN(sizeof(T));
  std::memcpy(CMSG_DATA(control), &value, sizeof(T));
  header->msg_controllen += CMSG_SPACE(sizeof(T));
}

void AddSource(msghdr* header, const SocketAddress& from, bool ipv6_socket) {
  if (ipv6_socket) {
    in6_pktinfo info{};
    info.ipi6_addr = ToIn6Addr(from);
    info.ipi6_ifindex = from.scope_id();
    AddControl(header, IPPROTO_IPV6, IPV6_PKTINFO, info);
  } else {
    in_pktinfo info{};
    info.ipi_spec_dst = ToInAddr(from);
    AddControl(header, IPPROTO_IP, IP_PKTINFO, info);
  }
}

bool MayMeanGsoRefused(int error) { return error == EIO || error == EINVAL || error == EMSGSIZE; }

}  // namespace

struct MessageSender::Headers {
  std::array<mmsghdr, kMaxBatch> messages;
  std::array<iovec, kMaxBatch> pieces;
  std::array<KernelAddress, kMaxBatch> addresses;
  std::array<ControlBuffer, kMaxBatch> controls;

  void Fill(size_t index, const SendMessage& message) {
    msghdr& header = messages[index].msg_hdr;
    header = {};
    pieces[index] = {const_cast<uint8_t*>(message.data), message.size};
    header.msg_iov = &pieces[index];
    header.msg_iovlen = 1;
    const bool ipv6 = message.socket->ipv6;
    if (message.to.is_set()) {
      header.msg_name = &addresses[index];
      header.msg_namelen = ToKernel(message.to, ipv6, &addresses[index]);
    }
    // The padding between control messages goes to the kernel too.
    controls[index] = {};
    header.msg_control = &controls[index];
    // An IPv4 socket cannot have an IPv6 source.
    if (message.from.is_set() && (ipv6 || message.from.is_ipv4())) {
      AddSource(&header, message.from, ipv6);
    }
    if (message.segments > 1) {
      AddControl(&header, SOL_UDP, UDP_SEGMENT, message.segment_size);
    }
    if (header.msg_controllen == 0) header.msg_control = nullptr;
  }
};

MessageSender::MessageSender(const NetFeatures& features)
    : features_(features),
      headers_(std::make_unique<Headers>()),
      unsegmented_headers_(std::make_unique<Headers>()) {}

MessageSender::~MessageSender() = default;

void MessageSender::Send(SendSocket& socket, std::span<const SendMessage* const> messages) {
  while (!messages.empty()) {
    const size_t count = std::min(messages.size(), kMaxBatch);
    SendBatch(socket, messages.first(count), *headers_);
    messages = messages.subspan(count);
  }
}

int MessageSender::Call(const SendSocket& socket, Headers& headers, size_t first,
                        size_t count) const {
  constexpr int kFlags = MSG_DONTWAIT | MSG_NOSIGNAL;
  if (count > 1 && features_.sendmmsg) {
    return sendmmsg(socket.fd, &headers.messages[first], static_cast<unsigned>(count), kFlags);
  }
  return sendmsg(socket.fd, &headers.messages[first].msg_hdr, kFlags) >= 0 ? 1 : -1;
}

void MessageSender::SendBatch(SendSocket& socket, std::span<const SendMessage* const> messages,
                              Headers& headers) {
  for (size_t i = 0; i < messages.size(); ++i) headers.Fill(i, *messages[i]);
  bool retried = false;
  for (size_t i = 0; i < messages.size();) {
    const int sent = Call(socket, headers, i, messages.size() - i);
    ++socket.counters.system_calls;
    if (sent > 0) {
      for (const SendMessage* message : messages.subspan(i, static_cast<size_t>(sent))) {
        socket.counters.datagrams += message->segments;
        socket.counters.bytes += message->size;
      }
      i += static_cast<size_t>(sent);
      retried = false;
      continue;
    }
    switch (HandleError(socket, *messages[i], errno, retried)) {
      case Next::kRetry:
        retried = true;
        break;
      case Next::kSkip:
        retried = false;
        ++i;
        break;
      case Next::kDropAll:
        for (; i < messages.size(); ++i) socket.counters.failed += messages[i]->segments;
        break;
    }
  }
}

MessageSender::Next MessageSender::HandleError(SendSocket& socket, const SendMessage& message,
                                               int error, bool retried) {
  if (message.segments > 1 && MayMeanGsoRefused(error)) {
    ++socket.counters.gso_refused;
    SendUnsegmented(socket, message);
    return Next::kSkip;
  }
  switch (error) {
    case ECONNREFUSED:
      // The error belongs to an earlier datagram and is gone now that it was reported.
      ++socket.counters.refused;
      if (!retried) return Next::kRetry;
      break;
    case EINTR:
      if (!retried) return Next::kRetry;
      break;
    case EAGAIN:
      // The socket's buffer is full and stays so while this thread does not let go.
      return Next::kDropAll;
    case EPERM:
      socket.counters.not_permitted += message.segments;
      break;
    default:
      break;
  }
  socket.counters.failed += message.segments;
  return Next::kSkip;
}

void MessageSender::SendUnsegmented(SendSocket& socket, const SendMessage& message) {
  if (socket.connected) {
    socket.gso_refused = true;
  } else {
    if (refused_.size() >= kMaxRefused) refused_.clear();
    refused_.insert(message.to);
  }
  std::array<SendMessage, SendMessage::kMaxSegments> singles;
  std::array<const SendMessage*, SendMessage::kMaxSegments> pointers;
  uint32_t offset = 0;
  for (size_t i = 0; i < message.segments; ++i) {
    singles[i] = message;
    singles[i].data += offset;
    singles[i].size = std::min<uint32_t>(message.segment_size, message.size - offset);
    singles[i].segments = 1;
    pointers[i] = &singles[i];
    offset += singles[i].size;
  }
  static_assert(SendMessage::kMaxSegments <= kMaxBatch);
  SendBatch(socket, std::span(pointers).first(message.segments), *unsegmented_headers_);
}

}  // namespace sfu

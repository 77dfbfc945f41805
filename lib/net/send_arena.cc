// The bytes of consecutive commits lie one behind the other, so a message is always one piece of
// memory and needs one iovec.
#include "net/send_arena.h"

#include <algorithm>

namespace sfu {

SendArena::SendArena(size_t capacity, const NetFeatures& features)
    : capacity_(std::max(capacity, DatagramSender::kMaxReserve)),
      bytes_(new uint8_t[capacity_]),
      sender_(features) {
  messages_.reserve(kMaxMessages);
  sockets_.reserve(kMaxMessages);
  batch_.reserve(kMaxMessages);
}

MutableBytes SendArena::Reserve(size_t size) {
  reserved_ = 0;
  if (size > DatagramSender::kMaxReserve) return {};
  if (size > capacity_ - used_) Flush();
  reserved_ = size;
  return {bytes_.get() + used_, size};
}

void SendArena::Commit(SendSocket& socket, const SocketAddress& to, std::span<const uint16_t> sizes,
                       const SocketAddress& from) {
  const SocketAddress& source = socket.wildcard ? from : SocketAddress();
  // A connected socket has its destination already.
  const SocketAddress& destination = socket.connected ? SocketAddress() : to;
  size_t left = reserved_;
  reserved_ = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] > left) {
      socket.counters.failed += sizes.size() - i;
      return;
    }
    left -= sizes[i];
    Append(socket, destination, source, sizes[i]);
  }
}

bool SendArena::Extends(const SendMessage& message, uint16_t size) const {
  return message.segmented && size > 0 && size <= message.segment_size &&
         message.size == message.segments * message.segment_size &&
         message.segments < SendMessage::kMaxSegments &&
         message.size + size <= SendMessage::kMaxSize;
}

void SendArena::Append(SendSocket& socket, const SocketAddress& to, const SocketAddress& from,
                       uint16_t size) {
  uint8_t* const data = bytes_.get() + used_;
  if (!messages_.empty()) {
    SendMessage& last = messages_.back();
    if (last.socket == &socket && Extends(last, size) && last.to == to && last.from == from) {
      last.size += size;
      ++last.segments;
      used_ += size;
      return;
    }
  }
  if (messages_.size() == kMaxMessages) {
    // Everything before this datagram leaves; the datagram itself stays where it was written.
    const size_t used = used_;
    Flush();
    used_ = used;
  }
  const auto index = static_cast<int32_t>(messages_.size());
  messages_.push_back(
      {&socket, to, from, data, size, size, 1, -1, size > 0 && sender_.MaySegment(socket, to)});
  used_ += size;
  if (socket.last_message < 0) {
    socket.first_message = index;
    sockets_.push_back(&socket);
  } else {
    messages_[static_cast<size_t>(socket.last_message)].next = index;
  }
  socket.last_message = index;
}

void SendArena::Flush() {
  for (SendSocket* socket : sockets_) {
    batch_.clear();
    for (int32_t i = socket->first_message; i >= 0;) {
      const SendMessage& message = messages_[static_cast<size_t>(i)];
      batch_.push_back(&message);
      i = message.next;
    }
    socket->first_message = socket->last_message = -1;
    sender_.Send(*socket, batch_);
  }
  sockets_.clear();
  messages_.clear();
  used_ = 0;
}

}  // namespace sfu

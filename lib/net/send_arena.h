// Where a Worker's outgoing datagrams are built and gathered, and from where they leave in as few
// system calls as the kernel allows: consecutive datagrams of one socket to one destination and of
// equal size become one message (UDP GSO), and the messages of one socket go out by one sendmmsg.
//
// Belongs to the Worker's thread. Never blocks: what the kernel does not take is dropped and
// counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/datagram.h"
#include "base/socket_address.h"
#include "net/features.h"
#include "net/message_sender.h"

namespace sfu {

class SendArena {
 public:
  // Small enough that what was written is still in the cache of the core when the kernel copies it,
  // and that the first receivers of a burst need not wait until it was written for all. The price
  // is more, smaller batches per socket, which shows only where one socket serves many receivers.
  static constexpr size_t kDefaultCapacity = 64 * 1024;

  // At least DatagramSender::kMaxReserve bytes, whatever `capacity` says.
  SendArena(size_t capacity, const NetFeatures& features);

  // See DatagramSender. Flushes first when there is not enough room left.
  MutableBytes Reserve(size_t size);
  // Hands over the last reservation's first sum(sizes) bytes. A datagram that does not fit what was
  // reserved, and all after it, count as failed. `socket` must stay until the next Flush().
  void Commit(SendSocket& socket, const SocketAddress& to, std::span<const uint16_t> sizes,
              const SocketAddress& from);
  // Sends everything.
  void Flush();
  // True when there is nothing to flush.
  bool empty() const { return messages_.empty(); }

  bool PrefersEqualSizes(const SendSocket& socket) const {
    return sender_.features().gso && !socket.gso_refused;
  }

 private:
  // Messages gathered before they are sent; with GSO far fewer than the arena has room for.
  static constexpr size_t kMaxMessages = 1024;

  bool Extends(const SendMessage& message, uint16_t size) const;
  void Append(SendSocket& socket, const SocketAddress& to, const SocketAddress& from,
              uint16_t size);

  const size_t capacity_;
  std::unique_ptr<uint8_t[]> bytes_;
  size_t used_ = 0;      // committed
  size_t reserved_ = 0;  // given out behind it
  std::vector<SendMessage> messages_;
  std::vector<SendSocket*> sockets_;       // those with messages
  std::vector<const SendMessage*> batch_;  // scratch: the messages of one socket
  MessageSender sender_;
};

}  // namespace sfu

// Where the sans-I/O core meets the network: datagrams come in by DatagramReceiver and go out by
// DatagramSender. net/udp_socket.h implements both ends; tests and simulations bring their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/socket_address.h"
#include "base/time.h"

namespace sfu {

struct ReceivedDatagram {
  MutableBytes bytes;
  SocketAddress from;
  // The local address it was sent to, as the peer must see it in an answer. A wildcard address when
  // the socket does not know better.
  SocketAddress to;
};

class DatagramReceiver {
 public:
  virtual ~DatagramReceiver() = default;

  // A batch that one socket received in one wake-up, in order of arrival, at `now`. The bytes are
  // valid only during the call and may be modified in place (for instance decrypted). The receiver
  // must not destroy the socket that calls it.
  virtual void OnDatagrams(std::span<ReceivedDatagram> datagrams, Timestamp now) = 0;
};

// Sending is in two steps, so that datagrams are built where they are sent from:
//   MutableBytes space = sender.Reserve(sum);  … write datagrams one after the other …
//   sender.Commit(to, sizes);
// Nothing is sent at once: the sender collects datagrams until the batch is over. Datagrams to one
// destination keep their order.
class DatagramSender {
 public:
  virtual ~DatagramSender() = default;

  // The largest `size` that Reserve() must be able to give.
  static constexpr size_t kMaxReserve = 64 * 1024;

  // Space for `size` bytes (at most kMaxReserve; empty when more is asked), valid until the next
  // call of Commit() or Reserve() of any sender of the same Worker. May first send what was
  // committed before.
  virtual MutableBytes Reserve(size_t size) = 0;

  // The first sum(sizes) bytes of the last Reserve() are so many datagrams, to be sent to `to`.
  // When `from_hint` is set and the socket is bound to the wildcard address, they leave from that
  // local address (its port is ignored). The rest of the reservation is given back; an empty
  // `sizes` gives all of it back.
  virtual void Commit(const SocketAddress& to, std::span<const uint16_t> sizes,
                      const SocketAddress& from_hint = {}) = 0;

  // True while datagrams of equal size are cheaper (UDP segmentation offload): callers then pad the
  // datagrams of a burst to one size.
  virtual bool PrefersEqualSizes() const = 0;
};

}  // namespace sfu

// Gives the messages of one socket to the kernel, and knows what to do when it does not take them.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_set>

#include "base/socket_address.h"
#include "net/features.h"

namespace sfu {

struct SendCounters {
  uint64_t datagrams = 0;      // taken by the kernel
  uint64_t bytes = 0;          // of those
  uint64_t system_calls = 0;   // made to send them
  uint64_t failed = 0;         // datagrams dropped, for whatever reason (DropReason::kSendFailed)
  uint64_t not_permitted = 0;  // of those: EPERM, a firewall said no
  uint64_t refused = 0;        // ECONNREFUSED seen: an ICMP error to an earlier datagram
  uint64_t gso_refused = 0;    // messages that had to be sent again unsegmented
};

// What sending needs to know of a socket; the socket owns it.
struct SendSocket {
  int fd = -1;
  bool ipv6 = false;           // family AF_INET6
  bool connected = false;      // has a fixed destination
  bool wildcard = false;       // bound to the wildcard address: a source may be chosen
  bool gso_refused = false;    // connected only: the path does not take segmented messages
  int32_t first_message = -1;  // the arena's: this socket's messages
  int32_t last_message = -1;
  SendCounters counters;
};

// One or more datagrams of equal size (the last may be shorter) to one destination.
struct SendMessage {
  // The kernel's bounds: UDP_MAX_SEGMENTS of older kernels, and an IP packet of 65,535 bytes.
  static constexpr uint16_t kMaxSegments = 64;
  static constexpr uint32_t kMaxSize = 65'000;

  SendSocket* socket;
  SocketAddress to;    // not set when the socket is connected
  SocketAddress from;  // set when the source must be chosen
  const uint8_t* data;
  uint32_t size;          // bytes of all datagrams
  uint16_t segment_size;  // bytes of one
  uint16_t segments;      // how many
  int32_t next;           // index of the socket's next message in the arena, -1 for none
  bool segmented;         // may become more than one datagram
};

class MessageSender {
 public:
  explicit MessageSender(const NetFeatures& features);
  ~MessageSender();

  // Sends `messages`, all of `socket`, in order. What fails is counted there.
  void Send(SendSocket& socket, std::span<const SendMessage* const> messages);

  // False when segmented messages do not work here, or did not for this destination.
  bool MaySegment(const SendSocket& socket, const SocketAddress& to) const {
    return features_.gso && !socket.gso_refused && (refused_.empty() || !refused_.contains(to));
  }

  const NetFeatures& features() const { return features_; }

 private:
  // Messages per sendmmsg. More gains nothing: the call itself is then a small part of the cost.
  static constexpr size_t kMaxBatch = 64;
  // Destinations remembered as refusing GSO. When there are more, all are forgotten, at the price
  // of one failed send each.
  static constexpr size_t kMaxRefused = 4096;

  // The kernel's view of up to kMaxBatch messages.
  struct Headers;
  enum class Next { kRetry, kSkip, kDropAll };

  void SendBatch(SendSocket& socket, std::span<const SendMessage* const> messages,
                 Headers& headers);
  void SendUnsegmented(SendSocket& socket, const SendMessage& message);
  int Call(const SendSocket& socket, Headers& headers, size_t first, size_t count) const;
  Next HandleError(SendSocket& socket, const SendMessage& message, int error, bool retried);

  const NetFeatures features_;
  std::unordered_set<SocketAddress> refused_;
  std::unique_ptr<Headers> headers_;
  std::unique_ptr<Headers> unsegmented_headers_;
};

}  // namespace sfu

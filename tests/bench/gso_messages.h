// Segmented messages (UDP_SEGMENT) from one socket to many addresses, in as few calls as can be:
// what the bare loops send with.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace sfu::bench {

// One message to each address.
class GsoMessages {
 public:
  // Sends from `fd`, which stays the caller's.
  GsoMessages(int fd, std::vector<sockaddr_in> to);
  GsoMessages(const GsoMessages&) = delete;
  GsoMessages& operator=(const GsoMessages&) = delete;

  size_t size() const { return to_.size(); }
  // Bytes of each datagram of all messages; the last of a message may be shorter.
  void SetSegment(size_t segment);
  // What message `index` sends. The bytes stay the caller's until Send().
  void SetPiece(size_t index, ByteView bytes) {
    pieces_[index] = {const_cast<uint8_t*>(bytes.data()), bytes.size()};
  }
  // A message that is not taken is lost; the sinks will miss it.
  void Send(size_t first, size_t count);

 private:
  static constexpr size_t kMessagesPerCall = 64;

  struct alignas(cmsghdr) Control {
    std::array<uint8_t, CMSG_SPACE(sizeof(uint16_t))> bytes{};
    cmsghdr* header() { return reinterpret_cast<cmsghdr*>(bytes.data()); }
  };

  const int fd_;
  std::vector<sockaddr_in> to_;
  Control control_{};
  std::vector<iovec> pieces_;
  std::vector<mmsghdr> headers_;
};

}  // namespace sfu::bench

// The peers that send: builds the packets of a scenario's bursts and gives each burst to the kernel
// in one call.
#pragma once

#include <cstdint>
#include <vector>

#include "base/socket_address.h"
#include "net/sockaddr.h"
#include "rtp/sequence.h"
#include "scenario.h"

namespace sfu::bench {

inline constexpr uint8_t kVideoPayloadType = 96;
inline constexpr uint8_t kAudioPayloadType = 111;
// Where each packet tells when it was sent (see DrainOptions).
inline constexpr size_t kStampOffset = 32;

class Feeder {
 public:
  // Sends from `fd` to `to`. `index` makes the SSRCs different.
  Feeder(int fd, const SocketAddress& to, uint32_t index);

  // From now on packets say, or do not say, when they are sent; at first they do not (0).
  void SetStamping(bool stamping) { stamping_ = stamping; }
  // Sends one burst now. Whatever the kernel does not take is lost.
  void Send(const MediaBurst& burst);

 private:
  struct Stream {
    Ssrc ssrc = 0;
    uint16_t sequence = 0;
    uint32_t timestamp = 0;
  };

  void Build(const MediaBurst& burst);
  void BuildVp8Descriptor(const MediaBurst& burst, bool first, uint8_t* payload) const;
  void SendAsOne(uint16_t segment);
  void SendOneByOne(const MediaBurst& burst);

  const int fd_;
  KernelAddress to_{};
  Stream audio_;
  Stream video_;
  uint16_t picture_id_ = 1;
  bool stamping_ = false;
  std::vector<uint8_t> bytes_;  // one packet behind the other
};

}  // namespace sfu::bench

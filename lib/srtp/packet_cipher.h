// Encryption and authentication of one SRTP or SRTCP packet whose index is known already.
//
// One cipher serves one direction and one channel (RTP or RTCP) of one master key, for all its
// SSRCs: session keys do not depend on the SSRC, so all streams share one key schedule. ROC, replay
// and packet layout are the business of sender and receiver.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "rtp/sequence.h"
#include "srtp/key_derivation.h"

namespace sfu {

// What makes the nonce of a packet unique under its key.
struct SrtpPacketId {
  Ssrc ssrc = 0;
  uint64_t index = 0;  // 48 bits: ROC || SEQ, or the 31-bit SRTCP index
};

enum class SrtpDirection : uint8_t { kSeal, kOpen };

class PacketCipher {
 public:
  virtual ~PacketCipher() = default;
  PacketCipher(const PacketCipher&) = delete;
  PacketCipher& operator=(const PacketCipher&) = delete;

  size_t tag_size() const { return tag_size_; }

  // Encrypts `packet` in place behind its first `header_size` bytes and writes the tag to `tag`
  // (tag_size() bytes, outside `packet`). `trailer` is authenticated too, behind the packet (CM) or
  // behind the header (AEAD). Only for kSeal; false if OpenSSL fails.
  virtual bool Seal(SrtpPacketId id, MutableBytes packet, size_t header_size, ByteView trailer,
                    uint8_t* tag) = 0;

  // The reverse, from `packet` to `out` (packet.size() bytes; the same bytes or bytes that do not
  // overlap). Only for kOpen; false if authentication fails: then what stands in `out` is
  // undefined.
  virtual bool Open(SrtpPacketId id, ByteView packet, size_t header_size, ByteView trailer,
                    const uint8_t* tag, uint8_t* out) = 0;

 protected:
  explicit PacketCipher(size_t tag_size) : tag_size_(tag_size) {}

 private:
  size_t tag_size_;
};

// nullptr if OpenSSL has not got the algorithm.
std::unique_ptr<PacketCipher> NewPacketCipher(SrtpSuite suite, SrtpChannel channel,
                                              SrtpDirection direction, const SrtpSessionKeys& keys);

}  // namespace sfu

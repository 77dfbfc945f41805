// AES-GCM for SRTP (RFC 7714).
#pragma once

#include <array>

#include "srtp/evp_cipher.h"
#include "srtp/packet_cipher.h"

namespace sfu {

class GcmCipher final : public PacketCipher {
 public:
  static constexpr size_t kTagSize = 16;
  static constexpr size_t kNonceSize = 12;

  // nullptr if OpenSSL has no AES-GCM.
  static std::unique_ptr<PacketCipher> Create(const SrtpSuiteInfo& info, SrtpDirection direction,
                                              const SrtpSessionKeys& keys);

  bool Seal(SrtpPacketId id, MutableBytes packet, size_t header_size, ByteView trailer,
            uint8_t* tag) override;
  bool Open(SrtpPacketId id, ByteView packet, size_t header_size, ByteView trailer,
            const uint8_t* tag, uint8_t* out) override;

 private:
  GcmCipher(EvpCipherContext context, const SrtpSessionKeys& keys);
  bool Run(SrtpPacketId id, ByteView packet, size_t header_size, ByteView trailer, uint8_t* out);

  EvpCipherContext context_;
  std::array<uint8_t, kNonceSize> salt_{};
};

}  // namespace sfu

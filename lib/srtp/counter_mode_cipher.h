// AES in counter mode with HMAC-SHA1 (RFC 3711, sections 4.1.1 and 4.2.1).
#pragma once

#include <array>

#include "srtp/evp_cipher.h"
#include "srtp/hmac_sha1.h"
#include "srtp/packet_cipher.h"

namespace sfu {

class CounterModeCipher final : public PacketCipher {
 public:
  static constexpr size_t kSaltSize = 14;

  // `tag_size` is 4 or 10. nullptr if OpenSSL has no AES-CTR.
  static std::unique_ptr<PacketCipher> Create(size_t tag_size, const SrtpSessionKeys& keys);

  bool Seal(SrtpPacketId id, MutableBytes packet, size_t header_size, ByteView trailer,
            uint8_t* tag) override;
  bool Open(SrtpPacketId id, ByteView packet, size_t header_size, ByteView trailer,
            const uint8_t* tag, uint8_t* out) override;

 private:
  CounterModeCipher(size_t tag_size, EvpCipherContext context, const SrtpSessionKeys& keys);
  // XORs the key stream of one packet; the same in both directions.
  bool Crypt(SrtpPacketId id, ByteView text, uint8_t* out);

  EvpCipherContext context_;
  HmacSha1 hmac_;
  std::array<uint8_t, kSaltSize> salt_{};
};

}  // namespace sfu

// AES-CTR and HMAC-SHA1 per packet.
#include "srtp/counter_mode_cipher.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace sfu {

std::unique_ptr<PacketCipher> CounterModeCipher::Create(size_t tag_size,
                                                        const SrtpSessionKeys& keys) {
  EvpCipherContext context = NewEvpCipherContext("AES-128-CTR", keys.key.data(), true);
  if (context == nullptr) return nullptr;
  return std::unique_ptr<PacketCipher>(new CounterModeCipher(tag_size, std::move(context), keys));
}

CounterModeCipher::CounterModeCipher(size_t tag_size, EvpCipherContext context,
                                     const SrtpSessionKeys& keys)
    : PacketCipher(tag_size), context_(std::move(context)), hmac_(keys.auth_key) {
  std::copy_n(keys.salt.begin(), salt_.size(), salt_.begin());
}

bool CounterModeCipher::Crypt(SrtpPacketId id, ByteView text, uint8_t* out) {
  // salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16; the last 16 bits count blocks.
  std::array<uint8_t, 16> counter{};
  std::copy(salt_.begin(), salt_.end(), counter.begin());
  StoreBe32(&counter[4], LoadBe32(&counter[4]) ^ id.ssrc);
  StoreBe16(&counter[8], static_cast<uint16_t>(LoadBe16(&counter[8]) ^ (id.index >> 32)));
  StoreBe32(&counter[10], LoadBe32(&counter[10]) ^ static_cast<uint32_t>(id.index));
  return EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, counter.data(), -1, nullptr) == 1 &&
         (text.empty() ||
          EVP_Cipher(context_.get(), out, text.data(), static_cast<unsigned>(text.size())) >= 0);
}

bool CounterModeCipher::Seal(SrtpPacketId id, MutableBytes packet, size_t header_size,
                             ByteView trailer, uint8_t* tag) {
  const MutableBytes text = packet.subspan(header_size);
  if (!Crypt(id, text, text.data())) return false;
  const auto mac = hmac_.Compute(packet, trailer);
  std::copy_n(mac.begin(), tag_size(), tag);
  return true;
}

bool CounterModeCipher::Open(SrtpPacketId id, ByteView packet, size_t header_size, ByteView trailer,
                             const uint8_t* tag, uint8_t* out) {
  const auto mac = hmac_.Compute(packet, trailer);
  if (CRYPTO_memcmp(mac.data(), tag, tag_size()) != 0) return false;
  if (!Crypt(id, packet.subspan(header_size), out + header_size)) return false;
  if (out != packet.data()) std::copy_n(packet.data(), header_size, out);
  return true;
}

}  // namespace sfu

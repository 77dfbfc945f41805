// The protection of DTLS 1.2 records by an AEAD cipher (RFC 5246, section 6.2.3.3; RFC 5288; RFC
// 7905), for one direction.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "dtls/dtls_record.h"
#include "dtls/openssl_handles.h"

namespace sfu {

enum class DtlsCipher : uint8_t { kAes128Gcm, kAes256Gcm, kChaCha20Poly1305 };

struct DtlsCipherInfo {
  const char* openssl_name;
  uint8_t key_size;
  uint8_t fixed_iv_size;        // the part of the nonce that is a secret
  uint8_t explicit_nonce_size;  // the part that each record carries
};

const DtlsCipherInfo& GetDtlsCipherInfo(DtlsCipher cipher);

inline constexpr size_t kMaxDtlsKeySize = 32;
inline constexpr size_t kMaxDtlsFixedIvSize = 12;
inline constexpr size_t kDtlsTagSize = 16;
// By how much a record is larger than what it carries, at most.
inline constexpr size_t kMaxDtlsRecordOverhead = kDtlsRecordHeaderSize + 8 + kDtlsTagSize;

// The secrets of one direction. Overwritten with zeros when they go.
struct DtlsWriteKey {
  DtlsCipher cipher = DtlsCipher::kAes128Gcm;
  std::array<uint8_t, kMaxDtlsKeySize> key{};
  std::array<uint8_t, kMaxDtlsFixedIvSize> fixed_iv{};

  DtlsWriteKey() = default;
  DtlsWriteKey(const DtlsWriteKey&) = default;
  DtlsWriteKey& operator=(const DtlsWriteKey&) = default;
  ~DtlsWriteKey();
};

class DtlsRecordCipher {
 public:
  explicit DtlsRecordCipher(const DtlsWriteKey& key) : key_(key) {}

  // Writes a whole record of epoch 1 to `out` and returns its size; 0 if `out` is too small or
  // OpenSSL fails. `sequence`, and with GCM also `explicit_nonce`, must never come twice.
  size_t Seal(DtlsContentType type, uint64_t sequence, uint64_t explicit_nonce, ByteView text,
              MutableBytes out);

  // What a record of epoch 1 carries, written to `out`, and its size; nothing if it is not
  // authentic or does not fit.
  std::optional<size_t> Open(const DtlsRecord& record, MutableBytes out);

 private:
  using Nonce = std::array<uint8_t, 12>;
  using AdditionalData = std::array<uint8_t, kDtlsRecordHeaderSize>;
  Nonce MakeNonce(uint64_t sequence, ByteView explicit_nonce) const;
  // Sets key, nonce and additional data; false if OpenSSL fails.
  bool Begin(const Nonce& nonce, const AdditionalData& additional, bool seal);

  DtlsWriteKey key_;
  // Made when the first record comes: a transport without data channels has few of them.
  std::unique_ptr<EVP_CIPHER_CTX, OpensslDeleter<&EVP_CIPHER_CTX_free>> context_;
};

}  // namespace sfu

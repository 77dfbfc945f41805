// AEAD records by OpenSSL EVP.
#include "dtls/record_cipher.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace sfu {
namespace {

constexpr uint16_t kEpoch = 1;
constexpr uint16_t kVersion = 0xfefd;  // DTLS 1.2

constexpr std::array<DtlsCipherInfo, 3> kInfos = {
    {{"AES-128-GCM", 16, 4, 8}, {"AES-256-GCM", 32, 4, 8}, {"ChaCha20-Poly1305", 32, 12, 0}}};

uint64_t EpochAndSequence(uint64_t sequence) { return uint64_t{kEpoch} << 48 | sequence; }

// Epoch and sequence number, type, version, and the size of the text.
std::array<uint8_t, kDtlsRecordHeaderSize> MakeAdditionalData(DtlsContentType type,
                                                              uint64_t sequence, size_t size) {
  std::array<uint8_t, kDtlsRecordHeaderSize> data;
  StoreBe64(data.data(), EpochAndSequence(sequence));
  data[8] = static_cast<uint8_t>(type);
  StoreBe16(&data[9], kVersion);
  StoreBe16(&data[11], static_cast<uint16_t>(size));
  return data;
}

}  // namespace

const DtlsCipherInfo& GetDtlsCipherInfo(DtlsCipher cipher) {
  return kInfos[static_cast<size_t>(cipher)];
}

DtlsWriteKey::~DtlsWriteKey() {
  OPENSSL_cleanse(key.data(), key.size());
  OPENSSL_cleanse(fixed_iv.data(), fixed_iv.size());
}

DtlsRecordCipher::Nonce DtlsRecordCipher::MakeNonce(uint64_t sequence,
                                                    ByteView explicit_nonce) const {
  const DtlsCipherInfo& info = GetDtlsCipherInfo(key_.cipher);
  Nonce nonce{};
  std::copy_n(key_.fixed_iv.begin(), info.fixed_iv_size, nonce.begin());
  if (explicit_nonce.empty()) {
    std::array<uint8_t, 8> number;
    StoreBe64(number.data(), EpochAndSequence(sequence));
    for (size_t i = 0; i < number.size(); ++i) nonce[4 + i] ^= number[i];
  } else {
    std::copy(explicit_nonce.begin(), explicit_nonce.end(), nonce.begin() + info.fixed_iv_size);
  }
  return nonce;
}

bool DtlsRecordCipher::Begin(const Nonce& nonce, const AdditionalData& additional, bool seal) {
  int size = 0;
  if (context_ == nullptr) {
    EVP_CIPHER* cipher =
        EVP_CIPHER_fetch(nullptr, GetDtlsCipherInfo(key_.cipher).openssl_name, nullptr);
    context_.reset(EVP_CIPHER_CTX_new());
    const bool made = cipher != nullptr && context_ != nullptr &&
                      EVP_CipherInit_ex2(context_.get(), cipher, key_.key.data(), nullptr,
                                         seal ? 1 : 0, nullptr) == 1;
    EVP_CIPHER_free(cipher);
    if (!made) {
      context_.reset();
      return false;
    }
  }
  return EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, nonce.data(), seal ? 1 : 0,
                            nullptr) == 1 &&
         EVP_CipherUpdate(context_.get(), nullptr, &size, additional.data(),
                          static_cast<int>(additional.size())) == 1;
}

size_t DtlsRecordCipher::Seal(DtlsContentType type, uint64_t sequence, uint64_t explicit_nonce,
                              ByteView text, MutableBytes out) {
  const OpensslErrorScope errors;
  const size_t explicit_size = GetDtlsCipherInfo(key_.cipher).explicit_nonce_size;
  const size_t payload_size = explicit_size + text.size() + kDtlsTagSize;
  if (kDtlsRecordHeaderSize + payload_size > out.size()) return 0;

  ByteWriter writer(out);
  writer.U8(static_cast<uint8_t>(type));
  writer.U16(kVersion);
  writer.U64(EpochAndSequence(sequence));
  writer.U16(static_cast<uint16_t>(payload_size));
  if (explicit_size > 0) writer.U64(explicit_nonce);
  const ByteView nonce = ByteView(out).subspan(kDtlsRecordHeaderSize, explicit_size);

  uint8_t* sealed = out.data() + writer.size();
  uint8_t* tag = sealed + text.size();
  int size = 0;
  if (!Begin(MakeNonce(sequence, nonce), MakeAdditionalData(type, sequence, text.size()), true) ||
      EVP_CipherUpdate(context_.get(), sealed, &size, text.data(), static_cast<int>(text.size())) !=
          1 ||
      EVP_CipherFinal_ex(context_.get(), tag, &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kDtlsTagSize, tag) != 1) {
    return 0;
  }
  return kDtlsRecordHeaderSize + payload_size;
}

std::optional<size_t> DtlsRecordCipher::Open(const DtlsRecord& record, MutableBytes out) {
  const OpensslErrorScope errors;
  const size_t explicit_size = GetDtlsCipherInfo(key_.cipher).explicit_nonce_size;
  if (record.epoch != kEpoch || LoadBe16(&record.bytes[1]) != kVersion ||
      record.payload.size() < explicit_size + kDtlsTagSize) {
    return std::nullopt;
  }
  const size_t text_size = record.payload.size() - explicit_size - kDtlsTagSize;
  if (text_size > out.size()) return std::nullopt;
  const ByteView sealed = record.payload.subspan(explicit_size, text_size);
  std::array<uint8_t, kDtlsTagSize> tag;  // OpenSSL wants one that it may write to
  const ByteView sent_tag = record.payload.last(kDtlsTagSize);
  std::copy(sent_tag.begin(), sent_tag.end(), tag.begin());

  int size = 0;
  uint8_t nothing = 0;
  if (!Begin(MakeNonce(record.sequence, record.payload.first(explicit_size)),
             MakeAdditionalData(record.type, record.sequence, text_size), false) ||
      EVP_CipherUpdate(context_.get(), out.data(), &size, sealed.data(),
                       static_cast<int>(text_size)) != 1 ||
      EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kDtlsTagSize, tag.data()) != 1 ||
      EVP_CipherFinal_ex(context_.get(), &nothing, &size) != 1) {
    return std::nullopt;
  }
  return text_size;
}

}  // namespace sfu

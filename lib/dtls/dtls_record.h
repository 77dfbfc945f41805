// DTLS 1.2 on the wire: records (RFC 6347, section 4.1) and handshake fragments (section 4.2.2), as
// far as they can be read without a key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace sfu {

enum class DtlsContentType : uint8_t {
  kChangeCipherSpec = 20,
  kAlert = 21,
  kHandshake = 22,
  kApplicationData = 23,
};

inline constexpr size_t kDtlsRecordHeaderSize = 13;
inline constexpr size_t kDtlsHandshakeHeaderSize = 12;
inline constexpr uint8_t kDtlsClientHello = 1;
inline constexpr uint8_t kDtlsFinished = 20;

enum class DtlsAlertLevel : uint8_t { kWarning = 1, kFatal = 2 };
inline constexpr size_t kDtlsAlertSize = 2;
inline constexpr uint8_t kDtlsCloseNotify = 0;
inline constexpr uint8_t kDtlsHandshakeFailure = 40;
inline constexpr uint8_t kDtlsBadCertificate = 42;

struct DtlsRecord {
  DtlsContentType type = DtlsContentType::kAlert;
  uint16_t epoch = 0;
  uint64_t sequence = 0;  // 48 bits
  ByteView payload;
  ByteView bytes;  // the whole record, its header included
};

// Cuts a datagram into its records.
class DtlsRecordReader {
 public:
  explicit DtlsRecordReader(ByteView datagram) : reader_(datagram) {}

  // The next record; nothing at the end, and from the first one on that is none: an unknown type or
  // version, an empty one, or a length that does not fit.
  std::optional<DtlsRecord> Next();
  // False once something was found that is no record.
  bool ok() const { return ok_; }

 private:
  ByteReader reader_;
  bool ok_ = true;
};

// The first handshake fragment of an unencrypted record.
struct DtlsHandshakeFragment {
  uint8_t message_type = 0;
  uint16_t message_sequence = 0;
};

// Nothing unless the record's payload is one or more whole fragments, none of a message of more
// than `max_message` bytes, past its end, or empty where the message is not.
std::optional<DtlsHandshakeFragment> ParseDtlsHandshake(ByteView payload, size_t max_message);

}  // namespace sfu

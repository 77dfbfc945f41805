// Reading record and fragment headers.
#include "dtls/dtls_record.h"

namespace sfu {
namespace {

// DTLS 1.0 and 1.2; a ClientHello's record may bear either.
constexpr uint8_t kVersionMajor = 0xfe;

bool IsContentType(uint8_t type) {
  return type >= static_cast<uint8_t>(DtlsContentType::kChangeCipherSpec) &&
         type <= static_cast<uint8_t>(DtlsContentType::kApplicationData);
}

}  // namespace

std::optional<DtlsRecord> DtlsRecordReader::Next() {
  if (!ok_ || reader_.remaining() == 0) return std::nullopt;
  const ByteView rest = reader_.rest();
  const uint8_t type = reader_.U8();
  const uint16_t version = reader_.U16();
  DtlsRecord record;
  record.epoch = reader_.U16();
  record.sequence = uint64_t{reader_.U16()} << 32;
  record.sequence |= reader_.U32();
  record.payload = reader_.Bytes(reader_.U16());
  ok_ = reader_.ok() && !record.payload.empty() && IsContentType(type) &&
        version >> 8 == kVersionMajor;
  if (!ok_) return std::nullopt;
  record.type = static_cast<DtlsContentType>(type);
  record.bytes = rest.first(kDtlsRecordHeaderSize + record.payload.size());
  return record;
}

std::optional<DtlsHandshakeFragment> ParseDtlsHandshake(ByteView payload, size_t max_message) {
  std::optional<DtlsHandshakeFragment> first;
  ByteReader reader(payload);
  do {
    DtlsHandshakeFragment fragment;
    fragment.message_type = reader.U8();
    const size_t message_size = reader.U24();
    fragment.message_sequence = reader.U16();
    const size_t offset = reader.U24();
    const size_t size = reader.U24();
    reader.Skip(size);
    // OpenSSL takes an empty fragment for the end of its message.
    const bool empty = size == 0 && message_size > 0;
    if (!reader.ok() || message_size > max_message || offset + size > message_size || empty) {
      return std::nullopt;
    }
    if (!first) first = fragment;
  } while (reader.remaining() > 0);
  return first;
}

}  // namespace sfu

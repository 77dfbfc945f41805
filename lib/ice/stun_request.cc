// One pass over the attributes.
#include "ice/stun_request.h"

namespace sfu {
namespace {

constexpr size_t kHeaderSize = 20;
constexpr uint32_t kMagicCookie = 0x2112a442;
constexpr size_t kIntegritySize = 20;

enum Attribute : uint16_t {
  kUsername = 0x0006,
  kMessageIntegrity = 0x0008,
  kPriority = 0x0024,
  kUseCandidate = 0x0025,
  // The draft's number, and the one that libwebrtc uses.
  kNominationDraft = 0x0030,
  kNominationGoogle = 0xc001,
  kFingerprint = 0x8028,
  kIceControlled = 0x8029,
  kIceControlling = 0x802a,
};

// Marks a flag; false if it was set before.
bool SetOnce(bool* flag) {
  const bool first = !*flag;
  *flag = true;
  return first;
}

bool ReadOnce(ByteView value, std::optional<uint32_t>* out) {
  if (value.size() != sizeof(uint32_t) || out->has_value()) return false;
  *out = LoadBe32(value.data());
  return true;
}

// Reads what MESSAGE-INTEGRITY covers. False when the message is to be dropped.
bool ReadCovered(uint16_t type, ByteView value, bool* controlling, StunRequest* out) {
  switch (type) {
    case kUsername:
      if (value.empty() || value.size() > StunRequest::kMaxUsername || !out->username.empty()) {
        return false;
      }
      out->username = {reinterpret_cast<const char*>(value.data()), value.size()};
      return true;
    case kMessageIntegrity:
      return value.size() == kIntegritySize && SetOnce(&out->has_integrity);
    case kPriority:
      return ReadOnce(value, &out->priority);
    case kNominationDraft:
    case kNominationGoogle:
      return ReadOnce(value, &out->nomination);
    case kUseCandidate:
      return value.empty() && SetOnce(&out->use_candidate);
    case kIceControlled:
      return value.size() == sizeof(uint64_t) && SetOnce(&out->controlled);
    case kIceControlling:
      return value.size() == sizeof(uint64_t) && SetOnce(controlling);
    default:
      return true;
  }
}

}  // namespace

std::optional<StunRequest> StunRequest::Parse(ByteView datagram) {
  if (datagram.size() < kHeaderSize || datagram.size() > kMaxSize) return std::nullopt;
  ByteReader reader(datagram);
  const uint16_t type = reader.U16();
  const size_t length = reader.U16();
  const uint32_t cookie = reader.U32();
  if (type > 0x3fff || length % 4 != 0 || length != datagram.size() - kHeaderSize ||
      cookie != kMagicCookie) {
    return std::nullopt;
  }
  StunRequest request;
  request.message_class = static_cast<StunClass>((type & 0x0100) >> 7 | (type & 0x0010) >> 4);
  request.method =
      static_cast<uint16_t>((type & 0x3e00) >> 2 | (type & 0x00e0) >> 1 | (type & 0x000f));
  reader.Skip(4);
  request.transaction = LoadBe64(reader.Bytes(8).data());
  bool controlling = false;
  for (size_t count = 0; reader.remaining() > 0; ++count) {
    if (count == kMaxAttributes || request.has_fingerprint) return std::nullopt;
    const uint16_t attribute = reader.U16();
    const size_t size = reader.U16();
    const ByteView value = reader.Bytes(size);
    reader.Skip((4 - size % 4) % 4);
    if (!reader.ok()) return std::nullopt;
    if (attribute == kFingerprint) {
      if (size != sizeof(uint32_t)) return std::nullopt;
      request.has_fingerprint = true;
    } else if (attribute == kMessageIntegrity || !request.has_integrity) {
      if (!ReadCovered(attribute, value, &controlling, &request)) return std::nullopt;
    }
  }
  return request;
}

}  // namespace sfu

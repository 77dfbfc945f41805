#include "rtp/rtcp/bye.h"

namespace sfu::rtcp {
namespace {

constexpr size_t kMaxReasonSize = 255;

}  // namespace

std::optional<Bye> Bye::Parse(const CommonHeader& header, ByteView body) {
  if (!header.Is(PacketType::kBye)) return std::nullopt;
  ByteReader reader(body);
  Bye bye;
  for (size_t i = 0; i < header.count; ++i) bye.ssrcs.Add(reader.U32());
  if (reader.remaining() > 0) {
    const ByteView reason = reader.Bytes(reader.U8());
    bye.reason = {reinterpret_cast<const char*>(reason.data()), reason.size()};
  }
  if (!reader.ok()) return std::nullopt;
  return bye;
}

bool Bye::Write(ByteWriter& writer) const {
  if (reason.size() > kMaxReasonSize) return false;
  const size_t reason_size = reason.empty() ? 0 : (1 + reason.size() + 3) / 4 * 4;
  WriteHeader(writer, PacketType::kBye, ssrcs.size(), ssrcs.size() * 4 + reason_size);
  for (const Ssrc ssrc : ssrcs) writer.U32(ssrc);
  if (!reason.empty()) {
    writer.U8(static_cast<uint8_t>(reason.size()));
    writer.Bytes({reinterpret_cast<const uint8_t*>(reason.data()), reason.size()});
    writer.Zeros(reason_size - 1 - reason.size());
  }
  return writer.ok();
}

}  // namespace sfu::rtcp

#include "rtp/rtcp/sdes.h"

#include <algorithm>

namespace sfu::rtcp {
namespace {

constexpr uint8_t kItemEnd = 0;
constexpr uint8_t kItemCname = 1;
constexpr size_t kMaxItemSize = 255;

// A chunk ends with one to four zero bytes, at a 32-bit boundary.
constexpr size_t Padded(size_t size) { return size / 4 * 4 + 4; }

size_t ChunkSize(const Sdes::Chunk& chunk) {
  return 4 + Padded(chunk.cname.empty() ? 0 : 2 + chunk.cname.size());
}

// Reads the items up to and with the end mark and its padding.
void ReadItems(ByteReader& reader, Sdes::Chunk& chunk) {
  while (reader.ok()) {
    const uint8_t type = reader.U8();
    if (!reader.ok()) return;
    if (type == kItemEnd) {
      reader.Skip((4 - reader.position() % 4) % 4);
      return;
    }
    const ByteView text = reader.Bytes(reader.U8());
    if (reader.ok() && type == kItemCname) {
      chunk.cname = {reinterpret_cast<const char*>(text.data()), text.size()};
    }
  }
}

}  // namespace

std::optional<Sdes> Sdes::Parse(const CommonHeader& header, ByteView body) {
  if (!header.Is(PacketType::kSdes)) return std::nullopt;
  ByteReader reader(body);
  std::optional<Sdes> sdes(std::in_place);
  for (size_t i = 0; i < header.count && reader.ok(); ++i) {
    Chunk chunk;
    chunk.ssrc = reader.U32();
    ReadItems(reader, chunk);
    sdes->chunks.Add(chunk);
  }
  if (!reader.ok()) sdes.reset();
  return sdes;
}

bool Sdes::Write(ByteWriter& writer) const {
  size_t body_size = 0;
  for (const Chunk& chunk : chunks) {
    if (chunk.cname.size() > kMaxItemSize) return false;
    body_size += ChunkSize(chunk);
  }
  WriteHeader(writer, PacketType::kSdes, chunks.size(), body_size);
  for (const Chunk& chunk : chunks) {
    size_t items = 0;
    writer.U32(chunk.ssrc);
    if (!chunk.cname.empty()) {
      writer.U8(kItemCname);
      writer.U8(static_cast<uint8_t>(chunk.cname.size()));
      writer.Bytes({reinterpret_cast<const uint8_t*>(chunk.cname.data()), chunk.cname.size()});
      items = 2 + chunk.cname.size();
    }
    writer.Zeros(Padded(items) - items);
  }
  return writer.ok();
}

}  // namespace sfu::rtcp

#include "ts_muxer.h"

#include <algorithm>

namespace room {
namespace {

constexpr size_t kPacketBytes = 188;
constexpr size_t kHeaderBytes = 4;
constexpr size_t kPayloadBytes = kPacketBytes - kHeaderBytes;
constexpr char kStuffing = '\xFF';
constexpr uint8_t kPictureId = 0xE0;  // stream ids of PES packets
constexpr uint8_t kSoundId = 0xC0;
constexpr uint64_t kFirstTicks = 900'000;  // 10 s: no clock before it is negative
constexpr uint64_t kClockLead = 63'000;    // the clock is so much behind what is shown: 0.7 s
constexpr int kDelimiter = 9;              // the type of an access unit delimiter
constexpr std::string_view kDelimiterUnit("\0\0\0\1\x09\xF0", 6);
constexpr std::string_view kStartCode("\0\0\1", 3);

void PutByte(std::string* out, uint64_t byte) { out->push_back(static_cast<char>(byte & 0xFF)); }

void PutShort(std::string* out, uint64_t value) {
  PutByte(out, value >> 8);
  PutByte(out, value);
}

// Section 2.4.3.7: 33 bits, between marker bits.
void PutTimestamp(std::string* out, uint64_t ticks) {
  PutByte(out, 0x21 | (ticks >> 29 & 0x0E));
  PutShort(out, (ticks >> 14 & 0xFFFE) | 1);
  PutShort(out, (ticks << 1 & 0xFFFE) | 1);
}

// Section 2.4.3.5: the base in 33 bits, 6 that are reserved, and no extension.
void PutClock(std::string* out, uint64_t ticks) {
  const uint64_t bits = (ticks & 0x1'FFFF'FFFF) << 15 | 0x7E00;
  for (int shift = 40; shift >= 0; shift -= 8) PutByte(out, bits >> shift);
}

uint64_t Ticks(int64_t time) {
  return kFirstTicks + static_cast<uint64_t>(std::max<int64_t>(time, 0)) * 9 / 100'000;
}

// Annex A of the standard.
uint32_t Crc(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<uint32_t>(static_cast<uint8_t>(byte)) << 24;
    for (int bit = 0; bit < 8; ++bit) crc = (crc << 1) ^ ((crc >> 31) != 0 ? 0x04C11DB7U : 0U);
  }
  return crc;
}

// Of one table: what begins behind its length, up to its checksum.
std::string Section(uint8_t table, const std::string& content) {
  std::string section;
  PutByte(&section, table);
  PutShort(&section, 0xB000 | (content.size() + 4));
  section += content;
  const uint32_t crc = Crc(section);
  PutShort(&section, crc >> 16);
  PutShort(&section, crc);
  return section;
}

std::string PesHeader(uint8_t id, size_t length, uint64_t ticks) {
  std::string header(kStartCode);
  PutByte(&header, id);
  PutShort(&header, length);
  header += "\x84\x80\x05";  // data are aligned; there is a presentation time, of 5 bytes
  PutTimestamp(&header, ticks);
  return header;
}

}  // namespace

void TsMuxer::WriteHeader(Stream* stream, bool begins, bool adaptation, std::string* out) {
  PutByte(out, 0x47);
  PutShort(out, (begins ? 0x4000U : 0U) | stream->pid);
  PutByte(out, (adaptation ? 0x30U : 0x10U) | stream->continuity);
  stream->continuity = (stream->continuity + 1) & 0x0F;
}

void TsMuxer::WriteTable(Stream* stream, const std::string& section, std::string* out) {
  WriteHeader(stream, true, false, out);
  PutByte(out, 0);  // the section begins at once
  out->append(section).append(kPayloadBytes - 1 - section.size(), kStuffing);
}

void TsMuxer::WriteTables(std::string* out) {
  // Stream 1, version 0, one section; program 1 is in the packets of the PMT.
  std::string programs("\0\1\xC1\0\0\0\1", 7);
  PutShort(&programs, 0xE000 | pmt_.pid);
  WriteTable(&pat_, Section(0x00, programs), out);
  std::string streams("\0\1\xC1\0\0", 5);
  PutShort(&streams, 0xE000 | picture_.pid);  // has the clock
  PutShort(&streams, 0xF000);                 // nothing more is to be said
  PutByte(&streams, 0x1B);                    // H.264
  PutShort(&streams, 0xE000 | picture_.pid);
  PutShort(&streams, 0xF000);
  PutByte(&streams, 0x0F);  // AAC with ADTS
  PutShort(&streams, 0xE000 | sound_.pid);
  PutShort(&streams, 0xF000);
  WriteTable(&pmt_, Section(0x02, streams), out);
}

void TsMuxer::WritePes(Stream* stream, std::string_view pes, const std::optional<Clock>& clock,
                       std::string* out) {
  for (bool begins = true; !pes.empty(); begins = false) {
    std::string adaptation;  // behind its length
    if (begins && clock) {
      PutByte(&adaptation, clock->random_access ? 0x50 : 0x10);
      PutClock(&adaptation, clock->ticks);
    }
    size_t room = kPayloadBytes - (adaptation.empty() ? 0 : 1 + adaptation.size());
    // Not even one byte can be left out without a field that says so.
    bool has_adaptation = !adaptation.empty();
    if (pes.size() < room && !has_adaptation) {
      has_adaptation = true;
      --room;
      if (pes.size() < room) {
        PutByte(&adaptation, 0);
        --room;
      }
    }
    const size_t taken = std::min(room, pes.size());
    adaptation.append(room - taken, kStuffing);
    WriteHeader(stream, begins, has_adaptation, out);
    if (has_adaptation) PutByte(out, adaptation.size());
    out->append(adaptation).append(pes.substr(0, taken));
    pes.remove_prefix(taken);
  }
}

void TsMuxer::WritePicture(int64_t time, bool key_frame, std::string_view access_unit,
                           std::string* out) {
  const uint64_t ticks = Ticks(time);
  std::string pes = PesHeader(kPictureId, 0, ticks);
  if (FindNalUnit(access_unit.substr(0, 5), kDelimiter).empty()) pes += kDelimiterUnit;
  pes += access_unit;
  WritePes(&picture_, pes, Clock{ticks - kClockLead, key_frame}, out);
}

void TsMuxer::WriteSound(int64_t time, std::string_view frame, std::string* out) {
  constexpr size_t kOptional = 8;  // bytes of the header that count
  std::string pes = PesHeader(kSoundId, kOptional + frame.size(), Ticks(time));
  pes += frame;
  WritePes(&sound_, pes, std::nullopt, out);
}

std::string_view FindNalUnit(std::string_view access_unit, int type) {
  for (size_t at = access_unit.find(kStartCode); at != std::string_view::npos;) {
    const size_t begin = at + kStartCode.size();
    at = access_unit.find(kStartCode, begin);
    std::string_view unit =
        access_unit.substr(begin, at == std::string_view::npos ? at : at - begin);
    while (unit.ends_with('\0')) unit.remove_suffix(1);
    if (!unit.empty() && (unit.front() & 0x1F) == type) return unit;
  }
  return {};
}

}  // namespace room

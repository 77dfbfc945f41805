// Writes an MPEG transport stream (ISO/IEC 13818-1) with one H.264 picture and one AAC sound, the
// form of HLS segments that needs no header of its own: each begins with the tables, and another
// size of the picture may come in the middle. Knows no GStreamer, and no files. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace room {

class TsMuxer {
 public:
  // The tables (PAT and PMT): what a segment begins with.
  void WriteTables(std::string* out);
  // `time`: ns since the stream's beginning, at least 0; it is shown then, and decoded in this
  // order. `access_unit`: of H.264 as a byte stream (H.264, annex B).
  void WritePicture(int64_t time, bool key_frame, std::string_view access_unit, std::string* out);
  // `frame`: of AAC with its ADTS header.
  void WriteSound(int64_t time, std::string_view frame, std::string* out);

 private:
  struct Stream {
    uint16_t pid = 0;
    uint8_t continuity = 0;
  };
  struct Clock {
    uint64_t ticks = 0;  // of 90 kHz
    bool random_access = false;
  };

  static void WriteHeader(Stream* stream, bool begins, bool adaptation, std::string* out);
  static void WriteTable(Stream* stream, const std::string& section, std::string* out);
  // `clock`: what the packet at the beginning tells of it.
  static void WritePes(Stream* stream, std::string_view pes, const std::optional<Clock>& clock,
                       std::string* out);

  Stream pat_{0x0000};
  Stream pmt_{0x1000};
  Stream picture_{0x0100};
  Stream sound_{0x0101};
};

// The first unit of this type (H.264, table 7-1) in an access unit, without its start code; empty:
// there is none.
std::string_view FindNalUnit(std::string_view access_unit, int type);

}  // namespace room

#include "rtp/rtcp/transport_feedback.h"

#include <algorithm>

namespace sfu::rtcp {
namespace {

constexpr size_t kFixedSize = 16;  // the body before the chunks
constexpr size_t kMaxRun = 0x1FFF;
constexpr size_t kOneBitSymbols = 14;
constexpr size_t kTwoBitSymbols = 7;
constexpr uint16_t kVectorFlag = 0x8000;
constexpr uint16_t kTwoBitFlag = 0x4000;
constexpr uint8_t kLost = 0;
constexpr uint8_t kSmallDelta = 1;
constexpr uint8_t kLargeDelta = 2;
constexpr int64_t kMaxStatuses = 65535;

// A packet status chunk (section 3.1.2 to 3.1.4).
class Chunk {
 public:
  explicit Chunk(uint16_t bits) : bits_(bits) {}
  bool is_run() const { return (bits_ & kVectorFlag) == 0; }
  size_t capacity() const {
    if (is_run()) return bits_ & kMaxRun;
    return two_bit() ? kTwoBitSymbols : kOneBitSymbols;
  }
  uint8_t symbol(size_t i) const {
    if (is_run()) return bits_ >> 13 & 3;
    if (two_bit()) return bits_ >> (2 * (kTwoBitSymbols - 1 - i)) & 3;
    return bits_ >> (kOneBitSymbols - 1 - i) & 1;
  }
  bool is_lost_run() const { return is_run() && symbol(0) == kLost; }

 private:
  bool two_bit() const { return (bits_ & kTwoBitFlag) != 0; }
  uint16_t bits_;
};

// Reads chunks and deltas side by side.
class StatusReader {
 public:
  StatusReader(SeqNum base, size_t count, ByteView deltas,
               std::vector<TransportFeedback::Received>& received)
      : base_(base), count_(count), deltas_(deltas), received_(received) {}

  // False if a status is reserved or has no delta. Statuses behind the count are ignored.
  bool Read(Chunk chunk) {
    const size_t end = std::min(index_ + chunk.capacity(), count_);
    if (chunk.is_lost_run()) {
      index_ = end;
      return true;
    }
    for (size_t i = 0; index_ < end; ++i, ++index_) {
      if (chunk.symbol(i) != kLost && !ReadDelta(chunk.symbol(i))) return false;
    }
    return true;
  }

 private:
  bool ReadDelta(uint8_t symbol) {
    if (symbol == kSmallDelta) {
      tick_ += deltas_.U8();
    } else if (symbol == kLargeDelta) {
      tick_ += static_cast<int16_t>(deltas_.U16());
    } else {
      return false;
    }
    if (!deltas_.ok()) return false;
    // 64 bits hold 65535 deltas of any size.
    received_.push_back({base_ + static_cast<int>(index_), TransportFeedback::kTick * tick_});
    return true;
  }

  SeqNum base_;
  size_t count_;
  ByteReader deltas_;
  std::vector<TransportFeedback::Received>& received_;
  size_t index_ = 0;
  int64_t tick_ = 0;
};

// Finds where the chunks end, then reads them with the deltas behind.
bool ReadStatuses(ByteView bytes, SeqNum base, size_t count,
                  std::vector<TransportFeedback::Received>& received) {
  ByteReader scan(bytes);
  for (size_t covered = 0; covered < count && scan.ok();) covered += Chunk(scan.U16()).capacity();
  if (!scan.ok()) return false;
  StatusReader statuses(base, count, scan.rest(), received);
  for (ByteReader chunks(bytes.first(scan.position())); chunks.remaining() > 0;) {
    if (!statuses.Read(Chunk(chunks.U16()))) return false;
  }
  return true;
}

constexpr int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

std::optional<TransportFeedback> TransportFeedback::Parse(const CommonHeader& header, ByteView body,
                                                          std::vector<Received>& received) {
  received.clear();
  if (!header.IsFeedback(PacketType::kRtpFeedback, kFormatTransportFeedback)) return std::nullopt;
  ByteReader reader(body);
  TransportFeedback feedback;
  feedback.sender_ssrc = reader.U32();
  feedback.media_ssrc = reader.U32();
  feedback.base_sequence = SeqNum(reader.U16());
  feedback.status_count = reader.U16();
  feedback.reference_time = reader.U24();
  feedback.feedback_count = reader.U8();
  if (!reader.ok() || feedback.status_count == 0 ||
      !ReadStatuses(reader.rest(), feedback.base_sequence, feedback.status_count, received)) {
    received.clear();
    return std::nullopt;
  }
  return feedback;
}

Timestamp ReferenceTime::Unwrap(uint32_t reference_time) {
  if (last_) {
    const auto difference =
        static_cast<int32_t>((reference_time - static_cast<uint32_t>(*last_)) << 8) >> 8;
    *last_ += difference;
  } else {
    last_ = reference_time & 0xFF'FFFF;
  }
  return Timestamp::FromNanos(*last_ * TransportFeedback::kReferenceUnit.ns());
}

void TransportFeedbackBuilder::Start(Ssrc sender_ssrc, Ssrc media_ssrc, uint8_t feedback_count,
                                     int64_t base_sequence) {
  sender_ssrc_ = sender_ssrc;
  media_ssrc_ = media_ssrc;
  feedback_count_ = feedback_count;
  base_sequence_ = base_sequence;
  chunk_symbols_ = 0;
  delta_bytes_ = 0;
  items_.clear();
}

bool TransportFeedbackBuilder::Add(int64_t sequence, Timestamp arrival) {
  const int64_t offset = sequence - base_sequence_;
  if (offset < StatusCount() || offset >= kMaxStatuses) return false;
  const int64_t tick = FloorDiv(arrival.ns(), TransportFeedback::kTick.ns());
  const int64_t reference = FloorDiv(arrival.ns(), TransportFeedback::kReferenceUnit.ns());
  const int64_t last_tick =
      items_.empty()
          ? reference * (TransportFeedback::kReferenceUnit.ns() / TransportFeedback::kTick.ns())
          : last_tick_;
  const int64_t delta = tick - last_tick;
  if (delta != static_cast<int16_t>(delta)) return false;
  const Item item{static_cast<uint16_t>(offset), static_cast<int16_t>(delta)};

  // Of a long gap at most 13 statuses end in the vector before and 6 in the one behind; runs take
  // the others.
  const auto gap = static_cast<size_t>(offset - StatusCount());
  const size_t symbols = chunk_symbols_ + 1 + std::min(gap, 20 + 7 * (gap / kMaxRun));
  const size_t delta_bytes = delta_bytes_ + item.Symbol();
  const size_t size =
      kCommonHeaderSize + kFixedSize + 2 * (symbols / kTwoBitSymbols + 1) + delta_bytes;
  if ((size + 3) / 4 * 4 > max_size_) return false;

  if (items_.empty()) reference_ = reference;
  last_tick_ = tick;
  chunk_symbols_ = symbols;
  delta_bytes_ = delta_bytes;
  items_.push_back(item);
  return true;
}

uint8_t TransportFeedbackBuilder::SymbolAt(Cursor at) const {
  const bool received = at.item < items_.size() && items_[at.item].offset == at.offset;
  return received ? items_[at.item].Symbol() : kLost;
}

// How many statuses from here on are the same, up to kMaxRun.
size_t TransportFeedbackBuilder::RunLength(Cursor at) const {
  const uint8_t symbol = SymbolAt(at);
  if (symbol == kLost) return std::min(items_[at.item].offset - at.offset, kMaxRun);
  size_t run = 0;
  while (run < kMaxRun && at.item + run < items_.size() &&
         items_[at.item + run].offset == at.offset + run &&
         items_[at.item + run].Symbol() == symbol) {
    ++run;
  }
  return run;
}

TransportFeedbackBuilder::Cursor TransportFeedbackBuilder::Advance(Cursor at,
                                                                   size_t symbols) const {
  at.offset += symbols;
  while (at.item < items_.size() && items_[at.item].offset < at.offset) ++at.item;
  return at;
}

// Puts the next statuses into a vector, zeros behind the last one; false if one is too large for
// it.
bool TransportFeedbackBuilder::FillVector(Cursor at, size_t capacity, uint8_t max_symbol,
                                          uint16_t& bits) const {
  const size_t width = kOneBitSymbols / capacity;
  for (size_t i = 0; i < capacity; ++i) {
    const uint8_t symbol = SymbolAt(at);
    if (symbol > max_symbol) return false;
    bits = static_cast<uint16_t>(bits | symbol << (width * (capacity - 1 - i)));
    at = Advance(at, 1);
  }
  return true;
}

uint16_t TransportFeedbackBuilder::NextChunk(Cursor& at) const {
  const Cursor start = at;
  const size_t run = RunLength(at);
  const auto run_chunk = static_cast<uint16_t>(SymbolAt(at) << 13 | run);
  const size_t left = static_cast<size_t>(StatusCount()) - at.offset;
  if (run >= kOneBitSymbols || run == left) {
    at = Advance(at, run);
    return run_chunk;
  }
  uint16_t bits = kVectorFlag;
  if (FillVector(start, kOneBitSymbols, kSmallDelta, bits)) {
    at = Advance(at, kOneBitSymbols);
    return bits;
  }
  if (run >= kTwoBitSymbols) {
    at = Advance(at, run);
    return run_chunk;
  }
  bits = kVectorFlag | kTwoBitFlag;
  FillVector(start, kTwoBitSymbols, kLargeDelta, bits);
  at = Advance(at, kTwoBitSymbols);
  return bits;
}

bool TransportFeedbackBuilder::Write(ByteWriter& writer) const {
  if (items_.empty()) return false;
  const auto count = static_cast<size_t>(StatusCount());
  size_t chunks = 0;
  for (Cursor at; at.offset < count; ++chunks) NextChunk(at);
  const size_t used = kFixedSize + 2 * chunks + delta_bytes_;
  const size_t body_size = (used + 3) / 4 * 4;

  WriteHeader(writer, PacketType::kRtpFeedback, kFormatTransportFeedback, body_size);
  writer.U32(sender_ssrc_);
  writer.U32(media_ssrc_);
  writer.U16(static_cast<uint16_t>(base_sequence_));
  writer.U16(static_cast<uint16_t>(count));
  writer.U24(static_cast<uint32_t>(reference_) & 0xFF'FFFF);
  writer.U8(feedback_count_);
  for (Cursor at; at.offset < count;) writer.U16(NextChunk(at));
  for (const Item& item : items_) {
    if (item.Symbol() == kSmallDelta) {
      writer.U8(static_cast<uint8_t>(item.delta));
    } else {
      writer.U16(static_cast<uint16_t>(item.delta));
    }
  }
  writer.Zeros(body_size - used);
  return writer.ok();
}

}  // namespace sfu::rtcp

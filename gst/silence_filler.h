// Fills the silences of an Opus stream with silent packets, for branches whose muxer waits for
// every input and takes no GAP event for an answer (matroskamux).
//
// Packets that come later than the silence that stands for them are dropped; what follows is
// renumbered, so that the branch sees one unbroken stream. Belongs to the Worker.
#pragma once

#include <cstdint>
#include <optional>

#include "owned_batch.h"
#include "rtp/rtp_packet.h"

namespace sfu::gst {

class SilenceFiller {
 public:
  // What one silent packet stands for. Opus always counts at 48 kHz (RFC 7587, section 4.1).
  static constexpr TimeDelta kFrame = TimeDelta::Millis(20);
  static constexpr uint32_t kFrameTicks = 960;
  // Packets may be so late (on top of the branch's latency) before silence takes their place; more
  // than jitter, and less than a muxer's queues hold.
  static constexpr TimeDelta kWait = TimeDelta::Millis(300);
  // How often silence is made while it lasts.
  static constexpr TimeDelta kInterval = TimeDelta::Millis(100);

  // `pool` must outlive this; `payload_type` is that of the stream, for silence before its first
  // packet.
  SilenceFiller(RtpPacketPool* pool, uint8_t payload_type)
      : pool_(pool), payload_type_(payload_type) {}

  // The stream is expected from now on, though there is no packet yet.
  void Expect(Timestamp now, TimeDelta latency);
  // Packets that are handed on: takes out those that are too late, renumbers the others, and puts
  // silence before the first one after a silence, so that no hole is left.
  void Pass(OwnedBatch& run, Timestamp now, TimeDelta latency);
  // Silence up to what may still come; empty if there is none to make.
  OwnedBatch Fill(const RtpBatch& head, Timestamp now, TimeDelta latency);
  // When Fill() has something to do; Never() while nothing is expected.
  Timestamp deadline() const { return deadline_; }
  // The stream has ended.
  void Stop() { deadline_ = Timestamp::Never(); }

  // The stream's own number of a packet that was handed on as `sequence_number`.
  uint16_t OriginalNumber(uint16_t sequence_number) const {
    return static_cast<uint16_t>(sequence_number - shift_);
  }

 private:
  void Append(const RtpBatch& head, Timestamp end, Timestamp now, OwnedBatch& out);
  RtpPacketRef MakePacket(const RtpBatch& head, Timestamp now) const;

  RtpPacketPool* const pool_;
  const uint8_t payload_type_;
  Timestamp deadline_ = Timestamp::Never();
  std::optional<Timestamp> next_capture_;  // of the next silent packet; nothing before the first
  uint16_t next_sequence_ = 0;
  uint32_t next_timestamp_ = 0;
  uint16_t shift_ = 0;   // number handed on - the stream's number
  bool filled_ = false;  // the last packet handed on was silence
};

}  // namespace sfu::gst

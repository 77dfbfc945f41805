// Tells a sender when its packets arrived: feedback on transport-wide sequence numbers, from which
// the sender estimates what the path carries
// (draft-holmer-rmcat-transport-wide-cc-extensions-01).
//
// All packets of a transport share one row of numbers: media, retransmissions, padding. Each is
// reported once: as arrived, or as lost once a later one has come; a packet that comes after it was
// reported lost is reported again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "rtp/rtcp/transport_feedback.h"
#include "rtp/sequence.h"

namespace sfu {

class TransportFeedbackGenerator {
 public:
  // How long after the first packet that is not reported yet feedback goes out.
  static constexpr TimeDelta kInterval = TimeDelta::Millis(100);
  // With so many packets it goes out sooner: 100 ms of 100 Mbit/s.
  static constexpr size_t kMaxPending = 1024;
  // A packet so far behind the newest is not reported any more.
  static constexpr int64_t kWindow = 4096;
  // A larger step of the numbers is a jump: the second packet of the new row confirms it (RFC 3550,
  // section A.1), and what lies between is not reported as lost.
  static constexpr int64_t kMaxStep = 3000;
  // How far behind the first one the confirming packet may be: some get lost.
  static constexpr int kMaxConfirmGap = 8;
  // Of one datagram, in bytes: with SRTCP it still fits everywhere.
  static constexpr size_t kMaxSize = 1200;

  // An authentic packet with that number. True if feedback is to go out at once.
  bool OnPacket(uint16_t number, Timestamp arrival);

  // When Send() is due; Never if there is nothing to report.
  Timestamp NextDeadline() const { return deadline_; }
  // Hands all that is not reported yet to `send`, as datagrams of one or several messages. `media`:
  // any SSRC of the sender's.
  using SendFunction = std::function<void(ByteView)>;
  void Send(Ssrc reporter, Ssrc media, const SendFunction& send);

  uint64_t packets() const { return packets_; }      // that were reported or will be
  uint64_t feedbacks() const { return feedbacks_; }  // messages

 private:
  struct Arrival {
    int64_t number;  // unwrapped
    Timestamp time;
  };

  bool ConfirmsJump(uint16_t number, Timestamp arrival);
  void Restart(int64_t newest);
  bool Take(int64_t number, Timestamp arrival);
  size_t Build(size_t first);
  bool Seen(int64_t number) const;
  void SetSeen(int64_t number, bool seen);

  bool started_ = false;
  int64_t newest_ = 0;
  int64_t next_base_ = 0;  // all before it was reported, as arrived or as lost
  std::array<uint64_t, kWindow / 64> seen_{};
  bool has_stray_ = false;  // a packet that may be the first behind a jump
  uint16_t stray_number_ = 0;
  Timestamp stray_arrival_;

  std::vector<Arrival> pending_;  // in order of numbers
  Timestamp deadline_ = Timestamp::Never();
  rtcp::TransportFeedbackBuilder builder_{kMaxSize};
  uint8_t feedback_count_ = 0;
  Ssrc reporter_ = 0;
  Ssrc media_ = 0;
  uint64_t packets_ = 0;
  uint64_t feedbacks_ = 0;
};

}  // namespace sfu

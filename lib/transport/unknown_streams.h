// Streams that the peer sends and nobody has a receiver for: which of them are worth telling about,
// so that a receiver can be made.
//
// Bounded in what it remembers and in how often it tells, for every packet may be forged.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "rtp/sequence.h"

namespace sfu {

class UnknownStreams {
 public:
  // So many are watched at a time; a new one takes the place of the one that is silent for longest.
  static constexpr size_t kMax = 16;
  // One packet may be a stray (RFC 3550, section A.1).
  static constexpr uint32_t kMinPackets = 2;
  // A stream that is silent for so long begins anew.
  static constexpr TimeDelta kForget = TimeDelta::Seconds(1);
  // A new SSRC where another one sends the same payload type: mostly the sender began anew, and the
  // stream's receiver takes it once the old one is silent (RtpReceiver::kRelatchSilence). Only one
  // that goes on beside the other for longer is a stream of its own.
  static constexpr TimeDelta kRivalTime = TimeDelta::Millis(1500);
  // Nobody may have known the payload type yet: after this time it is told again.
  static constexpr TimeDelta kTellAgain = TimeDelta::Seconds(5);
  // No more than so many are told in a second.
  static constexpr uint32_t kMaxTold = 16;

  // An authentic packet of a stream without receiver. `rival`: a stream that is alive has its
  // payload type. True if the stream is to be told about now.
  bool OnPacket(Ssrc ssrc, uint8_t payload_type, bool rival, Timestamp now);

 private:
  struct Stream {
    Ssrc ssrc = 0;
    uint8_t payload_type = 0;
    uint32_t packets = 0;  // 0: a free place
    Timestamp first;
    Timestamp last;
    Timestamp tell_next;
  };
  Stream& Find(Ssrc ssrc, uint8_t payload_type, Timestamp now);
  bool MayTell(Timestamp now);

  std::array<Stream, kMax> streams_{};
  uint32_t told_ = 0;  // in the second that ends at told_until_
  Timestamp told_until_;
};

}  // namespace sfu

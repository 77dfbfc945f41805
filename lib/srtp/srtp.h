// SRTP and SRTCP: protects what is sent, unprotects what is received (RFC 3711, RFC 7714).
//
// One SrtpSender and one SrtpReceiver per transport, each with the master key of its direction.
// They belong to one thread. The back end (OpenSSL, or libsrtp2 by a build option) is chosen here
// and shows nowhere else.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/drop_counters.h"
#include "base/result.h"
#include "rtp/sequence.h"
#include "srtp/srtp_parameters.h"

namespace sfu {

// How many SSRCs a receiver latches by default, for RTP and for RTCP each. A peer that
// authenticates could otherwise make us keep state for 2^32 of them. Pipes, which carry whole
// rooms, ask for more.
inline constexpr size_t kDefaultMaxSrtpStreams = 64;

// How many packets of one SSRC a receiver remembers against replay: 4 s of 8 Mbit/s, so that a
// repair that comes late is still taken.
inline constexpr int64_t kSrtpReplayWindow = 4096;
// The same for SRTCP (RFC 3711 asks for 64 at least).
inline constexpr int64_t kSrtcpReplayWindow = 128;

// How many removed send streams a sender remembers, so that an SSRC that comes back goes on where
// it was. Behind that many later streams, the same random SSRC is not expected again.
inline constexpr size_t kMaxRetiredSrtpStreams = 1024;

// One SSRC that is sent. Hold the pointer: there is no lookup per packet.
class SrtpSendStream {
 public:
  virtual ~SrtpSendStream() = default;

  // Protects an RTP packet of this stream's SSRC in place. It fills the first `packet_size` bytes
  // of `buffer`; behind it there is room for the suite's rtp_overhead(). `header_size` counts fixed
  // header, CSRC list and extension block. Returns the new size; 0, with the packet as it was, if
  // the sizes or the SSRC do not fit or the packet is too old (see below).
  //
  // The rollover counter follows the sequence numbers: an older packet, also from before a wrap,
  // gets the index it had. What is kSrtpReplayWindow or more behind, or a little before the very
  // first packets across a wrap, is refused: no receiver could read it. Protect a sequence number
  // twice only with the very same bytes (a retransmission as it was): two different packets under
  // one GCM nonce give away the authentication key. Repair by RTX otherwise.
  virtual size_t Protect(MutableBytes buffer, size_t packet_size, size_t header_size) = 0;

  // Whether nothing was protected under this sequence number's present index, also by an earlier
  // stream of the same SSRC. Ask before each packet that is not the repeat of another.
  virtual bool IsFresh(uint16_t sequence_number) const = 0;
};

class SrtpSender {
 public:
  virtual ~SrtpSender() = default;

  // The stream of `ssrc`, new or known. The sender owns it; valid until RemoveStream or the end of
  // the sender. An SSRC that was removed before goes on with its old rollover counter.
  virtual SrtpSendStream* AddStream(Ssrc ssrc) = 0;
  // Does nothing for an unknown SSRC.
  virtual void RemoveStream(Ssrc ssrc) = 0;

  // Protects a compound RTCP packet in place; room for the suite's rtcp_overhead() lies behind it.
  // Returns the new size; 0 if it is shorter than 8 bytes, there is no room, or all 2^31 indices of
  // the key are used up.
  virtual size_t ProtectRtcp(MutableBytes buffer, size_t packet_size) = 0;
};

// What became of a received packet.
class UnprotectResult {
 public:
  static UnprotectResult Passed(size_t size) { return UnprotectResult(size, DropReason::kCount); }
  static UnprotectResult Dropped(DropReason reason) { return UnprotectResult(0, reason); }

  bool ok() const { return reason_ == DropReason::kCount; }
  // Bytes of the plain packet, header included. Only when ok().
  size_t size() const { return size_; }
  // Only when not ok(): kTooShort, kTooBig, kBadHeader, kSrtpAuth, kSrtpReplay (seen already),
  // kTooOld (behind the replay window) or kTooManyStreams.
  DropReason reason() const { return reason_; }

 private:
  UnprotectResult(size_t size, DropReason reason) : size_(size), reason_(reason) {}
  size_t size_;
  DropReason reason_;
};

class SrtpReceiver {
 public:
  virtual ~SrtpReceiver() = default;

  // Unprotects an RTP packet from `in` to `out`, which is at least in.size() long and either starts
  // at in.data() or does not overlap `in`. If the packet is dropped, no state has changed and what
  // stands in `out` is undefined. State for a new SSRC begins with its first authentic packet, with
  // rollover counter 0, or 1 if the stream began just before a wrap that was lost.
  virtual UnprotectResult Unprotect(ByteView in, MutableBytes out) = 0;

  // The same for a compound RTCP packet. It must be encrypted (E flag).
  virtual UnprotectResult UnprotectRtcp(ByteView in, MutableBytes out) = 0;

  // Forgets an SSRC, and its replay window, and frees its place. Unknown ones are ignored.
  virtual void RemoveStream(Ssrc ssrc) = 0;
};

// The error's field is empty: the key is well-formed, but the crypto library refuses the suite.
Result<std::unique_ptr<SrtpSender>> NewSrtpSender(const SrtpKey& key);
Result<std::unique_ptr<SrtpReceiver>> NewSrtpReceiver(const SrtpKey& key,
                                                      size_t max_streams = kDefaultMaxSrtpStreams);

}  // namespace sfu

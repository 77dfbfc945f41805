// Why packets were dropped, counted by reason. One array per place that drops; stats sum them up.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sfu {

enum class DropReason : uint8_t {
  kTooShort,            // smaller than the smallest packet of its kind
  kTooBig,              // more than 1500 bytes on the wire, or would grow past it
  kNotRtp,              // first byte outside the ranges of RFC 7983
  kBadHeader,           // RTP: version, CSRC list, extension or padding do not fit
  kUnknownSource,       // not from the peer that this transport talks to
  kUnknownPayloadType,  // payload type not negotiated
  kUnknownSsrc,         // no stream for this SSRC, and none may be latched
  kTooManyStreams,      // the bound on latched streams is reached
  kDuplicate,           // sequence number seen already
  kTooOld,              // behind the window in which it could still be used
  kBadRtcp,             // RTCP that does not parse; the rest of the compound is dropped
  kSrtpAuth,            // SRTP/SRTCP authentication failed
  kSrtpReplay,          // SRTP/SRTCP replay
  kBadRtx,              // RTX without original sequence number, or for an unknown stream
  kQueueFull,           // a foreign branch did not keep up
  kWaitKeyFrame,        // skipped while waiting for a key frame
  kPaused,              // the Producer or Consumer is paused
  kSendFailed,          // the socket refused it
  kBadDtls,             // DTLS that does not parse
  kDtlsUnexpected,      // a DTLS record that has no place now: renegotiation, another epoch …
  kDtlsAuth,            // a DTLS record that is not the peer's
  kDtlsReplay,          // a DTLS record that was here before
  kDtlsAlert,           // a DTLS alert that is not authenticated, or says nothing
  kBadStun,             // STUN that does not parse, or is no connectivity check
  kStunAuth,            // a connectivity check with an unknown user name or a wrong password
  kStunLimited,         // too many wrong connectivity checks
  kStunReplay,          // a copy of a connectivity check, from another address
  kBadFrame,            // an empty frame on TCP
  kPoolExhausted,       // RtpPacketPool::kMaxPackets are in use
  kNotConnected,        // RTP or RTCP before the DTLS handshake is over, or after its end
  kCount,
};

// The reason as it is spelled in stats: "srtp-auth".
constexpr std::string_view DropReasonName(DropReason reason) {
  constexpr std::array<std::string_view, static_cast<size_t>(DropReason::kCount)> kNames = {
      "too-short",      "too-big",          "not-rtp",
      "bad-header",     "unknown-source",   "unknown-payload-type",
      "unknown-ssrc",   "too-many-streams", "duplicate",
      "too-old",        "bad-rtcp",         "srtp-auth",
      "srtp-replay",    "bad-rtx",          "queue-full",
      "wait-key-frame", "paused",           "send-failed",
      "bad-dtls",       "dtls-unexpected",  "dtls-auth",
      "dtls-replay",    "dtls-alert",       "bad-stun",
      "stun-auth",      "stun-limited",     "stun-replay",
      "bad-frame",      "pool-exhausted",   "not-connected"};
  return kNames[static_cast<size_t>(reason)];
}

class DropCounters {
 public:
  void Add(DropReason reason, uint64_t n = 1) { counts_[static_cast<size_t>(reason)] += n; }
  uint64_t operator[](DropReason reason) const { return counts_[static_cast<size_t>(reason)]; }
  uint64_t Total() const {
    uint64_t sum = 0;
    for (const uint64_t n : counts_) sum += n;
    return sum;
  }
  DropCounters& operator+=(const DropCounters& o) {
    for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += o.counts_[i];
    return *this;
  }

 private:
  std::array<uint64_t, static_cast<size_t>(DropReason::kCount)> counts_{};
};

}  // namespace sfu

// The sending half of SRTP on OpenSSL: rollover counters and packet layout.
#pragma once

#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>

#include "srtp/packet_cipher.h"
#include "srtp/send_index.h"
#include "srtp/srtp.h"

namespace sfu {

class OpenSslSendStream final : public SrtpSendStream {
 public:
  // `cipher` must outlive the stream. `highest` is where an earlier stream of this SSRC ended, -1
  // for none.
  OpenSslSendStream(PacketCipher* cipher, bool aead, Ssrc ssrc, int64_t highest)
      : cipher_(cipher), index_(highest), ssrc_(ssrc), aead_(aead) {}

  size_t Protect(MutableBytes buffer, size_t packet_size, size_t header_size) override;
  bool IsFresh(uint16_t sequence_number) const override { return index_.IsFresh(sequence_number); }
  int64_t highest() const { return index_.highest(); }

 private:
  PacketCipher* cipher_;
  SrtpSendIndex index_;
  Ssrc ssrc_;
  bool aead_;
};

class OpenSslSrtpSender final : public SrtpSender {
 public:
  // nullptr if OpenSSL refuses the suite.
  static std::unique_ptr<SrtpSender> Create(const SrtpKey& key);

  SrtpSendStream* AddStream(Ssrc ssrc) override;
  void RemoveStream(Ssrc ssrc) override;
  size_t ProtectRtcp(MutableBytes buffer, size_t packet_size) override;

 private:
  OpenSslSrtpSender(std::unique_ptr<PacketCipher> rtp, std::unique_ptr<PacketCipher> rtcp,
                    bool aead)
      : rtp_(std::move(rtp)), rtcp_(std::move(rtcp)), aead_(aead) {}
  // The index at which a removed stream of `ssrc` ended, -1 if none is remembered.
  int64_t TakeRetired(Ssrc ssrc);

  std::unique_ptr<PacketCipher> rtp_;
  std::unique_ptr<PacketCipher> rtcp_;
  bool aead_;
  // One counter for all SSRCs: the nonce holds the SSRC as well, and each SSRC's indices still
  // grow.
  uint32_t next_rtcp_index_ = 0;
  std::unordered_map<Ssrc, std::unique_ptr<OpenSslSendStream>> streams_;
  // SSRC and highest index, oldest first; at most kMaxRetiredSrtpStreams.
  std::deque<std::pair<Ssrc, int64_t>> retired_;
};

}  // namespace sfu

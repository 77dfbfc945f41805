// The receiving half of SRTP on OpenSSL: rollover counter guess, replay windows, packet layout.
#pragma once

#include <memory>
#include <unordered_map>
#include <utility>

#include "srtp/packet_cipher.h"
#include "srtp/replay_window.h"
#include "srtp/srtp.h"

namespace sfu {

class OpenSslSrtpReceiver final : public SrtpReceiver {
 public:
  // nullptr if OpenSSL refuses the suite.
  static std::unique_ptr<SrtpReceiver> Create(const SrtpKey& key, size_t max_streams);

  UnprotectResult Unprotect(ByteView in, MutableBytes out) override;
  UnprotectResult UnprotectRtcp(ByteView in, MutableBytes out) override;
  void RemoveStream(Ssrc ssrc) override;

 private:
  using RtpWindow = ReplayWindow<kSrtpReplayWindow>;
  using RtcpWindow = ReplayWindow<kSrtcpReplayWindow>;

  OpenSslSrtpReceiver(std::unique_ptr<PacketCipher> rtp, std::unique_ptr<PacketCipher> rtcp,
                      bool aead, size_t max_streams)
      : rtp_(std::move(rtp)), rtcp_(std::move(rtcp)), aead_(aead), max_streams_(max_streams) {}

  RtpWindow* FindStream(Ssrc ssrc);
  // A packet of an SSRC that has no state yet; latches it if it is authentic.
  UnprotectResult UnprotectFirst(ByteView in, size_t header_size, Ssrc ssrc, MutableBytes out);
  // Checks the tag and decrypts, for a known index.
  bool Open(ByteView in, size_t header_size, Ssrc ssrc, int64_t index, uint8_t* out);

  std::unique_ptr<PacketCipher> rtp_;
  std::unique_ptr<PacketCipher> rtcp_;
  bool aead_;
  size_t max_streams_;  // bounds each of the two tables
  std::unordered_map<Ssrc, RtpWindow> streams_;
  std::unordered_map<Ssrc, RtcpWindow> rtcp_streams_;
  // The stream of the packet before: most packets come in runs.
  Ssrc last_ssrc_ = 0;
  RtpWindow* last_stream_ = nullptr;
};

}  // namespace sfu

// Protects RTP and RTCP packets with OpenSSL.
#include "srtp/openssl_sender.h"

#include <algorithm>

#include "srtp/srtp_layout.h"

namespace sfu {

size_t OpenSslSendStream::Protect(MutableBytes buffer, size_t packet_size, size_t header_size) {
  const size_t tag_size = cipher_->tag_size();
  if (header_size < kRtpFixedHeaderSize || header_size > packet_size || buffer.size() < tag_size ||
      packet_size > buffer.size() - tag_size || LoadBe32(&buffer[8]) != ssrc_) {
    return 0;
  }
  const std::optional<int64_t> index = index_.Find(LoadBe16(&buffer[2]));
  if (!index) return 0;
  const std::array<uint8_t, 4> roc = SrtpRocBytes(*index);
  if (!cipher_->Seal({ssrc_, static_cast<uint64_t>(*index)}, buffer.first(packet_size), header_size,
                     aead_ ? ByteView() : ByteView(roc), &buffer[packet_size])) {
    return 0;
  }
  index_.Commit(*index);
  return packet_size + tag_size;
}

std::unique_ptr<SrtpSender> OpenSslSrtpSender::Create(const SrtpKey& key) {
  std::unique_ptr<PacketCipher> ciphers[2];
  for (const SrtpChannel channel : {SrtpChannel::kRtp, SrtpChannel::kRtcp}) {
    const std::optional<SrtpSessionKeys> keys = DeriveSrtpSessionKeys(key, channel);
    if (!keys) return nullptr;
    ciphers[static_cast<size_t>(channel)] =
        NewPacketCipher(key.suite, channel, SrtpDirection::kSeal, *keys);
    if (ciphers[static_cast<size_t>(channel)] == nullptr) return nullptr;
  }
  return std::unique_ptr<SrtpSender>(
      new OpenSslSrtpSender(std::move(ciphers[0]), std::move(ciphers[1]), key.info().aead));
}

SrtpSendStream* OpenSslSrtpSender::AddStream(Ssrc ssrc) {
  std::unique_ptr<OpenSslSendStream>& stream = streams_[ssrc];
  if (stream == nullptr) {
    stream = std::make_unique<OpenSslSendStream>(rtp_.get(), aead_, ssrc, TakeRetired(ssrc));
  }
  return stream.get();
}

void OpenSslSrtpSender::RemoveStream(Ssrc ssrc) {
  const auto it = streams_.find(ssrc);
  if (it == streams_.end()) return;
  if (it->second->highest() >= 0) {
    if (retired_.size() == kMaxRetiredSrtpStreams) retired_.pop_front();
    retired_.emplace_back(ssrc, it->second->highest());
  }
  streams_.erase(it);
}

int64_t OpenSslSrtpSender::TakeRetired(Ssrc ssrc) {
  const auto it = std::find_if(retired_.begin(), retired_.end(),
                               [ssrc](const auto& entry) { return entry.first == ssrc; });
  if (it == retired_.end()) return -1;
  const int64_t highest = it->second;
  retired_.erase(it);
  return highest;
}

size_t OpenSslSrtpSender::ProtectRtcp(MutableBytes buffer, size_t packet_size) {
  const size_t overhead = rtcp_->tag_size() + kRtcpIndexSize;
  if (packet_size < kRtcpClearSize || buffer.size() < overhead ||
      packet_size > buffer.size() - overhead || next_rtcp_index_ >= kRtcpEncryptedFlag) {
    return 0;
  }
  // RFC 3711 puts the index before the tag, RFC 7714 behind it.
  uint8_t* behind = &buffer[packet_size];
  uint8_t* tag = aead_ ? behind : behind + kRtcpIndexSize;
  uint8_t* word = aead_ ? behind + rtcp_->tag_size() : behind;
  StoreBe32(word, next_rtcp_index_ | kRtcpEncryptedFlag);
  if (!rtcp_->Seal({LoadBe32(&buffer[4]), next_rtcp_index_}, buffer.first(packet_size),
                   kRtcpClearSize, ByteView(word, kRtcpIndexSize), tag)) {
    return 0;
  }
  ++next_rtcp_index_;
  return packet_size + overhead;
}

}  // namespace sfu

// Unprotects RTP and RTCP packets with OpenSSL.
#include "srtp/openssl_receiver.h"

#include <algorithm>

#include "srtp/srtp_layout.h"

namespace sfu {
namespace {

// The drop reason of an index that is not fresh; nothing for one that is.
template <int64_t kBits>
std::optional<DropReason> CheckReplay(const ReplayWindow<kBits>& window, int64_t index) {
  switch (window.Check(index)) {
    case ReplayWindow<kBits>::Verdict::kFresh:
      return std::nullopt;
    case ReplayWindow<kBits>::Verdict::kSeen:
      return DropReason::kSrtpReplay;
    case ReplayWindow<kBits>::Verdict::kTooOld:
      break;
  }
  return DropReason::kTooOld;
}

}  // namespace

std::unique_ptr<SrtpReceiver> OpenSslSrtpReceiver::Create(const SrtpKey& key, size_t max_streams) {
  std::unique_ptr<PacketCipher> ciphers[2];
  for (const SrtpChannel channel : {SrtpChannel::kRtp, SrtpChannel::kRtcp}) {
    const std::optional<SrtpSessionKeys> keys = DeriveSrtpSessionKeys(key, channel);
    if (!keys) return nullptr;
    ciphers[static_cast<size_t>(channel)] =
        NewPacketCipher(key.suite, channel, SrtpDirection::kOpen, *keys);
    if (ciphers[static_cast<size_t>(channel)] == nullptr) return nullptr;
  }
  return std::unique_ptr<SrtpReceiver>(new OpenSslSrtpReceiver(
      std::move(ciphers[0]), std::move(ciphers[1]), key.info().aead, max_streams));
}

OpenSslSrtpReceiver::RtpWindow* OpenSslSrtpReceiver::FindStream(Ssrc ssrc) {
  if (last_stream_ != nullptr && last_ssrc_ == ssrc) return last_stream_;
  const auto it = streams_.find(ssrc);
  if (it == streams_.end()) return nullptr;
  last_ssrc_ = ssrc;
  last_stream_ = &it->second;
  return last_stream_;
}

bool OpenSslSrtpReceiver::Open(ByteView in, size_t header_size, Ssrc ssrc, int64_t index,
                               uint8_t* out) {
  const ByteView packet = in.first(in.size() - rtp_->tag_size());
  const std::array<uint8_t, 4> roc = SrtpRocBytes(index);
  return rtp_->Open({ssrc, static_cast<uint64_t>(index)}, packet, header_size,
                    aead_ ? ByteView() : ByteView(roc), packet.data() + packet.size(), out);
}

UnprotectResult OpenSslSrtpReceiver::Unprotect(ByteView in, MutableBytes out) {
  const size_t tag_size = rtp_->tag_size();
  if (in.size() < kRtpFixedHeaderSize + tag_size) {
    return UnprotectResult::Dropped(DropReason::kTooShort);
  }
  if (in.size() > kMaxDatagramSize || out.size() < in.size()) {
    return UnprotectResult::Dropped(DropReason::kTooBig);
  }
  const std::optional<size_t> header_size = EncryptedRtpHeaderSize(in.first(in.size() - tag_size));
  if (!header_size) return UnprotectResult::Dropped(DropReason::kBadHeader);
  const Ssrc ssrc = LoadBe32(&in[8]);
  RtpWindow* stream = FindStream(ssrc);
  if (stream == nullptr) return UnprotectFirst(in, *header_size, ssrc, out);
  const int64_t index = GuessSrtpIndex(stream->highest(), LoadBe16(&in[2]));
  if (const auto reason = CheckReplay(*stream, index)) return UnprotectResult::Dropped(*reason);
  if (index >= kSrtpIndexEnd || !Open(in, *header_size, ssrc, index, out.data())) {
    return UnprotectResult::Dropped(DropReason::kSrtpAuth);
  }
  stream->Mark(index);
  return UnprotectResult::Passed(in.size() - tag_size);
}

UnprotectResult OpenSslSrtpReceiver::UnprotectFirst(ByteView in, size_t header_size, Ssrc ssrc,
                                                    MutableBytes out) {
  if (streams_.size() >= max_streams_) {
    return UnprotectResult::Dropped(DropReason::kTooManyStreams);
  }
  // A failed try leaves nothing to try again with, if it works in place.
  std::array<uint8_t, kMaxDatagramSize> copy;
  std::copy(in.begin(), in.end(), copy.begin());
  const ByteView packet = ByteView(copy).first(in.size());
  int64_t index = LoadBe16(&packet[2]);
  bool authentic = Open(packet, header_size, ssrc, index, out.data());
  if (!authentic && index < 0x8000) {
    index += 0x10000;
    authentic = Open(packet, header_size, ssrc, index, out.data());
  }
  if (!authentic) return UnprotectResult::Dropped(DropReason::kSrtpAuth);
  streams_.emplace(ssrc, index);
  return UnprotectResult::Passed(packet.size() - rtp_->tag_size());
}

UnprotectResult OpenSslSrtpReceiver::UnprotectRtcp(ByteView in, MutableBytes out) {
  const size_t overhead = rtcp_->tag_size() + kRtcpIndexSize;
  if (in.size() < kRtcpClearSize + overhead) {
    return UnprotectResult::Dropped(DropReason::kTooShort);
  }
  if (in.size() > kMaxDatagramSize || out.size() < in.size()) {
    return UnprotectResult::Dropped(DropReason::kTooBig);
  }
  if (in[0] >> 6 != 2) return UnprotectResult::Dropped(DropReason::kBadHeader);
  // RFC 3711 puts the index before the tag, RFC 7714 behind it.
  const ByteView packet = in.first(in.size() - overhead);
  const uint8_t* behind = in.data() + packet.size();
  const uint8_t* tag = aead_ ? behind : behind + kRtcpIndexSize;
  const ByteView word(aead_ ? behind + rtcp_->tag_size() : behind, kRtcpIndexSize);
  if ((LoadBe32(word.data()) & kRtcpEncryptedFlag) == 0) {
    return UnprotectResult::Dropped(DropReason::kSrtpAuth);
  }
  const uint32_t index = LoadBe32(word.data()) & ~kRtcpEncryptedFlag;
  const Ssrc ssrc = LoadBe32(&in[4]);
  const auto stream = rtcp_streams_.find(ssrc);
  if (stream == rtcp_streams_.end()) {
    if (rtcp_streams_.size() >= max_streams_) {
      return UnprotectResult::Dropped(DropReason::kTooManyStreams);
    }
  } else if (const auto reason = CheckReplay(stream->second, index)) {
    return UnprotectResult::Dropped(*reason);
  }
  if (!rtcp_->Open({ssrc, index}, packet, kRtcpClearSize, word, tag, out.data())) {
    return UnprotectResult::Dropped(DropReason::kSrtpAuth);
  }
  if (stream == rtcp_streams_.end()) {
    rtcp_streams_.emplace(ssrc, index);
  } else {
    stream->second.Mark(index);
  }
  return UnprotectResult::Passed(packet.size());
}

void OpenSslSrtpReceiver::RemoveStream(Ssrc ssrc) {
  streams_.erase(ssrc);
  rtcp_streams_.erase(ssrc);
  last_stream_ = nullptr;
}

}  // namespace sfu

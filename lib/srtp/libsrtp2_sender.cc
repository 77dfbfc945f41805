// Protects RTP and RTCP packets with libsrtp2.
#include "srtp/libsrtp2_sender.h"

#include <arpa/inet.h>

#include <algorithm>

namespace sfu {

size_t Libsrtp2SendStream::Protect(MutableBytes buffer, size_t packet_size, size_t header_size) {
  const size_t overhead = session_->info().rtp_overhead();
  if (header_size < kRtpFixedHeaderSize || header_size > packet_size || buffer.size() < overhead ||
      packet_size > buffer.size() - overhead || LoadBe32(&buffer[8]) != ssrc_) {
    return 0;
  }
  const std::optional<int64_t> index = index_.Find(LoadBe16(&buffer[2]));
  int size = static_cast<int>(packet_size);
  if (!index || srtp_protect(session_->get(), buffer.data(), &size) != srtp_err_status_ok) return 0;
  index_.Commit(*index);
  return static_cast<size_t>(size);
}

std::unique_ptr<SrtpSender> Libsrtp2Sender::Create(const SrtpKey& key) {
  std::unique_ptr<Libsrtp2Sender> sender(new Libsrtp2Sender(key));
  if (!sender->session_.ok()) return nullptr;
  return sender;
}

SrtpSendStream* Libsrtp2Sender::AddStream(Ssrc ssrc) {
  std::unique_ptr<Libsrtp2SendStream>& stream = streams_[ssrc];
  if (stream == nullptr) {
    stream = std::make_unique<Libsrtp2SendStream>(&session_, ssrc);
  } else {
    std::erase(retired_, ssrc);
  }
  return stream.get();
}

void Libsrtp2Sender::RemoveStream(Ssrc ssrc) {
  if (!streams_.contains(ssrc) ||
      std::find(retired_.begin(), retired_.end(), ssrc) != retired_.end()) {
    return;
  }
  if (retired_.size() == kMaxRetiredSrtpStreams) {
    srtp_remove_stream(session_.get(), htonl(retired_.front()));
    streams_.erase(retired_.front());
    retired_.pop_front();
  }
  retired_.push_back(ssrc);
}

size_t Libsrtp2Sender::ProtectRtcp(MutableBytes buffer, size_t packet_size) {
  const size_t overhead = session_.info().rtcp_overhead();
  if (packet_size < kRtcpClearSize || buffer.size() < overhead ||
      packet_size > buffer.size() - overhead) {
    return 0;
  }
  int size = static_cast<int>(packet_size);
  const srtp_err_status_t status = srtp_protect_rtcp(session_.get(), buffer.data(), &size);
  return status == srtp_err_status_ok ? static_cast<size_t>(size) : 0;
}

}  // namespace sfu

// Unprotects RTP and RTCP packets with libsrtp2.
#include "srtp/libsrtp2_receiver.h"

#include <arpa/inet.h>

#include <algorithm>

#include "srtp/srtp_layout.h"

namespace sfu {
namespace {

DropReason ReasonOf(srtp_err_status_t status) {
  switch (status) {
    case srtp_err_status_replay_fail:
      return DropReason::kSrtpReplay;
    case srtp_err_status_replay_old:
      return DropReason::kTooOld;
    case srtp_err_status_parse_err:
    case srtp_err_status_bad_param:
      return DropReason::kBadHeader;
    default:
      return DropReason::kSrtpAuth;
  }
}

}  // namespace

std::unique_ptr<SrtpReceiver> Libsrtp2Receiver::Create(const SrtpKey& key, size_t max_streams) {
  std::unique_ptr<Libsrtp2Receiver> receiver(new Libsrtp2Receiver(key, max_streams));
  if (!receiver->session_.ok()) return nullptr;
  return receiver;
}

UnprotectResult Libsrtp2Receiver::Run(Function function, ByteView in, Ssrc ssrc,
                                      std::unordered_set<Ssrc>* latched, MutableBytes out) {
  const bool known = latched->contains(ssrc);
  if (!known && latched->size() >= max_streams_) {
    return UnprotectResult::Dropped(DropReason::kTooManyStreams);
  }
  if (out.data() != in.data()) std::copy(in.begin(), in.end(), out.begin());
  int size = static_cast<int>(in.size());
  const srtp_err_status_t status = function(session_.get(), out.data(), &size);
  if (status != srtp_err_status_ok) return UnprotectResult::Dropped(ReasonOf(status));
  if (!known) latched->insert(ssrc);
  return UnprotectResult::Passed(static_cast<size_t>(size));
}

UnprotectResult Libsrtp2Receiver::Unprotect(ByteView in, MutableBytes out) {
  const size_t overhead = session_.info().rtp_overhead();
  if (in.size() < kRtpFixedHeaderSize + overhead) {
    return UnprotectResult::Dropped(DropReason::kTooShort);
  }
  if (in.size() > kMaxDatagramSize || out.size() < in.size()) {
    return UnprotectResult::Dropped(DropReason::kTooBig);
  }
  if (!EncryptedRtpHeaderSize(in.first(in.size() - overhead))) {
    return UnprotectResult::Dropped(DropReason::kBadHeader);
  }
  return Run(srtp_unprotect, in, LoadBe32(&in[8]), &streams_, out);
}

UnprotectResult Libsrtp2Receiver::UnprotectRtcp(ByteView in, MutableBytes out) {
  if (in.size() < kRtcpClearSize + session_.info().rtcp_overhead()) {
    return UnprotectResult::Dropped(DropReason::kTooShort);
  }
  if (in.size() > kMaxDatagramSize || out.size() < in.size()) {
    return UnprotectResult::Dropped(DropReason::kTooBig);
  }
  if (in[0] >> 6 != 2) return UnprotectResult::Dropped(DropReason::kBadHeader);
  return Run(srtp_unprotect_rtcp, in, LoadBe32(&in[4]), &rtcp_streams_, out);
}

void Libsrtp2Receiver::RemoveStream(Ssrc ssrc) {
  streams_.erase(ssrc);
  rtcp_streams_.erase(ssrc);
  srtp_remove_stream(session_.get(), htonl(ssrc));
}

}  // namespace sfu

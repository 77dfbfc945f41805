// The receiving half of SRTP on libsrtp2.
//
// Unlike the OpenSSL back end it takes the rollover counter of a new SSRC always for 0, and its
// SRTCP replay window is fixed at 128.
#pragma once

#include <memory>
#include <unordered_set>

#include "srtp/libsrtp2_session.h"
#include "srtp/srtp.h"

namespace sfu {

class Libsrtp2Receiver final : public SrtpReceiver {
 public:
  // nullptr if libsrtp2 refuses the suite.
  static std::unique_ptr<SrtpReceiver> Create(const SrtpKey& key, size_t max_streams);

  UnprotectResult Unprotect(ByteView in, MutableBytes out) override;
  UnprotectResult UnprotectRtcp(ByteView in, MutableBytes out) override;
  void RemoveStream(Ssrc ssrc) override;

 private:
  using Function = srtp_err_status_t (*)(srtp_t session, void* packet, int* size);

  Libsrtp2Receiver(const SrtpKey& key, size_t max_streams)
      : session_(key, Libsrtp2Session::Direction::kInbound), max_streams_(max_streams) {}
  // What RTP and RTCP have in common, once the sizes are known to fit.
  UnprotectResult Run(Function function, ByteView in, Ssrc ssrc, std::unordered_set<Ssrc>* latched,
                      MutableBytes out);

  Libsrtp2Session session_;
  size_t max_streams_;  // bounds each of the two sets
  std::unordered_set<Ssrc> streams_;
  std::unordered_set<Ssrc> rtcp_streams_;
};

}  // namespace sfu

// The sending half of SRTP on libsrtp2.
#pragma once

#include <deque>
#include <memory>
#include <unordered_map>

#include "srtp/libsrtp2_session.h"
#include "srtp/send_index.h"
#include "srtp/srtp.h"

namespace sfu {

class Libsrtp2SendStream final : public SrtpSendStream {
 public:
  // `session` must outlive the stream.
  Libsrtp2SendStream(const Libsrtp2Session* session, Ssrc ssrc) : session_(session), ssrc_(ssrc) {}
  size_t Protect(MutableBytes buffer, size_t packet_size, size_t header_size) override;
  bool IsFresh(uint16_t sequence_number) const override { return index_.IsFresh(sequence_number); }

 private:
  const Libsrtp2Session* session_;
  SrtpSendIndex index_;  // libsrtp2 counts alike; it takes packets that we refuse
  Ssrc ssrc_;
};

class Libsrtp2Sender final : public SrtpSender {
 public:
  // nullptr if libsrtp2 refuses the suite.
  static std::unique_ptr<SrtpSender> Create(const SrtpKey& key);

  SrtpSendStream* AddStream(Ssrc ssrc) override;
  // Keeps the stream, at most kMaxRetiredSrtpStreams of them: libsrtp2 has no way to start one with
  // a given index, and starting at 0 again would use nonces twice.
  void RemoveStream(Ssrc ssrc) override;
  size_t ProtectRtcp(MutableBytes buffer, size_t packet_size) override;

 private:
  explicit Libsrtp2Sender(const SrtpKey& key)
      : session_(key, Libsrtp2Session::Direction::kOutbound) {}

  Libsrtp2Session session_;
  std::unordered_map<Ssrc, std::unique_ptr<Libsrtp2SendStream>> streams_;
  std::deque<Ssrc> retired_;  // the oldest first; still in streams_
};

}  // namespace sfu

// SRTP and SRTCP: byte 0 says what is done with the rest. Bits 0-1: the suite. Bit 2: RTCP. Bit 3:
// the rest is a plain packet, which must come back from protection unchanged; otherwise it comes
// from the network, and must neither pass nor change anything. Bit 4: unprotect in place.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "fuzz_check.h"
#include "srtp/srtp.h"
#include "srtp/srtp_layout.h"

namespace {

using sfu::ByteView;

struct Session {
  explicit Session(sfu::SrtpSuite suite) {
    const std::vector<uint8_t> keying(sfu::GetSrtpSuiteInfo(suite).keying_size(), 0x42);
    const sfu::SrtpKey key = sfu::MakeSrtpKey(suite, keying).value();
    sender = sfu::NewSrtpSender(key).value();
    receiver = sfu::NewSrtpReceiver(key, 1).value();
  }
  std::unique_ptr<sfu::SrtpSender> sender;
  std::unique_ptr<sfu::SrtpReceiver> receiver;
};

// The protected packet; empty if the sender refuses it.
std::vector<uint8_t> Protect(Session* session, bool rtcp, ByteView plain) {
  std::vector<uint8_t> packet(plain.begin(), plain.end());
  packet.resize(plain.size() + sfu::kMaxSrtcpOverhead);
  size_t size = 0;
  if (rtcp) {
    size = session->sender->ProtectRtcp(packet, plain.size());
  } else if (const auto header_size = sfu::EncryptedRtpHeaderSize(plain)) {
    size = session->sender->AddStream(sfu::LoadBe32(&plain[8]))
               ->Protect(packet, plain.size(), *header_size);
  }
  packet.resize(size);
  return packet;
}

sfu::UnprotectResult Unprotect(Session* session, bool rtcp, ByteView in, sfu::MutableBytes out) {
  return rtcp ? session->receiver->UnprotectRtcp(in, out) : session->receiver->Unprotect(in, out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  Session session(static_cast<sfu::SrtpSuite>(data[0] & 3));
  const bool rtcp = (data[0] & 4) != 0;
  const bool plain = (data[0] & 8) != 0;
  const bool in_place = (data[0] & 16) != 0;
  const ByteView rest(data + 1, size - 1);

  std::vector<uint8_t> in =
      plain ? Protect(&session, rtcp, rest) : std::vector<uint8_t>(rest.begin(), rest.end());
  const bool honest =
      plain && !in.empty() && in.size() <= sfu::kMaxDatagramSize && (!rtcp || in[0] >> 6 == 2);
  std::vector<uint8_t> elsewhere(in.size());
  std::vector<uint8_t>& out = in_place ? in : elsewhere;
  const sfu::UnprotectResult result = Unprotect(&session, rtcp, in, out);
  FUZZ_CHECK(result.ok() == honest);
  if (honest) {
    FUZZ_CHECK(result.size() == rest.size() && std::equal(rest.begin(), rest.end(), out.begin()));
    return 0;
  }
  // The receiver has room for one stream, and it is still free.
  const std::vector<uint8_t> good = {0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 1, 2, 3};
  const std::vector<uint8_t> sent = Protect(&session, false, good);
  std::vector<uint8_t> received(sent.size());
  FUZZ_CHECK(session.receiver->Unprotect(sent, received).ok());
  return 0;
}

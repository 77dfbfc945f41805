// What may be RTP or RTCP at all.
#include "transport/rtp_transport.h"

namespace sfu {
namespace {

// The shortest RTCP packet; RTP needs four bytes more.
constexpr size_t kMinDatagramSize = 8;

}  // namespace

DatagramKind RtpTransport::Classify(ByteView datagram, Timestamp now) {
  DropReason reason = DropReason::kNotRtp;
  if (datagram.size() > kMaxDatagramSize) {
    reason = DropReason::kTooBig;
  } else if (datagram.size() < kMinDatagramSize) {
    reason = DropReason::kTooShort;
  } else {
    const DatagramKind kind = ClassifyDatagram(datagram);
    if (kind == DatagramKind::kRtp || kind == DatagramKind::kRtcp) return kind;
  }
  session_.CountDrop(reason, now);
  return DatagramKind::kUnknown;
}

}  // namespace sfu

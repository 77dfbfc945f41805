// Building datagrams where the socket sends them from.
#include "transport/packet_egress.h"

#include <array>
#include <cstring>
#include <utility>

#include "rtp/rtp_header.h"

namespace sfu {

void PacketEgress::SetDestination(const SocketAddress& rtp, const SocketAddress& rtcp,
                                  const SocketAddress& from) {
  rtp_to_ = rtp;
  rtcp_to_ = rtcp;
  from_ = from;
}

void PacketEgress::SetSrtp(std::unique_ptr<SrtpSender> srtp) {
  srtp_ = std::move(srtp);
  rtp_overhead_ = srtp_ ? kMaxSrtpOverhead : 0;
  rtcp_overhead_ = srtp_ ? kMaxSrtcpOverhead : 0;
}

void PacketEgress::Commit(std::span<const uint16_t> sizes) {
  for (const uint16_t size : sizes) bytes_sent_ += size;
  packets_sent_ += sizes.size();
  rtp_->Commit(rtp_to_, sizes, from_);
}

bool PacketEgress::SendRtcp(ByteView compound, const SocketAddress& to) {
  const SocketAddress& destination = to.is_set() ? to : rtcp_to_;
  if (!destination.is_set() || compound.empty()) return false;
  const size_t room = compound.size() + rtcp_overhead_;
  const MutableBytes out = rtcp_->Reserve(room);
  if (room > kMaxDatagramSize || out.size() < room) return false;
  std::memcpy(out.data(), compound.data(), compound.size());
  const size_t size = srtp_ ? srtp_->ProtectRtcp(out, compound.size()) : compound.size();
  if (size == 0) {
    rtcp_->Commit(destination, {});
    return false;
  }
  const std::array<uint16_t, 1> sizes = {static_cast<uint16_t>(size)};
  rtcp_->Commit(destination, sizes, from_);
  bytes_sent_ += size;
  return true;
}

}  // namespace sfu

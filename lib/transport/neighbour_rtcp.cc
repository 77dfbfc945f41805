// Each message goes behind an empty report, so that it is a whole compound packet (RFC 3550,
// section 6.1).
#include "transport/neighbour_rtcp.h"

#include <array>

#include "rtp/rtcp/bye.h"
#include "rtp/rtcp/compound.h"
#include "rtp/rtcp/fir.h"
#include "rtp/rtcp/nack.h"
#include "rtp/rtcp/pli.h"
#include "rtp/rtcp/receiver_report.h"
#include "rtp/rtcp/rtcp_builder.h"
#include "rtp/rtcp/sdes.h"

namespace sfu {

using rtcp::PacketType;

namespace {

// A report with one block or name: 8 + 24 bytes, or 8 + 8 + 257 and padding.
constexpr size_t kMaxCompound = 320;

template <typename... Messages>
void Tell(const RtcpListener& to, const Messages&... messages) {
  if (!to) return;
  std::array<uint8_t, kMaxCompound> buffer;
  rtcp::RtcpBuilder builder{MutableBytes(buffer)};
  if ((builder.Add(messages) && ...)) to(builder.bytes());
}

void OnNack(const rtcp::Nack& nack, NeighbourWishes* wishes) {
  size_t count = 0;
  nack.ForEach([&](SeqNum sequence) {
    if (count++ < kMaxPacketsWanted) wishes->OnPacketWanted(sequence.value());
  });
}

bool OnFir(const rtcp::Packet& packet, Ssrc ssrc, NeighbourWishes* wishes) {
  const auto fir = rtcp::Fir::Parse(packet.header, packet.body);
  if (!fir) return false;
  for (const auto& entry : fir->entries) {
    if (entry.ssrc == ssrc) wishes->OnKeyFrameWanted();
  }
  return true;
}

bool OnPacket(const rtcp::Packet& packet, Ssrc ssrc, NeighbourWishes* wishes) {
  if (packet.header.IsFeedback(PacketType::kRtpFeedback, rtcp::kFormatNack)) {
    const auto nack = rtcp::Nack::Parse(packet.header, packet.body);
    if (nack && nack->media_ssrc() == ssrc) OnNack(*nack, wishes);
    return nack.has_value();
  }
  if (packet.header.IsFeedback(PacketType::kPayloadFeedback, rtcp::kFormatPli)) {
    const auto pli = rtcp::Pli::Parse(packet.header, packet.body);
    if (pli && pli->media_ssrc == ssrc) wishes->OnKeyFrameWanted();
    return pli.has_value();
  }
  if (packet.header.IsFeedback(PacketType::kPayloadFeedback, rtcp::kFormatFir)) {
    return OnFir(packet, ssrc, wishes);
  }
  return true;
}

}  // namespace

void TellSenderReport(const rtcp::SenderReport& report, const RtcpListener& to) {
  rtcp::SenderReport alone = report;
  alone.blocks = {};
  Tell(to, alone);
}

void TellCname(Ssrc ssrc, std::string_view cname, const RtcpListener& to) {
  rtcp::Sdes sdes;
  sdes.chunks.Add({ssrc, cname});
  Tell(to, rtcp::ReceiverReport{.sender_ssrc = ssrc}, sdes);
}

void TellBye(Ssrc ssrc, const RtcpListener& to) {
  rtcp::Bye bye;
  bye.ssrcs.Add(ssrc);
  Tell(to, rtcp::ReceiverReport{.sender_ssrc = ssrc}, bye);
}

void TellReportBlock(Ssrc reporter, const rtcp::ReportBlock& block, const RtcpListener& to) {
  rtcp::ReceiverReport report;
  report.sender_ssrc = reporter;
  report.blocks.Add(block);
  Tell(to, report);
}

bool ReadNeighbourRtcp(ByteView compound, Ssrc ssrc, NeighbourWishes* wishes) {
  rtcp::CompoundReader reader(compound);
  while (const auto packet = reader.Next()) {
    if (!OnPacket(*packet, ssrc, wishes)) reader.Fail();
  }
  return !reader.error();
}

}  // namespace sfu

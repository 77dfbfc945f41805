// RTCP with a neighbour in the same process: one who gets a receiver's stream, or feeds a sender,
// and speaks RTCP instead of calling RtpSource.
//
// RTCP is hop by hop: what the peer on the network says of a stream is told on, and what the
// neighbour wants is answered here.
#pragma once

#include <functional>
#include <string_view>

#include "base/bytes.h"
#include "rtp/rtcp/report_block.h"
#include "rtp/rtcp/sender_report.h"
#include "rtp/sequence.h"

namespace sfu {

// Takes one compound RTCP packet; the bytes are valid during the call. On the Worker.
using RtcpListener = std::function<void(ByteView compound)>;

// What the peer says of a stream that it sends, for the neighbour who gets it. The report's blocks
// are left out: they are about other streams.
void TellSenderReport(const rtcp::SenderReport& report, const RtcpListener& to);
void TellCname(Ssrc ssrc, std::string_view cname, const RtcpListener& to);
void TellBye(Ssrc ssrc, const RtcpListener& to);
// What the peer (`reporter`) says of a stream that it gets, for the neighbour who feeds it.
void TellReportBlock(Ssrc reporter, const rtcp::ReportBlock& block, const RtcpListener& to);

// What a neighbour may want of the stream that it gets.
class NeighbourWishes {
 public:
  virtual ~NeighbourWishes() = default;
  virtual void OnKeyFrameWanted() = 0;
  // To be given that packet again.
  virtual void OnPacketWanted(uint16_t sequence_number) = 0;
};

// So many packets can be asked for by one datagram; more are ignored.
inline constexpr size_t kMaxPacketsWanted = 1'000;

// Reads RTCP of the neighbour who gets the stream `ssrc`. What is about others is ignored. False if
// part of it was no RTCP; what came before counts.
bool ReadNeighbourRtcp(ByteView compound, Ssrc ssrc, NeighbourWishes* wishes);

}  // namespace sfu

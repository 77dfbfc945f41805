// A whole RTCP datagram: every packet goes to every message parser. What a message writes again
// must read back as the same bytes, and every count must be bounded by the datagram.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fuzz_check.h"
#include "rtp/rtcp/bye.h"
#include "rtp/rtcp/compound.h"
#include "rtp/rtcp/fir.h"
#include "rtp/rtcp/nack.h"
#include "rtp/rtcp/pli.h"
#include "rtp/rtcp/receiver_report.h"
#include "rtp/rtcp/remb.h"
#include "rtp/rtcp/rtcp_builder.h"
#include "rtp/rtcp/sdes.h"
#include "rtp/rtcp/sender_report.h"
#include "rtp/rtcp/transport_feedback.h"
#include "rtp/rtcp/xr.h"

namespace sfu::rtcp {
namespace {

using Buffer = std::array<uint8_t, 9000>;  // 31 SDES chunks with the longest names fit

// parse, write, parse, write: both writings are the same.
template <typename Message>
void CheckRoundTrip(const Packet& packet) {
  const auto message = Message::Parse(packet.header, packet.body);
  if (!message) return;
  Buffer first;
  RtcpBuilder first_builder(first);
  FUZZ_CHECK(first_builder.Add(*message));

  CompoundReader reader(first_builder.bytes());
  const auto again = reader.Next();
  FUZZ_CHECK(again && !reader.Next() && !reader.error());
  const auto copy = Message::Parse(again->header, again->body);
  FUZZ_CHECK(copy);
  Buffer second;
  RtcpBuilder second_builder(second);
  FUZZ_CHECK(second_builder.Add(*copy));
  FUZZ_CHECK(std::equal(first_builder.bytes().begin(), first_builder.bytes().end(),
                        second_builder.bytes().begin(), second_builder.bytes().end()));
}

void CheckReports(const Packet& packet) {
  const auto report = ReceiverReport::Parse(packet.header, packet.body);
  if (!report) return;
  for (const ReportBlock& block : report->blocks) {
    const auto rtt = block.RoundTrip(CompactNtp(0x12345678));
    FUZZ_CHECK(!rtt || (*rtt >= TimeDelta::Zero() && *rtt <= kMaxRoundTripTime));
  }
}

void CheckNack(const Packet& packet) {
  const auto nack = Nack::Parse(packet.header, packet.body);
  if (!nack) return;
  std::vector<SeqNum> lost;
  nack->ForEach([&](SeqNum seq) { lost.push_back(seq); });
  FUZZ_CHECK(lost.size() <= packet.body.size() / Nack::kItemSize * 17);
  if (lost.empty()) return;
  std::vector<uint8_t> out(lost.size() * 4 + 12);  // the worst: an item for each
  RtcpBuilder builder(out);
  FUZZ_CHECK(builder.Add(NackRequest{nack->sender_ssrc(), nack->media_ssrc(), lost}));
}

// What was reported can be reported again, up to the size limit of the builder.
void CheckTransportFeedback(const Packet& packet) {
  using Received = TransportFeedback::Received;
  std::vector<Received> received;
  const auto feedback = TransportFeedback::Parse(packet.header, packet.body, received);
  FUZZ_CHECK(received.size() <= packet.body.size());
  FUZZ_CHECK(feedback || received.empty());
  if (received.empty()) return;

  constexpr size_t kMaxSize = 1200;
  const Timestamp reference = ReferenceTime().Unwrap(feedback->reference_time);
  TransportFeedbackBuilder builder(kMaxSize);
  const int64_t base = feedback->base_sequence.value();
  builder.Start(feedback->sender_ssrc, feedback->media_ssrc, feedback->feedback_count, base);
  size_t added = 0;
  for (const Received& r : received) {
    const auto offset = static_cast<uint16_t>(r.sequence.value() - base);
    if (!builder.Add(base + offset, reference + r.arrival)) break;
    ++added;
  }
  FUZZ_CHECK(added > 0);
  std::array<uint8_t, kMaxSize> out;
  RtcpBuilder datagram(out);
  FUZZ_CHECK(datagram.Add(builder));

  CompoundReader reader(datagram.bytes());
  const auto again = reader.Next();
  std::vector<Received> copy;
  const auto feedback_copy = TransportFeedback::Parse(again->header, again->body, copy);
  FUZZ_CHECK(feedback_copy && copy.size() == added);
  const TimeDelta shift =
      copy[0].arrival - received[0].arrival;  // the two may use different reference times
  for (size_t i = 0; i < added; ++i) {
    FUZZ_CHECK(copy[i].sequence == received[i].sequence);
    FUZZ_CHECK(copy[i].arrival - received[i].arrival == shift);
  }
}

void CheckDatagram(ByteView datagram) {
  CompoundReader reader(datagram);
  size_t total = 0;
  while (const auto packet = reader.Next()) {
    total += kCommonHeaderSize + packet->body.size();
    CheckRoundTrip<SenderReport>(*packet);
    CheckRoundTrip<ReceiverReport>(*packet);
    CheckRoundTrip<Sdes>(*packet);
    CheckRoundTrip<Bye>(*packet);
    CheckRoundTrip<Pli>(*packet);
    CheckRoundTrip<Fir>(*packet);
    CheckRoundTrip<Remb>(*packet);
    CheckRoundTrip<ExtendedReport>(*packet);
    CheckReports(*packet);
    CheckNack(*packet);
    CheckTransportFeedback(*packet);
  }
  FUZZ_CHECK(total <= datagram.size());
}

}  // namespace
}  // namespace sfu::rtcp

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sfu::rtcp::CheckDatagram({data, size});
  return 0;
}

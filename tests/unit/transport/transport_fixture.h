// One plain transport in virtual time, bytes in and bytes out: what the tests of this folder share.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

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
#include "tests/support/media.h"
#include "tests/support/packet_builder.h"
#include "transport/plain_transport.h"

namespace sfu::test {

inline SocketAddress Ip(int host, uint16_t port) {
  return SocketAddress::Ipv4({10, 0, 0, static_cast<uint8_t>(host)}, port);
}

inline RtpCodec VideoCodec(uint8_t payload_type = 96) {
  RtpCodec codec = Vp8Codec();
  codec.payload_type = payload_type;
  return codec;
}

inline RtpCodec AudioCodec(uint8_t payload_type = 111) {
  RtpCodec codec;
  codec.kind = MediaKind::kAudio;
  codec.id = CodecId::kOpus;
  codec.encoding_name = "OPUS";
  codec.payload_type = payload_type;
  codec.clock_rate = 48'000;
  codec.channels = 2;
  return codec;
}

// A socket that keeps what is sent.
class CapturingSocket : public DatagramSender {
 public:
  struct Datagram {
    SocketAddress to;
    SocketAddress from;
    Bytes bytes;
  };
  MutableBytes Reserve(size_t size) override {
    if (full) return {};
    space_.resize(std::max(space_.size(), size));
    return MutableBytes(space_).first(size);
  }
  void Commit(const SocketAddress& to, std::span<const uint16_t> sizes,
              const SocketAddress& from) override {
    auto at = space_.begin();
    for (const uint16_t size : sizes) {
      sent.push_back({to, from, Bytes(at, at + size)});
      at += size;
    }
  }
  bool PrefersEqualSizes() const override { return equal_sizes; }

  std::vector<Datagram> sent;
  bool full = false;
  bool equal_sizes = false;

 private:
  Bytes space_;
};

// The end of a stream: what arrived, copied.
class BatchRecorder : public RtpBatchSink {
 public:
  struct Packet {
    Ssrc ssrc;
    uint16_t sequence;
    int64_t index;
    Timestamp capture;
    Bytes payload;
  };
  void OnRtpBatch(const RtpBatch& batch, Timestamp) override {
    for (const RtpBatchEntry& entry : batch.entries) {
      const ByteView payload = entry.packet->payload();
      packets.push_back({batch.ssrc, entry.sequence_number, entry.packet->index,
                         entry.packet->capture, Bytes(payload.begin(), payload.end())});
    }
    if (on_batch) on_batch();
  }
  std::vector<uint16_t> Sequences() const {
    std::vector<uint16_t> all;
    for (const Packet& packet : packets) all.push_back(packet.sequence);
    return all;
  }
  std::vector<Packet> packets;
  std::function<void()> on_batch;
};

// What a run of RTCP datagrams said.
struct RtcpSeen {
  template <typename T>
  struct At {
    SocketAddress to;
    T message;
  };
  std::vector<At<rtcp::SenderReport>> sender_reports;
  std::vector<At<rtcp::ReceiverReport>> receiver_reports;
  std::vector<At<rtcp::ExtendedReport>> extended;
  std::vector<At<std::vector<uint16_t>>> nacks;
  std::vector<At<rtcp::Pli>> plis;
  std::vector<At<rtcp::Fir>> firs;
  std::vector<At<Ssrc>> byes;
  std::vector<At<rtcp::Remb>> rembs;
  std::vector<At<std::vector<rtcp::TransportFeedback::Received>>> transport_feedbacks;
  std::vector<std::string> cnames;
};

inline RtcpSeen ReadRtcp(const std::vector<CapturingSocket::Datagram>& datagrams) {
  using rtcp::PacketType;
  RtcpSeen seen;
  for (const auto& datagram : datagrams) {
    if (ClassifyDatagram(datagram.bytes) != DatagramKind::kRtcp) continue;
    rtcp::CompoundReader reader(datagram.bytes);
    while (const auto p = reader.Next()) {
      const auto& [header, body] = *p;
      if (header.Is(PacketType::kSenderReport)) {
        seen.sender_reports.push_back({datagram.to, *rtcp::SenderReport::Parse(header, body)});
      } else if (header.Is(PacketType::kReceiverReport)) {
        seen.receiver_reports.push_back({datagram.to, *rtcp::ReceiverReport::Parse(header, body)});
      } else if (header.Is(PacketType::kExtendedReport)) {
        seen.extended.push_back({datagram.to, *rtcp::ExtendedReport::Parse(header, body)});
      } else if (header.Is(PacketType::kBye)) {
        const auto bye = rtcp::Bye::Parse(header, body);
        for (const Ssrc ssrc : bye->ssrcs) {
          seen.byes.push_back({datagram.to, ssrc});
        }
      } else if (header.Is(PacketType::kSdes)) {
        const auto sdes = rtcp::Sdes::Parse(header, body);
        for (const auto& chunk : sdes->chunks) seen.cnames.emplace_back(chunk.cname);
      } else if (header.IsFeedback(PacketType::kRtpFeedback, rtcp::kFormatNack)) {
        std::vector<uint16_t> lost;
        rtcp::Nack::Parse(header, body)->ForEach([&](SeqNum s) { lost.push_back(s.value()); });
        seen.nacks.push_back({datagram.to, lost});
      } else if (header.IsFeedback(PacketType::kPayloadFeedback, rtcp::kFormatPli)) {
        seen.plis.push_back({datagram.to, *rtcp::Pli::Parse(header, body)});
      } else if (header.IsFeedback(PacketType::kPayloadFeedback, rtcp::kFormatFir)) {
        seen.firs.push_back({datagram.to, *rtcp::Fir::Parse(header, body)});
      } else if (header.IsFeedback(PacketType::kPayloadFeedback, rtcp::kFormatApplication)) {
        seen.rembs.push_back({datagram.to, *rtcp::Remb::Parse(header, body)});
      } else if (header.IsFeedback(PacketType::kRtpFeedback, rtcp::kFormatTransportFeedback)) {
        auto& feedback = seen.transport_feedbacks.emplace_back();
        feedback.to = datagram.to;
        EXPECT_TRUE(rtcp::TransportFeedback::Parse(header, body, feedback.message));
      }
    }
    EXPECT_FALSE(reader.error());
  }
  return seen;
}

template <typename... Messages>
Bytes Rtcp(const Messages&... messages) {
  Bytes bytes(1400);
  rtcp::RtcpBuilder builder{MutableBytes(bytes)};
  EXPECT_TRUE((builder.Add(messages) && ...));
  bytes.resize(builder.size());
  return bytes;
}

inline Bytes Bye(Ssrc ssrc) {
  rtcp::Bye bye;
  bye.ssrcs.Add(ssrc);
  return Rtcp(rtcp::ReceiverReport{.sender_ssrc = ssrc}, bye);
}

inline Bytes Nack(Ssrc media, const std::vector<uint16_t>& lost) {
  std::vector<SeqNum> numbers;
  for (const uint16_t s : lost) numbers.emplace_back(s);
  return Rtcp(rtcp::NackRequest{1, media, numbers});
}

inline Bytes SenderReport(Ssrc ssrc, Timestamp capture, uint32_t rtp_timestamp) {
  rtcp::SenderReport report;
  report.sender_ssrc = ssrc;
  report.ntp = NtpTime::FromUnixNanos(1'600'000'000'000'000'000 + capture.ms() * 1'000'000);
  report.rtp_timestamp = rtp_timestamp;
  return Rtcp(report);
}

class TransportFixture : public testing::Test {
 protected:
  TransportFixture() { Make({}); }

  void Make(const PlainTransportOptions& options) {
    transport_.reset();
    RtpSessionEnvironment environment;
    environment.pool = &pool_;
    environment.seed = 3;
    environment.ntp = NtpClock(Timestamp(), NtpTime::FromUnixNanos(1'700'000'000'000'000'000));
    environment.wakeup = [this](Timestamp at) { wakeups_.push_back(at); };
    transport_ = std::make_unique<PlainTransport>(options, environment, &socket_,
                                                  options.rtcp_mux ? &socket_ : &rtcp_socket_);
  }

  RtpReceiver* AddReceiver(const RtpReceiverOptions& options) {
    RtpReceiver* receiver = transport_->AddReceiver(options).value();
    receiver->SetSink(&recorder_);
    return receiver;
  }

  void Receive(Bytes bytes, const SocketAddress& from) { Deliver({{std::move(bytes), from}}); }
  // All in one wake-up.
  void Deliver(std::vector<std::pair<Bytes, SocketAddress>>&& datagrams, bool rtcp_socket = false) {
    std::vector<ReceivedDatagram> batch;
    for (auto& [bytes, from] : datagrams) batch.push_back({bytes, from, Ip(9, 5004)});
    auto& input = rtcp_socket ? transport_->rtcp_input() : transport_->rtp_input();
    input.OnDatagrams(batch, now_);
  }
  static Bytes Rtp(uint16_t sequence, Ssrc ssrc = 7, uint8_t payload_type = 96) {
    // VP8 without a key frame: S bit set, and a first byte with P set.
    return BuildRtpPacket({.ssrc = ssrc,
                           .payload_type = payload_type,
                           .sequence_number = sequence,
                           .timestamp = sequence * 3000U,
                           .payload = {0x10, 0x01, static_cast<uint8_t>(sequence), 4}});
  }

  void Advance(int64_t ms) {
    const Timestamp end = now_ + TimeDelta::Millis(ms);
    int rounds = 0;
    while (transport_->NextDeadline() <= end) {
      ASSERT_LT(++rounds, 100'000) << "a deadline that is always due";
      now_ = std::max(now_, transport_->NextDeadline());
      transport_->HandleTimeout(now_);
    }
    now_ = end;
  }

  const DropCounters& drops() {
    stats_ = transport_->session().Stats();
    return stats_.drops;
  }
  RtcpSeen TakeRtcp() { return ReadRtcp(std::exchange(socket_.sent, {})); }

  Timestamp now_ = Timestamp::FromMillis(10'000);
  RtpPacketPool pool_;
  CapturingSocket socket_;
  CapturingSocket rtcp_socket_;
  std::vector<Timestamp> wakeups_;
  BatchRecorder recorder_;
  RtpSessionStats stats_;
  std::unique_ptr<PlainTransport> transport_;
};

}  // namespace sfu::test

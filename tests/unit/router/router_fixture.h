// A room of one Producer for the router tests: makes packets, feeds them, and records what arrives.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "router/router.h"
#include "stream/batch_assembler.h"

namespace sfu {

struct SentPacket {
  uint16_t seq;
  uint32_t timestamp;
  int64_t index;
};

class RecordingSink : public RtpBatchSink {
 public:
  void OnRtpBatch(const RtpBatch& batch, Timestamp) override {
    for (const RtpBatchEntry& e : batch.entries) {
      packets.push_back({e.sequence_number, e.timestamp, e.packet->index});
    }
    ssrc = batch.ssrc;
    payload_type = batch.payload_type;
    ++batches;
  }
  std::vector<SentPacket> packets;
  Ssrc ssrc = 0;
  int payload_type = -1;
  int batches = 0;
};

class RecordingSource : public RtpSource {
 public:
  void RequestKeyFrame(Timestamp now) override { requests.push_back(now.ms()); }
  void SetPatience(TimeDelta value) override { patience = value; }
  std::vector<int64_t> requests;
  TimeDelta patience;
};

// Video at 90 kHz, codec kVp8; packets are described by hand instead of by a payload.
class RouterFixture : public testing::Test {
 protected:
  RouterFixture() : router_(1, [this](Timestamp t) { wakeups_.push_back(t.ms()); }) {
    ProducerOptions options;
    options.id = "cam";
    options.codec.id = CodecId::kVp8;
    options.codec.payload_type = 96;
    producer_ = router_.CreateProducer(options).value();
    producer_->SetUpstream(&source_);
    assembler_.SetSink(producer_);
  }

  Consumer* Consume(RtpBatchSink* sink) {
    Consumer* consumer = router_.CreateConsumer({.producer_id = "cam"}).value();
    consumer->SetSink(sink, now());
    return consumer;
  }

  struct Packet {
    int64_t index;
    bool key = false;
    uint16_t payload_size = 100;
    Ssrc ssrc = 7;
    bool recovered = false;
    int64_t late_ms = 0;  // arrival behind capture
  };

  void Add(const Packet& p) {
    RtpPacketRef packet = pool_.Allocate(200);
    packet->header.ssrc = p.ssrc;
    packet->header.payload_type = 96;
    packet->header.payload_size = p.payload_size;
    packet->header.sequence_number = static_cast<uint16_t>(p.index);
    packet->header.timestamp = static_cast<uint32_t>(p.index * 3000);
    packet->index = p.index;
    packet->arrival = now();
    packet->capture = now() - TimeDelta::Millis(p.late_ms);
    packet->recovered = p.recovered;
    packet->info.valid = true;
    packet->info.frame_start = true;
    packet->info.key_frame = p.key;
    assembler_.Add(packet);
  }
  void Flush() { assembler_.Flush(now()); }
  void Send(const Packet& p) {
    Add(p);
    Flush();
  }
  Timestamp now() const { return Timestamp::FromMillis(now_ms_); }

  int64_t now_ms_ = 1'000;
  RtpPacketPool pool_;
  std::vector<int64_t> wakeups_;
  RecordingSource source_;
  BatchAssembler assembler_{PacketRing::kVideoRetention};
  Router router_;
  Producer* producer_ = nullptr;
};

}  // namespace sfu

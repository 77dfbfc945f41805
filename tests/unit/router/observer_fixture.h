// A room of microphones for the observers' tests: virtual time in steps of 20 ms, in each of which
// every microphone sends a packet with the level that it is set to, and the Router does what is
// due.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "router/router.h"
#include "stream/batch_assembler.h"
#include "tests/support/packet_builder.h"

namespace sfu {

class ObserverFixture : public testing::Test {
 protected:
  static constexpr TimeDelta kPacketTime = TimeDelta::Millis(20);

  struct Microphone {
    Producer* producer = nullptr;
    std::optional<int> dbov = -127;  // nothing: it sends no packets
    int packets = 1;                 // per step
    int64_t index = 0;
    BatchAssembler assembler{PacketRing::kAudioRetention};
  };

  ObserverFixture() : router_(1, [this](Timestamp t) { wakeups_.push_back(t); }) {}

  Microphone& Add(const std::string& id) {
    ProducerOptions options;
    options.id = id;
    options.codec.kind = MediaKind::kAudio;
    options.codec.id = CodecId::kOpus;
    options.codec.payload_type = 111;
    options.codec.extensions[static_cast<size_t>(ExtensionType::kAudioLevel)] = 5;
    auto& microphone = microphones_[id];
    microphone = std::make_unique<Microphone>();
    microphone->producer = router_.CreateProducer(options).value();
    microphone->assembler.SetSink(microphone->producer);
    return *microphone;
  }
  Microphone& Add(const std::string& id, RtpObserver* observer) {
    Microphone& microphone = Add(id);
    EXPECT_TRUE(observer->AddProducer(microphone.producer, now_).ok());
    return microphone;
  }
  void Close(const std::string& id) {
    router_.CloseProducer(microphones_[id]->producer);
    microphones_.erase(id);
  }

  void Send(Microphone& microphone, test::Bytes extension) {
    const test::Bytes bytes = test::BuildRtpPacket(
        {.payload_type = 111, .extension = std::move(extension), .payload = test::Bytes(40)});
    const RtpPacketRef packet = test::PoolPacket(pool_, bytes, microphone.index++, now_);
    packet->FindExtensions(microphone.producer->codec().extensions);
    microphone.assembler.Add(packet);
    microphone.assembler.Flush(now_);
  }

  void Step() {
    now_ += kPacketTime;
    for (const auto& [id, microphone] : microphones_) {
      if (!microphone->dbov) continue;
      for (int i = 0; i < microphone->packets; ++i) {
        Send(*microphone, {0x50, static_cast<uint8_t>(-*microphone->dbov)});
      }
    }
    if (router_.NextDeadline() <= now_) router_.HandleTimeout(now_);
  }
  void Run(TimeDelta time) {
    for (const Timestamp end = now_ + time; now_ < end;) Step();
  }
  int64_t Since(Timestamp then) const { return (now_ - then).ms(); }

  Timestamp now_ = Timestamp::FromMillis(1'000'000);
  RtpPacketPool pool_;
  std::vector<Timestamp> wakeups_;
  Router router_;
  std::map<std::string, std::unique_ptr<Microphone>> microphones_;
};

}  // namespace sfu

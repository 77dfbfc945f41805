// A Consumer of a simulcast Producer: which encoding it gets, when it changes over, and that its
// receiver notices nothing of it.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

#include "base/random.h"
#include "router/router.h"
#include "stream/batch_assembler.h"
#include "tests/support/packet_builder.h"

namespace sfu::test {
namespace {

constexpr int kLayers = 3;
constexpr int kFrameMs = 33;
constexpr int kTicksPerMs = 90;

// What a receiver sees, and what it must never see.
class ViewerSink : public RtpBatchSink {
 public:
  void OnRtpBatch(const RtpBatch& batch, Timestamp now) override {
    for (const RtpBatchEntry& entry : batch.entries) Check(entry, now);
    EXPECT_EQ(batch.ssrc, 99u);
    encodings.push_back(static_cast<uint8_t>(batch.entries[0].packet->header.ssrc - 10));
    EXPECT_EQ(batch.encoding, 0) << "what a receiver gets is one stream";
  }

  std::vector<uint8_t> encodings;  // of each batch
  int64_t longest_gap_ms = 0;
  int64_t worst_jump_ms = 0;  // of timestamps against captures
  int packets = 0;
  bool honest_time = true;

 private:
  struct Last {
    uint16_t sequence;
    uint32_t timestamp;
    uint16_t picture_id;
    uint8_t tl0;
    Timestamp capture;
    Timestamp arrival;
  };

  void Check(const RtpBatchEntry& entry, Timestamp now) {
    const PayloadInfo& info = entry.packet->info;
    const uint16_t picture_id = entry.rewrite_vp8 ? entry.picture_id : info.picture_id;
    const uint8_t tl0 = entry.rewrite_vp8 ? entry.tl0_pic_idx : info.tl0_pic_idx;
    if (last_) {
      const bool new_frame = entry.timestamp != last_->timestamp;
      EXPECT_EQ(entry.sequence_number, static_cast<uint16_t>(last_->sequence + 1));
      EXPECT_EQ(picture_id, (last_->picture_id + (new_frame ? 1 : 0)) & 0x7FFF);
      EXPECT_EQ(tl0, static_cast<uint8_t>(last_->tl0 + (new_frame ? 1 : 0)));
    }
    if (last_ && honest_time) {
      EXPECT_GE(static_cast<int32_t>(entry.timestamp - last_->timestamp), 0);
      const int64_t passed = (entry.packet->capture - last_->capture).ms();
      const int64_t told = static_cast<int32_t>(entry.timestamp - last_->timestamp) / kTicksPerMs;
      worst_jump_ms = std::max<int64_t>(worst_jump_ms, std::abs(told - passed));
      longest_gap_ms = std::max(longest_gap_ms, (now - last_->arrival).ms());
    }
    last_ = {entry.sequence_number, entry.timestamp, picture_id, tl0, entry.packet->capture, now};
    ++packets;
  }
  std::optional<Last> last_;
};

class Simulcast : public testing::Test, public RtpSource {
 protected:
  Simulcast() {
    ProducerOptions options;
    options.id = "cam";
    options.codec = Codec();
    producer_ = router_.CreateProducer(options).value();
    producer_->SetUpstream(this);
    for (int i = 0; i < kLayers; ++i) {
      layers_[i].emplace(i, &pool_);
      layers_[i]->assembler.SetSink(producer_);
    }
    consumer_ = Consume(&viewer_);
  }
  static RtpCodec Codec() {
    RtpCodec codec;
    codec.id = CodecId::kVp8;
    codec.payload_type = 96;
    return codec;
  }
  Consumer* Consume(RtpBatchSink* sink) {
    Consumer* consumer = router_.CreateConsumer({.producer_id = "cam", .ssrc = 99}).value();
    consumer->SetSink(sink, now());
    return consumer;
  }

  // The sender answers a request with a key frame after a round trip.
  void RequestKeyFrame(Timestamp) override { ++requests_of_all_; }
  void RequestKeyFrameOf(uint8_t encoding, Timestamp) override {
    ++layers_[encoding]->requests;
    if (answers_) layers_[encoding]->key_frame_at = now_ms_ + 80;
  }
  void SetPatience(TimeDelta) override {}

  struct Layer {
    Layer(int i, RtpPacketPool* packet_pool)
        : pool(packet_pool),
          source({.ssrc = static_cast<Ssrc>(10 + i),
                  .first_sequence = static_cast<uint16_t>(20'000 * i + 5'000),
                  .first_picture_id = static_cast<uint16_t>(10'000 * i + 500),
                  .first_tl0_pic_idx = static_cast<uint8_t>(70 * i),
                  .packets_per_frame = static_cast<size_t>(i + 1)}),
          timestamp_base(0x7000'0000U * static_cast<uint32_t>(i)),
          assembler(PacketRing::kVideoRetention, static_cast<uint8_t>(i)) {}
    void Send(int64_t now_ms) {
      if (key_frame_at && *key_frame_at <= now_ms) {
        source.ForceKeyFrame();
        key_frame_at.reset();
      }
      const Timestamp now = Timestamp::FromMillis(now_ms);
      const Timestamp capture = Timestamp::FromMillis(now_ms - delay_ms);
      for (BuiltPacket& packet : source.NextFrame(capture)) {
        StoreBe32(&packet.bytes[4],
                  timestamp_base + static_cast<uint32_t>((now_ms - delay_ms) * kTicksPerMs));
        assembler.Add(PoolPacket(*pool, packet, now));
      }
      assembler.Flush(now);
    }
    RtpPacketPool* pool;
    Vp8Source source;
    uint32_t timestamp_base;
    BatchAssembler assembler;
    bool on = true;
    int64_t delay_ms = 0;  // from capture to arrival
    int requests = 0;
    std::optional<int64_t> key_frame_at;
  };

  void Run(int64_t ms) {
    for (const int64_t end = now_ms_ + ms; now_ms_ < end; now_ms_ += kFrameMs) {
      for (auto& layer : layers_) {
        if (layer->on) layer->Send(now_ms_);
      }
      if (router_.NextDeadline() <= now()) router_.HandleTimeout(now());
    }
  }
  Timestamp now() const { return Timestamp::FromMillis(now_ms_); }

  int64_t now_ms_ = 10'000;
  RtpPacketPool pool_;
  Router router_{1};
  Producer* producer_ = nullptr;
  std::array<std::optional<Layer>, kLayers> layers_;
  ViewerSink viewer_;
  Consumer* consumer_ = nullptr;
  bool answers_ = true;
  int requests_of_all_ = 0;
};

TEST_F(Simulcast, GetsTheBestEncodingSoonAndKeepsIt) {
  Run(100);
  ASSERT_FALSE(viewer_.encodings.empty());
  EXPECT_EQ(viewer_.encodings.front(), 0) << "the first key frame will do";
  Run(2000);
  EXPECT_EQ(consumer_->encoding(), 2);
  viewer_.encodings.clear();
  Run(10'000);
  EXPECT_EQ(viewer_.encodings, std::vector<uint8_t>(viewer_.encodings.size(), 2));
  EXPECT_LE(viewer_.longest_gap_ms, 2 * kFrameMs);
  EXPECT_EQ(producer_->encoding_count(), 3u);
  EXPECT_TRUE(producer_->IsAlive(0, now()));
  EXPECT_GT(producer_->EncodingBitrate(2, now()), producer_->EncodingBitrate(0, now()));
  EXPECT_EQ(producer_->encoding_stats(1).ssrc, 11u);
  EXPECT_EQ(producer_->encoding_stats(0).packets_received +
                producer_->encoding_stats(1).packets_received +
                producer_->encoding_stats(2).packets_received,
            producer_->stats().packets_received);
}

// Row 39 of the list of hostile inputs.
TEST_F(Simulcast, FallsWithinTwoSecondsAndGoesUpAgainAfterAMinute) {
  Run(3000);
  layers_[2]->on = false;
  Run(3000);
  EXPECT_EQ(consumer_->encoding(), 1);
  EXPECT_LE(viewer_.longest_gap_ms, 2000);
  EXPECT_GE(viewer_.longest_gap_ms, 1000) << "a short silence is none";
  layers_[1]->on = false;
  Run(57'000);
  EXPECT_EQ(consumer_->encoding(), 0);
  EXPECT_LE(viewer_.longest_gap_ms, 2000);
  viewer_.longest_gap_ms = 0;
  layers_[2]->on = true;
  Run(1000);
  EXPECT_EQ(consumer_->encoding(), 2);
  EXPECT_LE(viewer_.longest_gap_ms, 2 * kFrameMs) << "nothing is missed on the way up";
  EXPECT_LE(viewer_.worst_jump_ms, kFrameMs);
  EXPECT_EQ(consumer_->stats().encoding_changes, 5u) << "two at the start, two down, one up";
}

TEST_F(Simulcast, TheNextOneVanishesInTheMiddleOfTheChangeOver) {
  Run(3000);
  viewer_.longest_gap_ms = 0;
  answers_ = false;
  layers_[2]->on = false;
  Run(1300);
  layers_[1]->on = false;  // before its key frame came
  answers_ = true;
  Run(1500);
  EXPECT_EQ(consumer_->encoding(), 0);
  layers_[1]->on = true;
  Run(1000);
  EXPECT_EQ(consumer_->encoding(), 1);
}

TEST_F(Simulcast, WhenAllAreSilentNothingChanges) {
  Run(3000);
  for (auto& layer : layers_) layer->on = false;
  Run(5000);
  for (auto& layer : layers_) layer->on = true;
  Run(1000);
  EXPECT_EQ(consumer_->encoding(), 2);
}

TEST_F(Simulcast, AnEncodingWithoutKeyFramesIsAskedButDoesNotStopTheOther) {
  layers_[2]->on = false;
  Run(3000);
  ASSERT_EQ(consumer_->encoding(), 1);
  answers_ = false;
  layers_[2]->source.NextFrame(now());  // its first key frame is lost
  layers_[2]->on = true;
  viewer_.longest_gap_ms = 0;
  Run(20'000);
  EXPECT_EQ(consumer_->encoding(), 1);
  EXPECT_LE(viewer_.longest_gap_ms, 2 * kFrameMs);
  EXPECT_GE(layers_[2]->requests, 10);
  EXPECT_LE(layers_[2]->requests, 40);
  EXPECT_EQ(layers_[0]->requests, 0);
}

TEST_F(Simulcast, ARequestGoesToTheEncodingThatTheConsumerGets) {
  Run(3000);
  const std::array<int, 3> before = {layers_[0]->requests, layers_[1]->requests,
                                     layers_[2]->requests};
  consumer_->RequestKeyFrame(now());
  EXPECT_EQ(layers_[0]->requests, before[0]);
  EXPECT_EQ(layers_[1]->requests, before[1]);
  EXPECT_EQ(layers_[2]->requests, before[2] + 1);
}

// Row 26.
TEST_F(Simulcast, RequestsOfFiveHundredViewersAreFew) {
  std::vector<std::unique_ptr<ViewerSink>> sinks;
  for (int i = 0; i < 500; ++i) Consume(sinks.emplace_back(std::make_unique<ViewerSink>()).get());
  Run(3000);
  for (auto& layer : layers_) layer->requests = 0;
  for (int second = 0; second < 5; ++second) {
    for (const auto& consumer : producer_->consumers()) {
      for (int i = 0; i < 20; ++i) consumer->RequestKeyFrame(now());
    }
    Run(1000);
  }
  EXPECT_LE(layers_[2]->requests, 11);
  EXPECT_EQ(layers_[0]->requests + layers_[1]->requests, 0);
}

TEST_F(Simulcast, ChangesOfManyDelaysDoNotAddUp) {
  Random random(2);
  layers_[0]->delay_ms = 20;
  layers_[2]->delay_ms = 60;
  Run(3000);
  viewer_.worst_jump_ms = 0;
  for (int i = 0; i < 100; ++i) {
    layers_[2]->on = !layers_[2]->on;
    Run(2000 + random.U32() % 500);
  }
  EXPECT_GE(consumer_->stats().encoding_changes, 99u);
  EXPECT_LE(viewer_.worst_jump_ms, 60 + 2 * kFrameMs);
}

TEST_F(Simulcast, PausedAndResumedItBeginsAnew) {
  Run(3000);
  consumer_->Pause();
  Run(1000);
  EXPECT_EQ(consumer_->encoding(), Consumer::kNoEncoding);
  consumer_->Resume(now());
  Run(300);
  EXPECT_EQ(consumer_->encoding(), 2);
}

TEST_F(Simulcast, WhatComesLateOfAFormerEncodingStaysOut) {
  Run(3000);
  layers_[2]->on = false;
  Run(3000);
  ASSERT_EQ(consumer_->encoding(), 1);
  const int before = viewer_.packets;
  layers_[2]->assembler.Add(PoolPacket(pool_, layers_[2]->source.NextFrame(now())[1], now()));
  layers_[2]->assembler.Flush(now());
  EXPECT_EQ(viewer_.packets, before);
}

TEST_F(Simulcast, AStreamMayGrowIntoSeveral) {
  layers_[1]->on = layers_[2]->on = false;
  Run(2000);
  EXPECT_FALSE(producer_->is_simulcast());
  EXPECT_EQ(requests_of_all_, 1);
  layers_[1]->on = true;
  Run(1000);
  EXPECT_EQ(consumer_->encoding(), 1);
  EXPECT_LE(viewer_.longest_gap_ms, 2 * kFrameMs);
}

// Row 24: captures and timestamps that lie.
TEST_F(Simulcast, LiesAboutTimeKeepTheReceiverMonotonic) {
  Random random(7);
  Run(3000);
  viewer_.honest_time = false;
  for (int i = 0; i < 200; ++i) {
    layers_[2]->on = random.U32() % 2 == 0;
    for (auto& layer : layers_) {
      layer->timestamp_base += random.U32() % 4 == 0 ? random.U32() : 0;
      layer->key_frame_at = now_ms_;
    }
    Run(1500);
  }
  EXPECT_GT(viewer_.packets, 10'000);
  EXPECT_GT(consumer_->stats().encoding_changes, 50u);
}

TEST_F(Simulcast, MoreEncodingsThanThereMayBeAreDropped) {
  RtpBatch batch;
  batch.encoding = Producer::kMaxEncodings;
  batch.entries.resize(2);
  producer_->OnRtpBatch(batch, now());
  EXPECT_EQ(producer_->stats().drops[DropReason::kTooManyStreams], 2u);
  EXPECT_EQ(producer_->encoding_count(), 1u);
}

}  // namespace
}  // namespace sfu::test

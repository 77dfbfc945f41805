// Loss and its repair from end to end, in virtual time: sender → SFU (Receive, Route, Select, Send)
// → receiver, each hop with an emulated network that loses RTP and RTCP alike.
#include <gtest/gtest.h>

#include <string>

#include "router/router.h"
#include "stream/local_ingress.h"
#include "stream/reorder_buffer.h"
#include "tests/support/media.h"
#include "tests/support/packet_builder.h"
#include "tests/unit/transport/virtual_network.h"

namespace sfu::test {
namespace {

// The end of a chain: delivers in order after a wait, as a foreign branch does.
class OrderedReader : public RtpBatchSink {
 public:
  explicit OrderedReader(TimeDelta latency) : buffer_(latency) {}
  void OnRtpBatch(const RtpBatch& batch, Timestamp now) override {
    out_.clear();
    buffer_.Push(batch.entries, now, out_);
    Count(now);
  }
  void Poll(Timestamp now) {
    out_.clear();
    buffer_.Poll(now, out_);
    Count(now);
  }
  Timestamp NextDeadline() const { return buffer_.NextDeadline(); }
  uint64_t delivered() const { return delivered_; }
  // How long after its capture a packet left, in the sum over all.
  TimeDelta total_delay() const { return total_delay_; }

 private:
  void Count(Timestamp now) {
    delivered_ += out_.size();
    for (const OrderedPacket& ordered : out_) total_delay_ += now - ordered.packet->capture;
  }
  ReorderBuffer buffer_;
  std::vector<OrderedPacket> out_;
  uint64_t delivered_ = 0;
  TimeDelta total_delay_;
};

NetworkOptions Path(uint64_t seed, double loss, int delay_ms) {
  NetworkOptions options;
  options.seed = seed;
  options.loss = loss;
  options.delay = TimeDelta::Millis(delay_ms);
  return options;
}

// encoder → a ══uplink══ b → Router → c ══downlink══ d → reader; and a patient branch at the
// Router.
class Chain {
 public:
  struct Options {
    NetworkOptions up;
    NetworkOptions up_back;
    NetworkOptions down;
    NetworkOptions down_back;
    bool rtx = false;
    TimeDelta patience = TimeDelta::Zero();  // of the archive branch; 0: there is none
  };

  explicit Chain(const Options& options)
      : uplink_(options.up, options.up_back, &pool_),
        downlink_(options.down, options.down_back, &pool_),
        router_(7),
        ingress_(&pool_, Vp8Codec(false)),
        reader_(TimeDelta::Millis(200)),
        archive_(options.patience) {
    const RtpCodec codec = Vp8Codec(options.rtx);
    RtpSenderOptions sender;
    sender.codec = codec;
    sender.repair_share = 1.0;
    ingress_.SetSink(uplink_.a().AddSender(sender).value());
    RtpReceiver* receiver = uplink_.b().AddReceiver({.codec = codec}).value();
    Producer* producer = router_.CreateProducer({.id = "p", .codec = codec}).value();
    receiver->SetSink(producer);
    producer->SetUpstream(receiver);
    RtpSender* out = downlink_.a().AddSender({.codec = codec}).value();
    Consumer* live = router_.CreateConsumer({.producer_id = "p"}).value();
    out->SetSource(live);
    live->SetSink(out, now_);
    last_ = downlink_.b().AddReceiver({.codec = codec}).value();
    last_->SetSink(&reader_);
    if (options.patience > TimeDelta::Zero()) {
      Consumer* patient = router_.CreateConsumer({.producer_id = "p"}).value();
      patient->SetPatience(options.patience);
      patient->SetSink(&archive_, now_);
    }
    up_receiver_ = receiver;
  }

  // Sends for `seconds`, then lets repair finish.
  void Run(int seconds, Vp8Source* source) {
    Timestamp next_frame = now_;
    const Timestamp end = now_ + TimeDelta::Seconds(seconds);
    const Timestamp quiet = end + TimeDelta::Seconds(5);
    while (now_ < quiet) {
      if (now_ < end && now_ >= next_frame) {
        uplink_.SetNow(now_);
        for (const BuiltPacket& packet : source->NextFrame(now_)) {
          ingress_.Push(packet.bytes, now_, now_);
          ++sent_;
        }
        ingress_.Flush(now_);
        next_frame += source->frame_interval();
      }
      uplink_.SetNow(now_);
      downlink_.SetNow(now_);
      uplink_.Run(now_);
      router_.HandleTimeout(now_);
      downlink_.Run(now_);
      reader_.Poll(now_);
      archive_.Poll(now_);
      now_ = Next(now_ < end ? next_frame : quiet);
    }
  }

  Timestamp Next(Timestamp limit) const {
    const Timestamp next =
        std::min({uplink_.NextDeadline(), downlink_.NextDeadline(), router_.NextDeadline(),
                  reader_.NextDeadline(), archive_.NextDeadline(), limit});
    return std::max(next, now_ + TimeDelta::Micros(100));
  }

  uint64_t sent() const { return sent_; }
  double Residual() const {
    return 1.0 - static_cast<double>(reader_.delivered()) / static_cast<double>(sent_);
  }
  OrderedReader& archive() { return archive_; }
  OrderedReader& reader() { return reader_; }
  VirtualLink& uplink() { return uplink_; }
  VirtualLink& downlink() { return downlink_; }
  RtpReceiverStats UpStats() const { return up_receiver_->Stats(now_); }
  RtpReceiverStats DownStats() const { return last_->Stats(now_); }

 private:
  Timestamp now_ = Timestamp::FromMillis(10'000);
  RtpPacketPool pool_;
  VirtualLink uplink_;
  VirtualLink downlink_;
  Router router_;
  LocalIngress ingress_;
  OrderedReader reader_;
  OrderedReader archive_;
  RtpReceiver* up_receiver_ = nullptr;
  RtpReceiver* last_ = nullptr;
  uint64_t sent_ = 0;
};

enum class Lossy { kUplink, kDownlink, kBoth };

struct LossCase {
  double loss;
  double residual;  // that the reader may miss, all ways together
  Lossy where;
  bool rtx;
};

class LossTest : public testing::TestWithParam<LossCase> {};

// Retransmissions per packet that was lost, retransmissions included.
void ExpectFewRetransmissions(VirtualLink& link, uint64_t sent, double loss) {
  const NetworkStats path = link.a_socket().path().stats();
  const uint64_t retransmitted = path.sent - sent;
  // Reports are among what was sent: some 1.3 datagrams per second of 300 packets.
  const double reports = 1.6 / 300 * static_cast<double>(sent);
  EXPECT_LE(static_cast<double>(retransmitted) - reports, 1.2 * static_cast<double>(path.lost))
      << retransmitted << " for " << path.lost;
  EXPECT_GT(static_cast<double>(path.lost), loss * 0.93 * static_cast<double>(sent));
}

TEST_P(LossTest, IsRepairedWithFewRetransmissions) {
  const LossCase& c = GetParam();
  const double up = c.where == Lossy::kDownlink ? 0 : c.loss;
  const double down = c.where == Lossy::kUplink ? 0 : c.loss;
  Chain chain({.up = Path(1, up, 25),
               .up_back = Path(2, up, 25),
               .down = Path(3, down, 25),
               .down_back = Path(4, down, 25),
               .rtx = c.rtx});
  Vp8Source source({.packets_per_frame = 10});
  chain.Run(1000, &source);
  ASSERT_GT(chain.sent(), 290'000u);
  RecordProperty("residual", std::to_string(chain.Residual()));
  EXPECT_LE(chain.Residual(), c.residual);
  if (up > 0) ExpectFewRetransmissions(chain.uplink(), chain.sent(), up);
  if (down > 0) ExpectFewRetransmissions(chain.downlink(), chain.sent(), down);
}

INSTANTIATE_TEST_SUITE_P(Grid, LossTest,
                         testing::Values(LossCase{0.05, 0.00004, Lossy::kUplink, false},
                                         LossCase{0.05, 0.00004, Lossy::kDownlink, false},
                                         LossCase{0.05, 0.0001, Lossy::kBoth, false},
                                         LossCase{0.05, 0.0001, Lossy::kBoth, true},
                                         LossCase{0.10, 0.0004, Lossy::kUplink, false},
                                         LossCase{0.10, 0.0004, Lossy::kDownlink, true},
                                         LossCase{0.10, 0.002, Lossy::kBoth, false},
                                         LossCase{0.10, 0.002, Lossy::kBoth, true}));

Chain::Options VeryLossy(TimeDelta patience) {
  return {.up = Path(1, 0.2, 25),
          .up_back = Path(2, 0.2, 25),
          .down = Path(3, 0, 5),
          .down_back = Path(4, 0, 5),
          .patience = patience};
}

TEST(Archive, HoldsEveryPacketOfAVeryLossyUplink) {
  Chain chain(VeryLossy(TimeDelta::Seconds(3)));
  Vp8Source source({.packets_per_frame = 10});
  chain.Run(60, &source);
  EXPECT_EQ(chain.archive().delivered(), chain.sent());
}

TEST(Archive, DoesNotDelayTheLiveConsumers) {
  Chain with(VeryLossy(TimeDelta::Seconds(3)));
  Chain without(VeryLossy(TimeDelta::Zero()));
  Vp8Source source({.packets_per_frame = 10});
  Vp8Source same_source({.packets_per_frame = 10});
  with.Run(60, &source);
  without.Run(60, &same_source);
  const auto mean_ms = [](const OrderedReader& reader) {
    return reader.total_delay().seconds() * 1e3 / static_cast<double>(reader.delivered());
  };
  EXPECT_NEAR(mean_ms(with.reader()), mean_ms(without.reader()), 1.0);
  EXPECT_LT(mean_ms(with.reader()), 150.0);
}

TEST(Archive, HoldsEveryPacketOfAnOutage) {
  NetworkOptions up = Path(1, 0, 25);
  const Timestamp from = Timestamp::FromMillis(15'000);
  up.outages = {{from, from + TimeDelta::Seconds(1)}};
  NetworkOptions back = Path(2, 0, 25);
  back.outages = up.outages;
  Chain chain({.up = up,
               .up_back = back,
               .down = Path(3, 0, 5),
               .down_back = Path(4, 0, 5),
               .patience = TimeDelta::Seconds(3)});
  Vp8Source source({.packets_per_frame = 10});
  chain.Run(20, &source);
  EXPECT_EQ(chain.archive().delivered(), chain.sent());
  EXPECT_GT(chain.uplink().a_socket().path().stats().lost_in_outage, 290u);
}

}  // namespace
}  // namespace sfu::test

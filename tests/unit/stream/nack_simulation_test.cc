// How well loss is repaired, and at what cost: a sender, a path with loss and delay both ways, and
// a receiver with a reader that waits so long and no longer; in virtual time.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "stream/nack_generator.h"
#include "stream/received_stream.h"

namespace sfu {
namespace {

struct Path {
  double loss = 0;  // of media, retransmissions and RTCP alike, each packet by itself
  TimeDelta one_way = TimeDelta::Millis(25);
  TimeDelta jitter;  // up to this much more, uniform; packets overtake each other
  TimeDelta assumed_rtt = TimeDelta::Millis(50);  // what the receiver is told
  // The peer sends a packet again for each request, also when it has just done so.
  bool answers_each = false;
  // Media and retransmissions sent in this time are lost, too.
  Timestamp outage_begin = Timestamp::Never();
  Timestamp outage_end = Timestamp::Never();
};

struct Media {
  int packets = 1'000'000;
  int packets_per_frame = 1;
  TimeDelta frame_interval = TimeDelta::Millis(20);
  TimeDelta packet_spacing = TimeDelta::Micros(500);  // within a frame
};

struct Outcome {
  double residual = 0;        // of all packets: not there when the reader gave up
  double cost = 0;            // retransmissions sent per packet lost
  double nacks_per_loss = 0;  // NACK messages per packet lost
  bool key_frame_wanted = false;
};

class Simulation {
 public:
  Simulation(const Path& path, const Media& media, TimeDelta reader_waits, TimeDelta patience)
      : path_(path), media_(media), reader_waits_(reader_waits), random_(1234) {
    nack_.SetRtt(path.assumed_rtt);
    nack_.SetPatience(patience);
  }

  Outcome Run() {
    expected_at_.resize(static_cast<size_t>(media_.packets));
    in_time_.resize(static_cast<size_t>(media_.packets));
    answered_at_.resize(static_cast<size_t>(media_.packets));
    Timestamp frame_at = Timestamp::FromMillis(1000);
    int in_frame = 0;
    int sent = 0;
    Timestamp end = Timestamp::Never();
    while (true) {
      const Timestamp send_at =
          sent < media_.packets ? frame_at + media_.packet_spacing * in_frame : Timestamp::Never();
      const Timestamp event_at = events_.empty() ? Timestamp::Never() : events_.top().at;
      const Timestamp now = std::min({send_at, event_at, nack_.NextDeadline()});
      if (now.is_never() || now > end) break;
      if (now == send_at) {
        SendMedia(sent++, now);
        if (++in_frame == media_.packets_per_frame) {
          in_frame = 0;
          frame_at += media_.frame_interval;
        }
        if (sent == media_.packets) end = now + TimeDelta::Seconds(10);
      } else if (now == event_at) {
        const Event event = events_.top();
        events_.pop();
        event.is_nack ? Retransmit(event.packet, now) : Arrive(event, now);
      } else {
        SendNack(now);
      }
      if (nack_.TakeKeyFrameWanted()) outcome_.key_frame_wanted = true;
    }
    int64_t missing = 0;
    for (const bool in_time : in_time_) missing += in_time ? 0 : 1;
    outcome_.residual = static_cast<double>(missing) / media_.packets;
    outcome_.cost = static_cast<double>(retransmissions_) / static_cast<double>(lost_);
    outcome_.nacks_per_loss =
        static_cast<double>(nack_.nack_messages()) / static_cast<double>(lost_);
    return outcome_;
  }

 private:
  struct Event {
    Timestamp at;
    int packet = 0;
    bool is_nack = false;
    bool repaired = false;
    bool operator<(const Event& o) const { return at > o.at; }  // the earliest on top
  };

  Timestamp After(Timestamp now) {
    return now + path_.one_way +
           TimeDelta::Nanos(
               static_cast<int64_t>(random_.Unit() * static_cast<double>(path_.jitter.ns())));
  }
  bool Lost(Timestamp now) {
    return random_.Unit() < path_.loss || (now >= path_.outage_begin && now < path_.outage_end);
  }

  void SendMedia(int packet, Timestamp now) {
    expected_at_[static_cast<size_t>(packet)] = now + path_.one_way;
    // The very first packet is spared: nobody could know of it.
    if (packet > 0 && Lost(now)) {
      ++lost_;
    } else {
      events_.push({.at = After(now), .packet = packet});
    }
  }
  void Retransmit(int packet, Timestamp now) {
    Timestamp& last = answered_at_[static_cast<size_t>(packet)];
    const TimeDelta round_trip = path_.one_way * 2;
    if (!path_.answers_each && now - last < round_trip - round_trip / 8) return;
    last = now;
    ++retransmissions_;
    if (!Lost(now)) events_.push({.at = After(now), .packet = packet, .repaired = true});
  }
  void SendNack(Timestamp now) {
    const auto sequences = nack_.Poll(now);
    if (random_.Unit() < path_.loss) return;
    const Timestamp at = After(now);
    for (const SeqNum sequence : sequences) {
      const int64_t index = stream_.Peek(sequence.value());
      events_.push({.at = at, .packet = static_cast<int>(index - first_index_), .is_nack = true});
    }
  }
  void Arrive(const Event& event, Timestamp now) {
    const ArrivalResult result =
        stream_.Accept(static_cast<uint16_t>(event.packet),
                       static_cast<uint32_t>(event.packet) * 90, 1000, now, event.repaired);
    if (!result.accepted()) {
      nack_.OnDuplicate(stream_.Peek(static_cast<uint16_t>(event.packet)), now);
      return;
    }
    if (result.restarted) {
      first_index_ = result.first_index - event.packet;
      nack_.Restart(result.first_index);
    }
    nack_.OnReceived(result.index, now);
    const auto i = static_cast<size_t>(event.packet);
    in_time_[i] = now <= expected_at_[i] + reader_waits_;
  }

  const Path path_;
  const Media media_;
  const TimeDelta reader_waits_;
  Random random_;
  ReceivedStream stream_{1, 90'000};
  NackGenerator nack_;
  std::priority_queue<Event> events_;
  std::vector<Timestamp> expected_at_;
  std::vector<bool> in_time_;
  std::vector<Timestamp> answered_at_;
  int64_t first_index_ = 0;
  int64_t lost_ = 0;
  int64_t retransmissions_ = 0;
  Outcome outcome_;
};

// 20 ms between packets: a gap shows late.
constexpr Media kAudio = {};
// 2 Mb/s at 30 frames per second.
constexpr Media kVideo = {.packets_per_frame = 7, .frame_interval = TimeDelta::Micros(33'333)};
constexpr TimeDelta kReaderWaits = TimeDelta::Millis(200);
constexpr TimeDelta kLive = TimeDelta::Zero();

Outcome Live(const Path& path, const Media& media) {
  const Outcome outcome = Simulation(path, media, kReaderWaits, kLive).Run();
  testing::Test::RecordProperty("residual", std::to_string(outcome.residual));
  testing::Test::RecordProperty("retransmissions_per_loss", std::to_string(outcome.cost));
  testing::Test::RecordProperty("nacks_per_loss", std::to_string(outcome.nacks_per_loss));
  return outcome;
}

TEST(NackSimulationTest, FivePercentOfVideo) {
  const Outcome outcome = Live({.loss = 0.05}, kVideo);
  EXPECT_LE(outcome.residual, 0.00004);
  EXPECT_LE(outcome.cost, 1.1);
}

TEST(NackSimulationTest, TenPercentOfVideo) {
  const Outcome outcome = Live({.loss = 0.10}, kVideo);
  EXPECT_LE(outcome.residual, 0.0004);
  EXPECT_LE(outcome.cost, 1.15);
}

TEST(NackSimulationTest, FivePercentOfAudio) {
  const Outcome outcome = Live({.loss = 0.05}, kAudio);
  EXPECT_LE(outcome.residual, 0.00006);
  EXPECT_LE(outcome.cost, 1.1);
}

TEST(NackSimulationTest, TenPercentOfAudio) {
  const Outcome outcome = Live({.loss = 0.10}, kAudio);
  EXPECT_LE(outcome.residual, 0.0008);
  EXPECT_LE(outcome.cost, 1.15);
}

TEST(NackSimulationTest, APeerThatAnswersEachRequestCostsLittleMore) {
  for (const auto& [loss, residual] : {std::pair(0.05, 0.0001), {0.10, 0.002}}) {
    const Outcome outcome = Live({.loss = loss, .answers_each = true}, kVideo);
    EXPECT_LE(outcome.residual, residual);
    EXPECT_LE(outcome.cost, 1.2);
  }
}

TEST(NackSimulationTest, JitterCostsNoSecondRetransmission) {
  // Round trips of 40 to 56 ms.
  const Outcome outcome = Live(
      {.loss = 0.05, .one_way = TimeDelta::Millis(20), .jitter = TimeDelta::Millis(8)}, kVideo);
  EXPECT_LE(outcome.residual, 0.00015);
  EXPECT_LE(outcome.cost, 1.2);
}

TEST(NackSimulationTest, AWrongRoundTripTimeIsCorrected) {
  const Outcome outcome = Live({.loss = 0.05, .assumed_rtt = TimeDelta::Millis(10)}, kVideo);
  EXPECT_LE(outcome.residual, 0.0001);
  EXPECT_LE(outcome.cost, 1.2);
}

TEST(NackSimulationTest, ReorderingAloneCostsLittle) {
  // Packets 0.5 ms apart that are up to 4 ms late overtake each other all the time.
  const Outcome outcome = Live(
      {.loss = 0.01, .one_way = TimeDelta::Millis(23), .jitter = TimeDelta::Millis(4)}, kVideo);
  EXPECT_LE(outcome.cost, 1.2);
}

TEST(NackSimulationTest, APatientReaderGetsAllInSpiteOfOutageAndLoss) {
  const Media media = {
      .packets = 20'000, .packets_per_frame = 7, .frame_interval = TimeDelta::Micros(33'333)};
  const Path path = {.loss = 0.2,
                     .outage_begin = Timestamp::FromMillis(20'000),
                     .outage_end = Timestamp::FromMillis(21'000)};
  const TimeDelta patience = TimeDelta::Seconds(3);
  const Outcome patient = Simulation(path, media, patience, patience).Run();
  EXPECT_EQ(patient.residual, 0.0);
  EXPECT_LE(patient.cost, 1.3);
  // The same path without patience: some packets run out of tries, and a key frame is asked for.
  const Outcome live = Simulation(path, media, patience, kLive).Run();
  EXPECT_GT(live.residual, 0.0);
  EXPECT_TRUE(live.key_frame_wanted);
}

}  // namespace
}  // namespace sfu

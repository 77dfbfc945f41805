// The dominant speaker: found soon, kept over pauses, and not taken in by noise or by lies.
#include "router/active_speaker_observer.h"

#include <gmock/gmock.h>

#include "base/random.h"
#include "tests/unit/router/observer_fixture.h"

namespace sfu {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ActiveSpeakerTest : public ObserverFixture {
 protected:
  ActiveSpeakerTest() : observer_(Observe({})) {}

  ActiveSpeakerObserver* Observe(const ActiveSpeakerOptions& options) {
    return router_
        .CreateActiveSpeakerObserver(options,
                                     [this](Producer* dominant) {
                                       heard_.push_back(dominant == nullptr ? "" : dominant->id());
                                       heard_at_.push_back(now_);
                                     })
        .value();
  }

  std::vector<std::string> heard_;
  std::vector<Timestamp> heard_at_;
  ActiveSpeakerObserver* observer_;
};

TEST_F(ActiveSpeakerTest, IsFoundWithinASecond) {
  Microphone& ann = Add("ann", observer_);
  Add("bob", observer_);
  Run(TimeDelta::Seconds(5));
  EXPECT_THAT(heard_, IsEmpty()) << "nobody has spoken";
  const Timestamp began = now_;
  ann.dbov = -20;
  Run(TimeDelta::Seconds(3));
  ASSERT_THAT(heard_, ElementsAre("ann"));
  EXPECT_LE((heard_at_[0] - began).ms(), 1000);
  EXPECT_EQ(observer_->dominant(), ann.producer);
}

TEST_F(ActiveSpeakerTest, FollowsTheConversation) {
  Microphone& ann = Add("ann", observer_);
  Microphone& bob = Add("bob", observer_);
  for (int turn = 0; turn < 3; ++turn) {
    ann.dbov = -25;
    bob.dbov = -90;
    Run(TimeDelta::Seconds(4));
    std::swap(ann.dbov, bob.dbov);
    const Timestamp began = now_;
    Run(TimeDelta::Seconds(4));
    EXPECT_LE((heard_at_.back() - began).ms(), 1500);
  }
  EXPECT_THAT(heard_, ElementsAre("ann", "bob", "ann", "bob", "ann", "bob"));
}

TEST_F(ActiveSpeakerTest, ACoughDoesNotMakeOneAndABreathDoesNotEndOne) {
  Microphone& ann = Add("ann", observer_);
  Microphone& bob = Add("bob", observer_);
  ann.dbov = -25;
  Run(TimeDelta::Seconds(3));
  for (int i = 0; i < 10; ++i) {
    bob.dbov = -10;
    Run(TimeDelta::Millis(80));
    bob.dbov = -90;
    Run(TimeDelta::Seconds(1));
  }
  ann.dbov = -90;
  Run(TimeDelta::Seconds(10));
  EXPECT_THAT(heard_, ElementsAre("ann"));
  EXPECT_EQ(observer_->dominant(), ann.producer) << "nobody else has spoken";
}

TEST_F(ActiveSpeakerTest, SteadyNoiseBecomesSilence) {
  Microphone& fan = Add("fan", observer_);
  Microphone& ann = Add("ann", observer_);
  fan.dbov = -40;
  Run(TimeDelta::Seconds(20));
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    ann.dbov = -20 - static_cast<int>(random.Unit() * 20);
    if (i % 20 == 19) ann.dbov = -80;
    Step();
  }
  EXPECT_EQ(observer_->dominant(), ann.producer);
  ann.dbov = -127;
  Run(TimeDelta::Seconds(10));
  EXPECT_EQ(observer_->dominant(), ann.producer) << "the fan has said nothing new";
}

TEST_F(ActiveSpeakerTest, WhenTheDominantOneGoesAnotherIsFoundAtOnce) {
  Microphone& ann = Add("ann", observer_);
  Microphone& bob = Add("bob", observer_);
  ann.dbov = -20;
  Run(TimeDelta::Seconds(2));
  bob.dbov = -20;
  Run(TimeDelta::Seconds(1));
  EXPECT_THAT(heard_, ElementsAre("ann")) << "both speak: there is no reason to change";
  wakeups_.clear();
  Close("ann");
  EXPECT_EQ(observer_->dominant(), nullptr);
  ASSERT_FALSE(wakeups_.empty());
  EXPECT_LE(wakeups_.back(), now_);
  router_.HandleTimeout(now_);
  EXPECT_THAT(heard_, ElementsAre("ann", "bob"));
  observer_->RemoveProducer(bob.producer);
  router_.HandleTimeout(now_);
  EXPECT_THAT(heard_, ElementsAre("ann", "bob", ""));
  EXPECT_TRUE(router_.NextDeadline().is_never()) << "nobody is left to be watched";
}

TEST_F(ActiveSpeakerTest, WhoStopsSendingGivesWay) {
  Microphone& ann = Add("ann", observer_);
  Microphone& bob = Add("bob", observer_);
  ann.dbov = -20;
  Run(TimeDelta::Seconds(3));
  ann.dbov.reset();
  bob.dbov = -30;
  const Timestamp began = now_;
  Run(TimeDelta::Seconds(3));
  ASSERT_THAT(heard_, ElementsAre("ann", "bob"));
  EXPECT_LE((heard_at_[1] - began).ms(), 1500);
}

TEST_F(ActiveSpeakerTest, APausedProducerIsNotHeard) {
  Microphone& ann = Add("ann", observer_);
  Microphone& bob = Add("bob", observer_);
  ann.dbov = bob.dbov = -20;
  bob.producer->Pause();
  Run(TimeDelta::Seconds(3));
  EXPECT_THAT(heard_, ElementsAre("ann"));
  ann.producer->Pause();
  Run(TimeDelta::Seconds(3));
  EXPECT_EQ(observer_->dominant(), ann.producer) << "nobody else has spoken";
  bob.producer->Resume(now_);
  Run(TimeDelta::Seconds(2));
  EXPECT_THAT(heard_, ElementsAre("ann", "bob"));
}

TEST_F(ActiveSpeakerTest, WhilePausedItFindsNothingAndNeedsNoTimer) {
  Microphone& ann = Add("ann", observer_);
  observer_->Pause();
  ann.dbov = -20;
  Run(TimeDelta::Seconds(3));
  EXPECT_THAT(heard_, IsEmpty());
  EXPECT_TRUE(router_.NextDeadline().is_never());
  observer_->Resume(now_);
  Step();
  router_.HandleTimeout(now_ + TimeDelta::Millis(1));
  EXPECT_THAT(heard_, IsEmpty()) << "what was said before does not count";
  Run(TimeDelta::Seconds(2));
  EXPECT_THAT(heard_, ElementsAre("ann"));
}

TEST_F(ActiveSpeakerTest, IsDecidedOncePerInterval) {
  Add("ann", observer_);
  const Timestamp added = now_;
  EXPECT_EQ(router_.NextDeadline(), added + TimeDelta::Millis(300));
  router_.HandleTimeout(added + TimeDelta::Millis(299));
  EXPECT_EQ(router_.NextDeadline(), added + TimeDelta::Millis(300));
  router_.HandleTimeout(added + TimeDelta::Seconds(60));
  EXPECT_EQ(router_.NextDeadline(), added + TimeDelta::Millis(60'300)) << "no catching up";
}

// A flood counts no more than its newest packet; a level that never changes is no speech; what is
// no audio level is no level.
TEST_F(ActiveSpeakerTest, LiesDoNotHelpForLong) {
  Microphone& liar = Add("liar", observer_);
  Microphone& ann = Add("ann", observer_);
  liar.dbov = 0;
  liar.packets = 50;
  Run(TimeDelta::Seconds(20));
  liar.packets = 1;
  for (int i = 0; i < 100; ++i) {
    ann.dbov = i % 10 == 9 ? -70 : -30;
    Step();
  }
  EXPECT_EQ(observer_->dominant(), ann.producer);
}

TEST_F(ActiveSpeakerTest, ExtensionsOfWrongSizesAreSurvived) {
  Microphone& ann = Add("ann", observer_);
  ann.dbov.reset();
  Random random(7);
  for (int i = 0; i < 2'000; ++i) {
    test::Bytes extension(random.U32() % 12);
    for (uint8_t& byte : extension) byte = static_cast<uint8_t>(random.U32());
    if (!extension.empty()) extension[0] = static_cast<uint8_t>(0x50 | (extension[0] & 0x0f));
    Send(ann, extension);
    if (i % 4 == 0) Step();
  }
  EXPECT_LE(heard_.size(), 1u);
}

TEST_F(ActiveSpeakerTest, FindsOneOfAThousand) {
  for (int i = 0; i < 1'000; ++i) Add("mic" + std::to_string(i), observer_);
  Run(TimeDelta::Millis(500));
  microphones_["mic777"]->dbov = -20;
  Run(TimeDelta::Seconds(2));
  EXPECT_THAT(heard_, ElementsAre("mic777"));
}

TEST_F(ActiveSpeakerTest, WatchesAudioAndNothingTwice) {
  Microphone& ann = Add("ann", observer_);
  EXPECT_EQ(observer_->AddProducer(ann.producer, now_).error().field, "producer");
  ProducerOptions video;
  video.id = "cam";
  Producer* cam = router_.CreateProducer(video).value();
  EXPECT_EQ(observer_->AddProducer(cam, now_).error().field, "producer");
  EXPECT_EQ(observer_->producer_count(), 1u);
  observer_->RemoveProducer(cam);
  EXPECT_EQ(observer_->producer_count(), 1u);
}

TEST_F(ActiveSpeakerTest, RefusesIntervalsOutOfRange) {
  for (const int64_t ms : {99, 5'001}) {
    const auto made =
        router_.CreateActiveSpeakerObserver({.interval = TimeDelta::Millis(ms)}, nullptr);
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(made.error().field, "interval");
  }
}

// The listener closes its observer and the speaker; another observer goes on.
TEST_F(ActiveSpeakerTest, AListenerMayCloseEverything) {
  Microphone& ann = Add("ann", observer_);
  ActiveSpeakerObserver* closing = nullptr;
  int calls = 0;
  closing = router_
                .CreateActiveSpeakerObserver({},
                                             [&](Producer*) {
                                               ++calls;
                                               router_.CloseObserver(closing);
                                               Close("ann");
                                             })
                .value();
  ASSERT_TRUE(closing->AddProducer(ann.producer, now_).ok());
  ann.dbov = -20;
  Run(TimeDelta::Seconds(2));
  EXPECT_EQ(calls, 1);
  EXPECT_THAT(heard_, ElementsAre("ann", ""));
  EXPECT_EQ(router_.producer_count(), 0u);
}

}  // namespace
}  // namespace sfu

// Volumes and silence.
#include "router/audio_level_observer.h"

#include <gmock/gmock.h>

#include "tests/unit/router/observer_fixture.h"

namespace sfu {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AudioLevelTest : public ObserverFixture {
 protected:
  AudioLevelObserver* Observe(const AudioLevelOptions& options) {
    return router_
        .CreateAudioLevelObserver(options,
                                  [this](std::span<const ProducerVolume> volumes) {
                                    std::string line;
                                    for (const auto& [producer, volume] : volumes) {
                                      line += producer->id() + std::to_string(volume) + " ";
                                    }
                                    reports_.push_back(line.empty() ? "silence" : line);
                                  })
        .value();
  }

  std::vector<std::string> reports_;
};

TEST_F(AudioLevelTest, TellsTheLoudestAndThenSilenceOnce) {
  AudioLevelObserver* observer = Observe({});
  Microphone& ann = Add("ann", observer);
  Microphone& bob = Add("bob", observer);
  Run(TimeDelta::Seconds(3));
  EXPECT_THAT(reports_, IsEmpty()) << "it was silent before";
  ann.dbov = -50;
  bob.dbov = -30;
  Run(TimeDelta::Seconds(2));
  EXPECT_THAT(reports_, ElementsAre("bob-30 ", "bob-30 "));
  ann.dbov = bob.dbov = -81;
  Run(TimeDelta::Seconds(3));
  EXPECT_THAT(reports_, ElementsAre("bob-30 ", "bob-30 ", "silence"));
}

TEST_F(AudioLevelTest, TellsAsManyAsAskedTheLoudestFirst) {
  AudioLevelObserver* observer = Observe({.max_entries = 3});
  for (int i = 0; i < 5; ++i)
    Add(std::string(1, static_cast<char>('a' + i)), observer).dbov = -70 + 10 * i;
  Run(TimeDelta::Seconds(1));
  EXPECT_THAT(reports_, ElementsAre("e-30 d-40 c-50 "));
}

TEST_F(AudioLevelTest, TakesTheMeanOfAnInterval) {
  AudioLevelObserver* observer = Observe({.interval = TimeDelta::Millis(400)});
  Microphone& ann = Add("ann", observer);
  for (int i = 0; i < 20; ++i) {
    ann.dbov = i % 2 == 0 ? -20 : -41;
    Step();
  }
  EXPECT_THAT(reports_, ElementsAre("ann-31 "));
}

TEST_F(AudioLevelTest, ThresholdIsIncluded) {
  AudioLevelObserver* observer = Observe({.threshold = -60});
  Microphone& ann = Add("ann", observer);
  ann.dbov = -60;
  Run(TimeDelta::Seconds(1));
  ann.dbov = -61;
  Run(TimeDelta::Seconds(1));
  EXPECT_THAT(reports_, ElementsAre("ann-60 ", "silence"));
}

TEST_F(AudioLevelTest, AFewPacketsAreNoVoice) {
  AudioLevelObserver* observer = Observe({});
  Microphone& ann = Add("ann", observer);
  ann.dbov = -10;
  Run(TimeDelta::Millis(180));
  ann.dbov.reset();
  Run(TimeDelta::Seconds(2));
  EXPECT_THAT(reports_, IsEmpty());
}

TEST_F(AudioLevelTest, WhoStopsSendingOrIsPausedIsSilent) {
  AudioLevelObserver* observer = Observe({});
  Microphone& ann = Add("ann", observer);
  ann.dbov = -10;
  Run(TimeDelta::Seconds(1));
  ann.dbov.reset();
  Run(TimeDelta::Seconds(1));
  EXPECT_THAT(reports_, ElementsAre("ann-10 ", "silence"));
  ann.dbov = -10;
  Run(TimeDelta::Millis(900));
  ann.producer->Pause();
  Run(TimeDelta::Seconds(2));
  EXPECT_EQ(reports_.size(), 2u);
}

TEST_F(AudioLevelTest, TheLastOneToGoLeavesSilenceAtOnce) {
  AudioLevelObserver* observer = Observe({});
  Add("ann", observer).dbov = -10;
  Add("bob", observer).dbov = -10;
  Run(TimeDelta::Seconds(1));
  reports_.clear();
  Close("ann");
  router_.HandleTimeout(now_);
  EXPECT_THAT(reports_, IsEmpty());
  Close("bob");
  router_.HandleTimeout(now_);
  EXPECT_THAT(reports_, ElementsAre("silence"));
  EXPECT_TRUE(router_.NextDeadline().is_never());
}

TEST_F(AudioLevelTest, APauseEndsInSilence) {
  AudioLevelObserver* observer = Observe({});
  Add("ann", observer).dbov = -10;
  Run(TimeDelta::Seconds(1));
  observer->Pause();
  Run(TimeDelta::Seconds(2));
  EXPECT_THAT(reports_, ElementsAre("ann-10 ", "silence"));
  EXPECT_TRUE(router_.NextDeadline().is_never());
  observer->Resume(now_);
  Run(TimeDelta::Seconds(1));
  EXPECT_THAT(reports_, ElementsAre("ann-10 ", "silence", "ann-10 "));
}

TEST_F(AudioLevelTest, RanksAThousand) {
  AudioLevelObserver* observer = Observe({.max_entries = 2});
  for (int i = 0; i < 1'000; ++i) {
    Add("mic" + std::to_string(i), observer).dbov = -20 - i * 37 % 1'000 / 10;
  }
  microphones_["mic500"]->dbov = -5;
  microphones_["mic501"]->dbov = 0;
  Run(TimeDelta::Seconds(1));
  EXPECT_THAT(reports_, ElementsAre("mic5010 mic500-5 "));
}

TEST_F(AudioLevelTest, RefusesWithTheFieldNamed) {
  const auto field = [this](const AudioLevelOptions& options) {
    const auto made = router_.CreateAudioLevelObserver(options, nullptr);
    return made.ok() ? "" : made.error().field;
  };
  EXPECT_EQ(field({.max_entries = 0}), "maxEntries");
  EXPECT_EQ(field({.threshold = 1}), "threshold");
  EXPECT_EQ(field({.threshold = -128}), "threshold");
  EXPECT_EQ(field({.interval = TimeDelta::Millis(249)}), "interval");
  EXPECT_EQ(field({.interval = TimeDelta::Millis(5'001)}), "interval");
  for (size_t i = 0; i < Router::kMaxObservers; ++i) EXPECT_EQ(field({}), "");
  EXPECT_FALSE(router_.CreateAudioLevelObserver({}, nullptr).ok());
}

}  // namespace
}  // namespace sfu

// Scores: from a transport's reports to the pads of a router.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "plain_peer.h"

namespace sfu::test {
namespace {

guint ScoreOf(GstPad* consumer, const char* field) {
  auto* score = Get<GstStructure*>(consumer, "score");
  guint value = 0;
  EXPECT_TRUE(gst_structure_get_uint(score, field, &value));
  gst_structure_free(score);
  return value;
}

EventRef Score(GstEventType type, guint score) {
  return EventRef::Adopt(gst_event_new_custom(
      type, gst_structure_new("sfu-score", "score", G_TYPE_UINT, score, nullptr)));
}

// Counts notify::score.
class Notified {
 public:
  explicit Notified(const PadRef& pad) : pad_(pad) {
    id_ = g_signal_connect(
        pad.get(), "notify::score",
        G_CALLBACK(+[](GObject*, GParamSpec*, std::atomic<int>* count) { ++*count; }), &count_);
  }
  ~Notified() { g_signal_handler_disconnect(pad_.get(), id_); }
  Notified(const Notified&) = delete;
  Notified& operator=(const Notified&) = delete;
  bool Wait(int count) const {
    const gint64 give_up = g_get_monotonic_time() + static_cast<gint64>(kPatience / 1000);
    while (count_ < count && g_get_monotonic_time() < give_up) g_usleep(1000);
    return count_ >= count;
  }
  int count() const { return count_; }

 private:
  const PadRef pad_;
  gulong id_ = 0;
  std::atomic<int> count_{0};
};

TEST(Score, OfTheProducerIsToldToItAndItsConsumers) {
  Stage router("sfurouter");
  Feeder feeder(router.get(), "sink_0", kVp8Caps);
  Reader reader(router.get(), "src_0", "application/x-rtp");
  router.Play();
  feeder.Start();
  EXPECT_EQ(Get<guint>(feeder.peer().get(), "score"), 10U) << "complete until a transport says no";
  reader.WaitForWorker();
  const Notified producer(feeder.peer());
  const Notified consumer(reader.peer());
  feeder.PushEvent(Score(GST_EVENT_CUSTOM_DOWNSTREAM_STICKY, 6).release());
  EXPECT_TRUE(producer.Wait(1));
  EXPECT_TRUE(consumer.Wait(1));
  EXPECT_EQ(Get<guint>(feeder.peer().get(), "score"), 6U);
  EXPECT_EQ(ScoreOf(reader.peer().get(), "producerScore"), 6U);
  EXPECT_EQ(ScoreOf(reader.peer().get(), "score"), 10U);
}

TEST(Score, OfTheConsumerComesFromItsReceiver) {
  Stage router("sfurouter");
  Feeder feeder(router.get(), "sink_0", kVp8Caps);
  Reader reader(router.get(), "src_0", "application/x-rtp");
  router.Play();
  feeder.Start();
  const Notified consumer(reader.peer());
  EXPECT_TRUE(
      gst_harness_push_upstream_event(reader.get(), Score(GST_EVENT_CUSTOM_UPSTREAM, 3).release()));
  EXPECT_TRUE(consumer.Wait(1));
  EXPECT_EQ(ScoreOf(reader.peer().get(), "score"), 3U);
  EXPECT_EQ(ScoreOf(reader.peer().get(), "producerScore"), 10U);
  gst_harness_push_upstream_event(reader.get(), Score(GST_EVENT_CUSTOM_UPSTREAM, 3).release());
  gst_harness_push_upstream_event(reader.get(), Score(GST_EVENT_CUSTOM_UPSTREAM, 4).release());
  EXPECT_TRUE(consumer.Wait(2));
  EXPECT_EQ(consumer.count(), 2) << "only when it changes";
}

// The peer reports that half is lost (RFC 3550, section 6.4.2): the consumer hears of it.
TEST(Score, OfATransportReachesTheRouter) {
  UdpPeer peer;
  RouterToPeer pipeline(peer, kVp8Caps);
  const PadRef consumer = pipeline.FindPad("r", "src_0");
  const Notified notified(consumer);
  Bytes rtp;
  for (int round = 0; notified.count() == 0 && round < 200; ++round) {
    for (size_t i = pipeline.feeder().PushFrame(round == 0).size(); i > 0; --i)
      rtp = peer.ReceiveRtp();
    ASSERT_GE(rtp.size(), 12U);
    Bytes report = {0x81,    201,     0,   7, 0, 0, 0, 1, rtp[8], rtp[9],
                    rtp[10], rtp[11], 128, 0, 0, 1, 0, 0, rtp[2], rtp[3]};
    report.resize(32);
    peer.SendTo(pipeline.port(), report);
    g_usleep(50'000);
  }
  EXPECT_TRUE(notified.Wait(1));
  EXPECT_LT(ScoreOf(consumer.get(), "score"), 10U);
}

}  // namespace
}  // namespace sfu::test

// sfurouter: events and queries between consumers and producers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "harness.h"

namespace sfu::test {
namespace {

// One producer of VP8, one plain consumer.
class Events : public testing::Test {
 protected:
  Events() { router_.Play(); }
  // Sends a key frame and reads it.
  std::vector<SeenPacket> Prime() {
    feeder_.Start();
    return reader_.PullPackets(feeder_.PushFrame(true).size());
  }

  Stage router_{"sfurouter"};
  Feeder feeder_{router_.get(), "sink_0", kVp8Caps};
  Reader reader_{router_.get(), "src_0", "application/x-rtp"};
};

TEST_F(Events, StickyEventsComeBeforeData) {
  Prime();
  std::vector<GstEventType> types;
  while (GstEvent* event = gst_harness_try_pull_event(reader_.get())) {
    types.push_back(GST_EVENT_TYPE(event));
    gst_event_unref(event);
  }
  EXPECT_THAT(types,
              testing::ElementsAre(GST_EVENT_STREAM_START, GST_EVENT_CAPS, GST_EVENT_SEGMENT));
}

TEST_F(Events, StreamIdsDiffer) {
  Reader other(router_.get(), "src_1", "application/x-rtp");
  Prime();
  std::set<std::string> ids;
  for (Reader* reader : {&reader_, &other}) {
    const EventRef start = reader->WaitFor(GST_EVENT_STREAM_START);
    const gchar* id = nullptr;
    gst_event_parse_stream_start(start.get(), &id);
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 2U);
}

TEST_F(Events, ConsumerCapsOfferFeedback) {
  const auto packets = Prime();
  const auto caps = CapsRef::Adopt(gst_pad_get_current_caps(reader_.pad()));
  ASSERT_TRUE(caps);
  const GstStructure* s = gst_caps_get_structure(caps.get(), 0);
  gboolean pli = FALSE;
  gboolean fir = FALSE;
  EXPECT_TRUE(gst_structure_get_boolean(s, "rtcp-fb-nack-pli", &pli) && pli);
  EXPECT_TRUE(gst_structure_get_boolean(s, "rtcp-fb-ccm-fir", &fir) && fir);
  gint payload = 0;
  gst_structure_get_int(s, "payload", &payload);
  EXPECT_EQ(payload, packets[0].payload_type);
  guint ssrc = 0;
  gst_structure_get_uint(s, "ssrc", &ssrc);
  EXPECT_EQ(ssrc, packets[0].ssrc);
  EXPECT_TRUE(gst_caps_features_is_equal(gst_caps_get_features(caps.get(), 0),
                                         GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY));
}

TEST_F(Events, PacketsKeepPayloadOrderAndMarker) {
  feeder_.Start();
  const auto sent = feeder_.PushFrame(true);
  const auto seen = reader_.PullPackets(sent.size());
  for (size_t i = 0; i < sent.size(); ++i) {
    EXPECT_EQ(seen[i].marker, i + 1 == sent.size());
    EXPECT_EQ(seen[i].sequence_number, static_cast<uint16_t>(seen[0].sequence_number + i));
    EXPECT_EQ(seen[i].timestamp, seen[0].timestamp);
    // Behind the descriptor nothing changes.
    const Bytes& bytes = sent[i].bytes;
    ASSERT_EQ(seen[i].payload.size(), bytes.size() - 12);
    EXPECT_TRUE(std::equal(seen[i].payload.begin() + 6, seen[i].payload.end(), bytes.begin() + 18));
  }
}

TEST_F(Events, BuffersOfOneFrameHaveOneTime) {
  feeder_.Start();
  const auto sent = feeder_.PushFrame(true);
  GstClockTime pts = GST_CLOCK_TIME_NONE;
  for (size_t i = 0; i < sent.size(); ++i) {
    const BufferRef buffer = reader_.Pull();
    ASSERT_TRUE(GST_BUFFER_PTS_IS_VALID(buffer.get()));
    if (i > 0) {
      EXPECT_EQ(GST_BUFFER_PTS(buffer.get()), pts);
    }
    pts = GST_BUFFER_PTS(buffer.get());
    EXPECT_EQ(GST_BUFFER_FLAG_IS_SET(buffer.get(), GST_BUFFER_FLAG_DISCONT), i == 0);
  }
}

TEST_F(Events, NewConsumerAsksForAKeyFrameByItself) {
  feeder_.Start();
  const EventRef asked = feeder_.WaitForUpstream("GstForceKeyUnit");
  ASSERT_TRUE(asked);
  gboolean all_headers = FALSE;
  EXPECT_TRUE(gst_structure_get_boolean(gst_event_get_structure(asked.get()), "all-headers",
                                        &all_headers) &&
              all_headers);
}

TEST_F(Events, ForceKeyUnitReachesTheEncoder) {
  Prime();
  ASSERT_TRUE(feeder_.WaitForUpstream("GstForceKeyUnit")) << "of the new consumer";
  EXPECT_TRUE(
      gst_harness_push_upstream_event(reader_.get(), UpstreamEvent("GstForceKeyUnit").release()));
  EXPECT_TRUE(feeder_.WaitForUpstream("GstForceKeyUnit"));
  EXPECT_GE(Stat(reader_.peer().get(), "pliCount"), 2U);
}

TEST_F(Events, RetransmissionIsAnswered) {
  const auto first = Prime();
  reader_.PullPackets(feeder_.PushFrame().size());
  GstStructure* wanted = gst_structure_new("GstRTPRetransmissionRequest", "seqnum", G_TYPE_UINT,
                                           guint{first[1].sequence_number}, "ssrc", G_TYPE_UINT,
                                           first[1].ssrc, nullptr);
  EXPECT_TRUE(gst_harness_push_upstream_event(
      reader_.get(), gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, wanted)));
  const SeenPacket again = reader_.PullPacket();
  EXPECT_EQ(again.sequence_number, first[1].sequence_number);
  EXPECT_EQ(again.timestamp, first[1].timestamp);
  EXPECT_EQ(again.payload, first[1].payload);
}

TEST_F(Events, RetransmissionOfWhatNeverWasIsNothing) {
  const auto first = Prime();
  GstStructure* wanted =
      gst_structure_new("GstRTPRetransmissionRequest", "seqnum", G_TYPE_UINT,
                        guint{static_cast<uint16_t>(first[0].sequence_number - 5)}, nullptr);
  EXPECT_TRUE(gst_harness_push_upstream_event(
      reader_.get(), gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, wanted)));
  const auto sent = feeder_.PushFrame();
  EXPECT_EQ(reader_.PullPacket().sequence_number,
            static_cast<uint16_t>(first.back().sequence_number + 1));
}

TEST_F(Events, LatencyOfABranchBecomesPatience) {
  feeder_.Start();
  g_object_set(reader_.peer().get(), "latency", 3000, nullptr);
  guint64 latency = 0;
  while (latency != 3 * GST_SECOND) {
    const EventRef event = feeder_.WaitForUpstream("GstSfuPatience");
    ASSERT_TRUE(event);
    gst_structure_get_uint64(gst_event_get_structure(event.get()), "latency", &latency);
  }
}

TEST_F(Events, LatencyQueryIncludesTheBranchs) {
  Prime();
  gst_harness_set_upstream_latency(feeder_.get(), 40 * GST_MSECOND);
  EXPECT_EQ(gst_harness_query_latency(reader_.get()), 240 * GST_MSECOND);
  g_object_set(reader_.peer().get(), "latency", 500, nullptr);
  EXPECT_EQ(gst_harness_query_latency(reader_.get()), 540 * GST_MSECOND);
}

// What is to be told about the wait is told: the application redistributes the latency.
TEST_F(Events, ANewLatencyIsPosted) {
  Prime();
  while (router_.PopMessage(GST_MESSAGE_LATENCY)) {
  }
  g_object_set(reader_.peer().get(), "latency", 700, nullptr);
  EXPECT_TRUE(router_.WaitForMessage(GST_MESSAGE_LATENCY));
}

TEST_F(Events, InternalLinksFollowTheBoundProducer) {
  Feeder other(router_.get(), "sink_1", kVp8Caps);
  Prime();
  GstIterator* links = gst_pad_iterate_internal_links(reader_.peer().get());
  ASSERT_NE(links, nullptr);
  GValue value = G_VALUE_INIT;
  ASSERT_EQ(gst_iterator_next(links, &value), GST_ITERATOR_OK);
  EXPECT_EQ(g_value_get_object(&value), feeder_.peer().get());
  g_value_unset(&value);
  EXPECT_EQ(gst_iterator_next(links, &value), GST_ITERATOR_DONE);
  gst_iterator_free(links);
}

// And from a Producer to none at all: what several consumers do is not to be mixed.
TEST_F(Events, QosAndOtherUpstreamEventsEndHere) {
  Prime();
  EXPECT_TRUE(gst_harness_push_upstream_event(
      reader_.get(), gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 1.0, 0, 0)));
  EXPECT_FALSE(gst_harness_push_upstream_event(
      reader_.get(), gst_event_new_seek(1.0, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH,
                                        GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, 0)));
}

TEST_F(Events, SilenceIsToldByGaps) {
  const BufferRef last = [this] {
    feeder_.Start();
    const auto sent = feeder_.PushFrame(true);
    reader_.PullPackets(sent.size() - 1);
    return reader_.Pull();
  }();
  const EventRef gap = reader_.WaitFor(GST_EVENT_GAP);
  ASSERT_TRUE(gap);
  GstClockTime start = 0;
  GstClockTime duration = 0;
  gst_event_parse_gap(gap.get(), &start, &duration);
  EXPECT_GE(start, GST_BUFFER_PTS(last.get()));
  EXPECT_GT(duration, 0U);
  const EventRef next = reader_.WaitFor(GST_EVENT_GAP);
  GstClockTime next_start = 0;
  gst_event_parse_gap(next.get(), &next_start, nullptr);
  EXPECT_EQ(next_start, start + duration) << "gaps leave no gaps";
}

TEST_F(Events, PausedConsumerGetsNothingAndGoesOnAtAKeyFrame) {
  const auto first = Prime();
  g_object_set(reader_.peer().get(), "paused", TRUE, nullptr);
  feeder_.PushFrame();
  const PadRef pad = reader_.peer();
  Stat(pad.get(), "packetsForwarded");
  g_object_set(pad.get(), "paused", FALSE, nullptr);
  feeder_.PushFrame();
  const auto key = feeder_.PushFrame(true);
  const auto seen = reader_.PullPackets(key.size());
  EXPECT_EQ(seen[0].sequence_number, static_cast<uint16_t>(first.back().sequence_number + 1))
      << "one unbroken stream";
  EXPECT_EQ(seen[0].payload.size(), key[0].bytes.size() - 12);
}

TEST_F(Events, PausedProducerGivesNothing) {
  Prime();
  g_object_set(feeder_.peer().get(), "paused", TRUE, nullptr);
  feeder_.PushFrame();
  Stat(feeder_.peer().get(), "packetsReceived");
  const auto before = Stat(reader_.peer().get(), "packetsForwarded");
  g_object_set(feeder_.peer().get(), "paused", FALSE, nullptr);
  const auto key = feeder_.PushFrame(true);
  reader_.PullPackets(key.size());
  EXPECT_EQ(Stat(reader_.peer().get(), "packetsForwarded"), before + key.size());
}

// A way back from a consumer to a producer of the same Router: the query ends.
TEST(RouterQueries, LatencyEndsInALoop) {
  Pipeline pipeline(
      "appsrc caps=application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000 "
      "is-live=true ! r.sink_0 sfurouter name=r "
      "r.src_0 ! queue ! identity ! r.sink_1  r.src_1 ! fakesink async=false");
  ASSERT_TRUE(pipeline.ok()) << pipeline.error();
  g_object_set(pipeline.FindPad("r", "src_0").get(), "producer", "sink_1", nullptr);
  g_object_set(pipeline.FindPad("r", "src_1").get(), "producer", "sink_1", nullptr);
  pipeline.SetState(GST_STATE_PLAYING);
  GstQuery* query = gst_query_new_latency();
  gst_element_query(pipeline.get(), query);
  gst_query_unref(query);
  const auto caps =
      CapsRef::Adopt(gst_pad_query_caps(pipeline.FindPad("r", "src_1").get(), nullptr));
  EXPECT_TRUE(caps);
}

}  // namespace
}  // namespace sfu::test

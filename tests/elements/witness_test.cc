// Pipelines as people build and change them while they play. Whatever happens on one branch, a
// second consumer of the same producer is the witness: it loses no packet and waits for nothing.
#include <gtest/gtest.h>

#include <atomic>
#include <map>

#include "gate.h"
#include "harness.h"
#include "pad_log.h"

namespace sfu::test {
namespace {

// A live picture, and the witness on src_0.
constexpr char kRoom[] =
    "videotestsrc is-live=true ! video/x-raw,width=64,height=48,framerate=50/1 ! "
    "vp8enc deadline=1 keyframe-max-dist=20 ! rtpvp8pay ! r.sink_0  sfurouter name=r "
    "r.src_0 ! fakesink async=false sync=false  ";

class Witness {
 public:
  // A packet may be so long in the router. Branches are held up for longer here; a busy machine is
  // not so slow.
  static constexpr int64_t kMaxDelay = 3 * GST_SECOND;

  explicit Witness(const Pipeline& pipeline)
      : in_(pipeline.FindPad("r", "sink_0").get()), out_(pipeline.FindPad("r", "src_0").get()) {}

  // Waits for so many more packets.
  bool WaitForMore(size_t count) const {
    return out_.WaitForPackets(out_.packets().size() + count);
  }
  // Waits until the witness has seen so much time of the stream go by.
  void WatchFor(GstClockTime time) const {
    const GstClockTime until = out_.packets().back().pts + time;
    while (out_.packets().back().pts < until) ASSERT_TRUE(WaitForMore(1));
  }
  void ExpectNothingNoticed() const {
    const auto packets = out_.packets();
    ASSERT_FALSE(packets.empty());
    EXPECT_EQ(Unbroken(packets), "");
    // A Consumer begins with its producer's number, and none is left out here.
    std::map<uint16_t, int64_t> came;
    for (const PadEntry& packet : in_.packets()) came[packet.packet.sequence_number] = packet.at;
    size_t compared = 0;
    for (const PadEntry& packet : packets) {
      const auto in = came.find(packet.packet.sequence_number);
      if (in == came.end()) continue;
      ++compared;
      EXPECT_LT(packet.at - in->second, kMaxDelay) << packet.packet.sequence_number;
    }
    // What was under way when the logs were begun has no beginning.
    EXPECT_GE(compared + 5, packets.size());
  }

 private:
  const PadLog in_;
  const PadLog out_;
};

// A branch that is held up by a probe, at the pad itself or where it ends.
TEST(Room, ABlockedBranchIsNotNoticed) {
  for (const bool queue : {false, true}) {
    Pipeline room(std::string(kRoom) + "r.src_1 ! " + (queue ? "queue ! " : "") +
                  "fakesink name=held async=false sync=false");
    ASSERT_TRUE(room.ok()) << room.error();
    const Witness witness(room);
    Gate gate;
    const PadRef end = room.FindPad("held", "sink");
    const gulong probe = gate.Guard(end.get());
    room.SetState(GST_STATE_PLAYING);
    gate.WaitForVisitor();
    ASSERT_TRUE(witness.WaitForMore(1));
    witness.WatchFor(5 * GST_SECOND);
    witness.ExpectNothingNoticed();
    gst_pad_remove_probe(end.get(), probe);
    gate.Open();
    const PadLog after(end.get());
    EXPECT_TRUE(after.WaitForPackets(10));
    witness.ExpectNothingNoticed();
  }
}

TEST(Room, ABlockedPadIsNotNoticed) {
  // Its peer is a foreign element, or one of ours, which the Worker feeds itself.
  for (const char* branch :
       {"r.src_1 ! fakesink async=false sync=false",
        "r.src_1 ! b.sink_0 sfurouter name=b b.src_0 ! fakesink async=false"}) {
    Pipeline room(std::string(kRoom) + branch);
    ASSERT_TRUE(room.ok()) << room.error();
    const Witness witness(room);
    const PadRef pad = room.FindPad("r", "src_1");
    room.SetState(GST_STATE_PLAYING);
    {
      const PadLog flows(pad.get());
      ASSERT_TRUE(flows.WaitForPackets(3));
    }
    const gulong probe = gst_pad_add_probe(
        pad.get(), GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM,
        [](GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_OK; }, nullptr, nullptr);
    ASSERT_TRUE(witness.WaitForMore(1));
    witness.WatchFor(5 * GST_SECOND);
    gst_pad_remove_probe(pad.get(), probe);
    const PadLog flows_again(pad.get());
    EXPECT_TRUE(flows_again.WaitForPackets(10)) << branch;
    witness.ExpectNothingNoticed();
  }
}

// A branch as a recording is: added, ended and taken out again, many times.
TEST(Room, BranchesThatComeAndGoAreNotNoticed) {
  Pipeline room(kRoom);
  ASSERT_TRUE(room.ok()) << room.error();
  const Witness witness(room);
  room.SetState(GST_STATE_PLAYING);
  const ElementRef router = room.Find("r");
  for (int i = 0; i < 20; ++i) {
    GstElement* bin = gst_parse_bin_from_description(
        "rtpvp8depay ! matroskamux streamable=true ! fakesink name=f async=false sync=false", TRUE,
        nullptr);
    ASSERT_NE(bin, nullptr);
    const ElementRef keep(bin);
    gst_bin_add(GST_BIN(room.get()), bin);
    const auto sink = PadRef::Adopt(gst_element_get_static_pad(bin, "sink"));
    const auto file = ElementRef::Adopt(gst_bin_get_by_name(GST_BIN(bin), "f"));
    const auto written = PadRef::Adopt(gst_element_get_static_pad(file.get(), "sink"));
    const PadLog log(written.get());
    const auto pad = PadRef::Adopt(gst_element_request_pad_simple(router.get(), "src_%u"));
    if (i % 2 == 0) gst_element_sync_state_with_parent(bin);
    ASSERT_EQ(gst_pad_link(pad.get(), sink.get()), GST_PAD_LINK_OK);
    if (i % 2 != 0) gst_element_sync_state_with_parent(bin);
    EXPECT_TRUE(log.WaitForPackets(3)) << i;
    gst_pad_unlink(pad.get(), sink.get());
    gst_element_release_request_pad(router.get(), pad.get());
    gst_pad_send_event(sink.get(), gst_event_new_eos());
    EXPECT_TRUE(log.WaitForEvents(GST_EVENT_EOS)) << i;
    gst_bin_remove(GST_BIN(room.get()), bin);
    gst_element_set_state(bin, GST_STATE_NULL);
  }
  witness.ExpectNothingNoticed();
}

// From a probe between two of our elements, which runs on the Worker itself: setting any of it to
// NULL must end, and be no harm to the room that is not set to NULL.
TEST(Room, StoppingFromTheWorkersOwnPushEnds) {
  for (const char* which : {"b", "r", ""}) {
    Pipeline room(
        std::string(kRoom) +
        "r.src_1 ! b.sink_0  sfurouter name=b  b.src_0 ! fakesink async=false sync=false");
    ASSERT_TRUE(room.ok()) << room.error();
    const ElementRef stopped = *which == '\0' ? ElementRef(room.get()) : room.Find(which);
    struct Stop {
      GstElement* element;
      std::atomic<bool> done{false};
    } stop{stopped.get(), {}};
    const PadRef pad = room.FindPad("b", "sink_0");
    gst_pad_add_probe(
        pad.get(), GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo*, gpointer data) {
          auto* s = static_cast<Stop*>(data);
          if (!s->done) gst_element_set_state(s->element, GST_STATE_NULL);
          s->done = true;
          s->done.notify_all();
          return GST_PAD_PROBE_OK;
        },
        &stop, nullptr);
    room.SetState(GST_STATE_PLAYING);
    stop.done.wait(false);
    if (*which == 'b') {
      const Witness witness(room);
      ASSERT_TRUE(witness.WaitForMore(20));
      witness.ExpectNothingNoticed();
    }
    EXPECT_EQ(room.SetState(GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS) << which;
  }
}

}  // namespace
}  // namespace sfu::test

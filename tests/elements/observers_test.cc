// Who speaks and how loud, as the application hears it: properties, signals, messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>

#include "harness.h"

namespace sfu::test {
namespace {

constexpr char kCaps[] =
    "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,"
    "extmap-5=urn:ietf:params:rtp-hdrext:ssrc-audio-level";

// A microphone whose packets say how loud they are (RFC 6464).
class Microphone : public Feeder {
 public:
  Microphone(const Stage& router, const char* pad, int dbov)
      : Feeder(router.get(), pad, kCaps), dbov_(dbov) {
    g_object_set(peer().get(), "sync", FALSE, nullptr);
  }
  void Speak() {
    Push(BuildRtpPacket({.ssrc = 7,
                         .payload_type = 111,
                         .sequence_number = ++sequence_,
                         .timestamp = sequence_ * 960U,
                         .extension = {0x50, static_cast<uint8_t>(-dbov_)},
                         .payload = Bytes(40, 0x78)}));
  }

 private:
  const int dbov_;
  uint16_t sequence_ = 0;
};

// The next element message of that name; others are dropped. Meanwhile the microphones speak.
MessageRef WaitFor(Stage& router, const char* name,
                   const std::vector<Microphone*>& microphones = {}) {
  const gint64 give_up = g_get_monotonic_time() + static_cast<gint64>(kPatience / 1000);
  while (g_get_monotonic_time() < give_up) {
    for (Microphone* microphone : microphones) microphone->Speak();
    while (MessageRef message = router.PopMessage(GST_MESSAGE_ELEMENT)) {
      if (gst_message_has_name(message.get(), name)) return message;
    }
    g_usleep(20'000);
  }
  ADD_FAILURE() << "no " << name;
  return {};
}

std::string Field(const GstStructure* s, const char* field) {
  const char* text = gst_structure_get_string(s, field);
  return text == nullptr ? "" : text;
}

std::string Field(const MessageRef& message, const char* field) {
  return message ? Field(gst_message_get_structure(message.get()), field) : "";
}

TEST(Observers, TellWhoSpeaks) {
  Stage router("sfurouter", "room");
  g_object_set(router.get(), "active-speaker", TRUE, "active-speaker-interval", 100, nullptr);
  std::atomic<int> notified{0};
  g_signal_connect(router.get(), "notify::dominant-speaker",
                   G_CALLBACK(+[](GObject*, GParamSpec*, std::atomic<int>* n) { ++*n; }),
                   &notified);
  Microphone ann(router, "sink_0", -20);
  Microphone bob(router, "sink_1", -90);
  g_object_set(ann.peer().get(), "producer-id", "ann", nullptr);
  router.Play();
  ann.Start();
  bob.Start();
  EXPECT_EQ(GetString(router.get(), "dominant-speaker"), "");
  const MessageRef message = WaitFor(router, "sfu-dominant-speaker", {&ann, &bob});
  EXPECT_EQ(Field(message, "producer-id"), "ann");
  EXPECT_EQ(Field(message, "pad"), "sink_0");
  EXPECT_EQ(Field(message, "router"), "room");
  EXPECT_EQ(GetString(router.get(), "dominant-speaker"), "ann");
  EXPECT_EQ(notified, 1);
  g_object_set(router.get(), "active-speaker", FALSE, nullptr);
  EXPECT_EQ(Field(WaitFor(router, "sfu-dominant-speaker"), "producer-id"), "");
  EXPECT_EQ(GetString(router.get(), "dominant-speaker"), "");
}

TEST(Observers, SeeThatTheSpeakerHasGone) {
  Stage router("sfurouter");
  g_object_set(router.get(), "active-speaker", TRUE, nullptr);
  Microphone ann(router, "sink_0", -20);
  router.Play();
  ann.Start();
  WaitFor(router, "sfu-dominant-speaker", {&ann});
  const PadRef pad = ann.peer();
  gst_element_release_request_pad(router.get(), pad.get());
  EXPECT_EQ(Field(WaitFor(router, "sfu-dominant-speaker"), "producer-id"), "");
}

TEST(Observers, TellTheLoudestAndThenSilence) {
  Stage router("sfurouter", "room");
  g_object_set(router.get(), "audio-levels", TRUE, "audio-levels-interval", 250,
               "audio-levels-max-entries", 2, "audio-levels-threshold", -60, nullptr);
  std::atomic<int> volumes{0};
  std::atomic<int> silences{0};
  g_signal_connect(router.get(), "volumes",
                   G_CALLBACK(+[](GstElement*, const GstStructure* s, std::atomic<int>* n) {
                     if (gst_structure_has_name(s, "sfu-volumes")) ++*n;
                   }),
                   &volumes);
  g_signal_connect(router.get(), "silence",
                   G_CALLBACK(+[](GstElement*, std::atomic<int>* n) { ++*n; }), &silences);
  Microphone ann(router, "sink_0", -20);
  Microphone bob(router, "sink_1", -40);
  Microphone low(router, "sink_2", -70);
  router.Play();
  for (Microphone* microphone : {&ann, &bob, &low}) microphone->Start();
  const MessageRef message = WaitFor(router, "sfu-volumes", {&ann, &bob, &low});
  ASSERT_TRUE(message);
  const GValue* list = gst_structure_get_value(gst_message_get_structure(message.get()), "volumes");
  ASSERT_EQ(gst_value_array_get_size(list), 2U);
  const auto* first =
      static_cast<const GstStructure*>(g_value_get_boxed(gst_value_array_get_value(list, 0)));
  EXPECT_EQ(Field(first, "pad"), "sink_0");
  EXPECT_EQ(Field(first, "producer-id"), GetString(ann.peer().get(), "producer-id"));
  int volume = 0;
  EXPECT_TRUE(gst_structure_get_int(first, "volume", &volume));
  EXPECT_EQ(volume, -20);
  EXPECT_GE(volumes, 1);
  WaitFor(router, "sfu-silence");
  EXPECT_EQ(silences, 1);
}

TEST(Observers, DoNotListenToMusic) {
  Stage router("sfurouter");
  g_object_set(router.get(), "active-speaker", TRUE, nullptr);
  Microphone music(router, "sink_0", -10);
  Microphone ann(router, "sink_1", -30);
  g_object_set(music.peer().get(), "observed", FALSE, nullptr);
  router.Play();
  music.Start();
  ann.Start();
  const MessageRef first = WaitFor(router, "sfu-dominant-speaker", {&music, &ann});
  EXPECT_EQ(Field(first, "pad"), "sink_1");
  g_object_set(ann.peer().get(), "observed", FALSE, nullptr);
  EXPECT_EQ(Field(WaitFor(router, "sfu-dominant-speaker", {&music}), "pad"), "");
  g_object_set(music.peer().get(), "observed", TRUE, nullptr);
  EXPECT_EQ(Field(WaitFor(router, "sfu-dominant-speaker", {&music}), "pad"), "sink_0");
}

// Elements of one Router hear of all its Producers, and each of what it asked for.
TEST(Observers, HearOtherFacesOfTheirRouter) {
  Stage in("sfurouter", "in");
  Stage out("sfurouter", "out");
  for (const Stage* face : {&in, &out}) g_object_set(face->get(), "router", "shared", nullptr);
  Microphone ann(in, "sink_0", -20);
  in.Play();
  out.Play();
  ann.Start();
  g_object_set(out.get(), "active-speaker", TRUE, nullptr);
  const MessageRef message = WaitFor(out, "sfu-dominant-speaker", {&ann});
  EXPECT_EQ(Field(message, "router"), "in");
  EXPECT_EQ(GetString(in.get(), "dominant-speaker"), "");
  out.SetState(GST_STATE_NULL);
  EXPECT_EQ(GetString(out.get(), "dominant-speaker"), "");
  out.Play();
  WaitFor(out, "sfu-dominant-speaker", {&ann});
}

}  // namespace
}  // namespace sfu::test

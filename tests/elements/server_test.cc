// sfuserver as an element: pads, states, the end of streams, and its sessions over HTTP. Media go
// through it in tests/interop/browser.
#include <gmock/gmock.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/http_client.h"

namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr GstClockTime kLong = 10 * GST_SECOND;

std::string Offer(const std::string& name) {
  std::ifstream file(std::string(SDP_GOLDEN_DIR) + "/" + name + ".sdp", std::ios::binary);
  EXPECT_TRUE(file.is_open()) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A pipeline with an sfuserver "s".
class Pipeline {
 public:
  explicit Pipeline(const std::string& line) {
    GError* error = nullptr;
    GstElement* parsed = gst_parse_launch(line.c_str(), &error);
    EXPECT_EQ(error, nullptr) << error->message;
    pipeline_ = GST_IS_PIPELINE(parsed) ? parsed : gst_pipeline_new(nullptr);
    if (parsed != pipeline_) gst_bin_add(GST_BIN(pipeline_), parsed);
    server_ = gst_bin_get_by_name(GST_BIN(pipeline_), "s");
  }
  ~Pipeline() {
    gst_element_set_state(pipeline_, GST_STATE_NULL);
    gst_object_unref(server_);
    gst_object_unref(pipeline_);
  }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  GstElement* get() { return pipeline_; }
  GstElement* server() { return server_; }
  GstStateChangeReturn Set(GstState state) { return gst_element_set_state(pipeline_, state); }
  // Whether a message of that type came in time.
  bool Got(GstMessageType type, GstClockTime timeout = kLong) {
    GstBus* bus = gst_element_get_bus(pipeline_);
    GstMessage* message = gst_bus_timed_pop_filtered(bus, timeout, type);
    gst_object_unref(bus);
    if (message == nullptr) return false;
    gst_message_unref(message);
    return true;
  }
  uint16_t port() {
    guint port = 0;
    g_object_get(server_, "port", &port, nullptr);
    return static_cast<uint16_t>(port);
  }
  guint Stat(const char* name) {
    GstStructure* stats = nullptr;
    g_object_get(server_, "stats", &stats, nullptr);
    guint value = 0;
    EXPECT_TRUE(gst_structure_get_uint(stats, name, &value)) << name;
    gst_structure_free(stats);
    return value;
  }
  // A request; the whole response.
  std::string Ask(const std::string& method, const std::string& path, const std::string& body = {},
                  const std::string& type = "application/sdp") {
    sfu::HttpClient client(port());
    return client.Ask(method + " " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + type +
                      "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

 private:
  GstElement* pipeline_;
  GstElement* server_;
};

// The value of a header of a response.
std::string Header(const std::string& response, const std::string& name) {
  const size_t begin = response.find("\r\n" + name + ": ");
  if (begin == std::string::npos) return {};
  const size_t value = begin + name.size() + 4;
  return response.substr(value, response.find("\r\n", value) - value);
}

constexpr char kFed[] = "videotestsrc is-live=true ! vp8enc deadline=1 ! rtpvp8pay ! s.sink_0 ";

// Until the viewer's POST is not "nothing to watch yet": the feed needs a moment.
std::string WatchSoon(Pipeline* pipeline, const std::string& offer) {
  for (int i = 0; i < 100; ++i) {
    std::string response = pipeline->Ask("POST", "/whep", offer);
    if (!response.starts_with("HTTP/1.1 409")) return response;
    g_usleep(G_USEC_PER_SEC / 20);
  }
  return "never";
}

TEST(Server, PadsAreRequestedAndReleased) {
  Pipeline pipeline("sfuserver name=s port=0");
  for (const char* name : {"src_3", "sink_2"}) {
    GstPad* pad = gst_element_request_pad_simple(pipeline.server(), name);
    ASSERT_NE(pad, nullptr);
    EXPECT_STREQ(GST_PAD_NAME(pad), name);
    gst_element_release_request_pad(pipeline.server(), pad);
    gst_object_unref(pad);
  }
  GstPad* pad = gst_element_request_pad_simple(pipeline.server(), "src_%u");
  EXPECT_STREQ(GST_PAD_NAME(pad), "src_0");
  gst_element_release_request_pad(pipeline.server(), pad);
  gst_object_unref(pad);
}

TEST(Server, StatesComeAndGo) {
  Pipeline pipeline(std::string(kFed) + "sfuserver name=s port=0  s.src_0 ! fakesink");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(pipeline.Set(GST_STATE_PAUSED), GST_STATE_CHANGE_NO_PREROLL);
    EXPECT_GT(pipeline.port(), 0);
    EXPECT_THAT(pipeline.Ask("GET", "/"), HasSubstr("<title>sfuserver</title>"));
    pipeline.Set(GST_STATE_PLAYING);
    EXPECT_THAT(WatchSoon(&pipeline, Offer("chromium_watch")), StartsWith("HTTP/1.1 201"));
    pipeline.Set(GST_STATE_READY);
    EXPECT_EQ(pipeline.Stat("viewers"), 0U);
  }
}

TEST(Server, TakenPortsAreErrors) {
  Pipeline first("sfuserver name=s port=0");
  first.Set(GST_STATE_PLAYING);
  Pipeline second("sfuserver name=s port=" + std::to_string(first.port()));
  EXPECT_EQ(second.Set(GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
  EXPECT_TRUE(second.Got(GST_MESSAGE_ERROR));
}

// gst-launch-1.0 -e, when nobody has come.
TEST(Server, WaitingPadsEndWithThePipeline) {
  Pipeline pipeline("sfuserver name=s port=0  s.src_0 ! fakesink  s.src_1 ! fakesink");
  pipeline.Set(GST_STATE_PLAYING);
  gst_element_send_event(pipeline.get(), gst_event_new_eos());
  EXPECT_TRUE(pipeline.Got(GST_MESSAGE_EOS));
}

// Browsers watch each other, and Ctrl-C ends that at once.
TEST(Server, EndsWithThePipelineWhenNothingIsLinked) {
  Pipeline pipeline("sfuserver name=s port=0");
  for (int i = 0; i < 2; ++i) {
    pipeline.Set(GST_STATE_PLAYING);
    EXPECT_FALSE(pipeline.Got(GST_MESSAGE_EOS, 0));
    gst_element_send_event(pipeline.get(), gst_event_new_eos());
    EXPECT_TRUE(pipeline.Got(GST_MESSAGE_EOS));
    pipeline.Set(GST_STATE_NULL);
  }
}

TEST(Server, AloneKeepsNoOtherBranchFromEnding) {
  Pipeline pipeline("sfuserver name=s port=0  fakesrc num-buffers=5 ! fakesink");
  pipeline.Set(GST_STATE_PLAYING);
  EXPECT_TRUE(pipeline.Got(GST_MESSAGE_EOS));
}

TEST(Server, EndsWhenAllThatFeedsItHasEnded) {
  Pipeline pipeline(
      "sfuserver name=s port=0  "
      "videotestsrc num-buffers=5 ! vp8enc deadline=1 ! rtpvp8pay ! s.sink_0  "
      "videotestsrc num-buffers=20 ! vp8enc deadline=1 ! rtpvp8pay ! s.sink_1");
  pipeline.Set(GST_STATE_PLAYING);
  EXPECT_TRUE(pipeline.Got(GST_MESSAGE_EOS));
}

TEST(Server, ViewersGetWhatIsFed) {
  Pipeline pipeline(std::string(kFed) + "sfuserver name=s port=0");
  pipeline.Set(GST_STATE_PLAYING);
  const std::string response = WatchSoon(&pipeline, Offer("firefox_watch"));
  EXPECT_THAT(response, StartsWith("HTTP/1.1 201"));
  // VP8 by the viewer's number; nothing for the first section, which is sound.
  EXPECT_THAT(response, HasSubstr("a=rtpmap:120 VP8/90000"));
  EXPECT_THAT(response, HasSubstr("a=inactive"));
  EXPECT_THAT(response, HasSubstr("a=candidate:"));
  EXPECT_EQ(pipeline.Stat("viewers"), 1U);
  // Another section of sound only finds nothing.
  std::string sound = Offer("firefox_watch");
  sound.resize(sound.find("m=video"));
  sound.replace(sound.find("BUNDLE 0 1"), 10, "BUNDLE 0");
  EXPECT_THAT(pipeline.Ask("POST", "/whep", sound), StartsWith("HTTP/1.1 422"));
  EXPECT_THAT(pipeline.Ask("DELETE", Header(response, "Location")), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(pipeline.Stat("viewers"), 0U);
}

TEST(Server, NothingToWatchIsTold) {
  Pipeline pipeline("sfuserver name=s port=0");
  pipeline.Set(GST_STATE_PLAYING);
  const std::string response = pipeline.Ask("POST", "/whep", Offer("chromium_watch"));
  EXPECT_THAT(response, StartsWith("HTTP/1.1 409"));
  EXPECT_NE(Header(response, "Retry-After"), "");
  EXPECT_EQ(pipeline.Stat("viewers"), 0U);
}

TEST(Server, OtherProgramsPublish) {
  Pipeline pipeline("sfuserver name=s port=0");
  pipeline.Set(GST_STATE_PLAYING);
  for (const char* name : {"obs_publish", "ffmpeg_publish", "whipclientsink_publish"}) {
    const std::string response = pipeline.Ask("POST", "/whip", Offer(name));
    EXPECT_THAT(response, StartsWith("HTTP/1.1 201")) << name;
    EXPECT_THAT(response, HasSubstr(" H264/90000")) << name;
  }
  EXPECT_EQ(pipeline.Stat("publishers"), 3U);
}

TEST(Server, PublishesAllOrNothing) {
  Pipeline pipeline("sfuserver name=s port=0  s.src_0 ! fakesink");
  pipeline.Set(GST_STATE_PLAYING);
  std::string offer = Offer("obs_publish");
  offer.replace(offer.find("H264/90000"), 4, "H264SV");
  const std::string response = pipeline.Ask("POST", "/whip", offer);
  EXPECT_THAT(response, StartsWith("HTTP/1.1 422"));
  EXPECT_THAT(response, HasSubstr("sdp.media[1].rtpmap: has no codec that the router takes"));
  EXPECT_EQ(pipeline.Stat("publishers"), 0U);
  // The pad still waits: it gets the next one's picture.
  EXPECT_THAT(pipeline.Ask("POST", "/whip", Offer("obs_publish")), StartsWith("HTTP/1.1 201"));
  EXPECT_FALSE(pipeline.Got(GST_MESSAGE_EOS, GST_SECOND / 10));
}

// They have 15 s to connect; meanwhile others have room.
TEST(Server, OffersAloneFillNoServer) {
  Pipeline pipeline("sfuserver name=s port=0 max-sessions=16");
  pipeline.Set(GST_STATE_PLAYING);
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(pipeline.Ask("POST", "/whip", Offer("obs_publish")), StartsWith("HTTP/1.1 201"));
  }
  EXPECT_THAT(pipeline.Ask("POST", "/whip", Offer("obs_publish")), StartsWith("HTTP/1.1 429"));
  EXPECT_EQ(pipeline.Stat("publishers"), 4U);
}

TEST(Server, IceIsRestarted) {
  Pipeline pipeline("sfuserver name=s port=0");
  pipeline.Set(GST_STATE_PLAYING);
  const std::string opened = pipeline.Ask("POST", "/whip", Offer("chromium_publish"));
  ASSERT_THAT(opened, StartsWith("HTTP/1.1 201"));
  const std::string body = "a=ice-ufrag:newName\r\na=ice-pwd:newPassword0123456789xx\r\n";
  sfu::HttpClient client(pipeline.port());
  const std::string restarted =
      client.Ask("PATCH " + Header(opened, "Location") + " HTTP/1.1\r\nHost: x\r\nIf-Match: *\r\n" +
                 "Content-Type: application/trickle-ice-sdpfrag\r\nContent-Length: " +
                 std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_THAT(restarted, StartsWith("HTTP/1.1 200"));
  EXPECT_NE(Header(restarted, "ETag"), Header(opened, "ETag"));
  EXPECT_THAT(restarted, HasSubstr("a=candidate:"));
}

// Pads that were added, by name, and what the handler does with them.
struct Added {
  GstElement* pipeline = nullptr;
  std::string names;
  std::atomic<int> count = 0;
};

void OnPadAdded(GstElement*, GstPad* pad, gpointer data) {
  auto* added = static_cast<Added*>(data);
  added->names += std::string(GST_PAD_NAME(pad)) + " ";
  GstElement* sink = gst_element_factory_make("fakesink", nullptr);
  gst_bin_add(GST_BIN(added->pipeline), sink);
  gst_element_sync_state_with_parent(sink);
  GstPad* peer = gst_element_get_static_pad(sink, "sink");
  EXPECT_EQ(gst_pad_link(pad, peer), GST_PAD_LINK_OK);
  gst_object_unref(peer);
  ++added->count;
}

template <typename Condition>
bool Soon(const Condition& condition) {
  for (int i = 0; i < 200 && !condition(); ++i) g_usleep(G_USEC_PER_SEC / 20);
  return condition();
}

TEST(Server, TracksTakeWaitingPadsThenAddTheirOwn) {
  // Takes no video, so the picture gets a pad of its own.
  Pipeline pipeline("sfuserver name=s port=0  s.src_0 ! rtpopusdepay ! fakesink");
  Added added;
  added.pipeline = pipeline.get();
  g_signal_connect(pipeline.server(), "pad-added", G_CALLBACK(OnPadAdded), &added);
  pipeline.Set(GST_STATE_PLAYING);
  const std::string opened = pipeline.Ask("POST", "/whip", Offer("chromium_publish"));
  ASSERT_THAT(opened, StartsWith("HTTP/1.1 201"));
  EXPECT_THAT(opened, HasSubstr("a=recvonly"));
  EXPECT_TRUE(Soon([&] { return added.count == 1; }));
  EXPECT_EQ(added.names, "src_1 ");
  EXPECT_EQ(pipeline.Stat("publishers"), 1U);
  // Others may watch it, by their own numbers.
  EXPECT_THAT(pipeline.Ask("POST", "/whep", Offer("firefox_watch")),
              HasSubstr("a=rtpmap:120 VP8/90000"));

  // With the publisher its pads end: all sinks have had EOS.
  EXPECT_THAT(pipeline.Ask("DELETE", Header(opened, "Location")), StartsWith("HTTP/1.1 200"));
  EXPECT_TRUE(Soon([&] {
    GstPad* pad = gst_element_get_static_pad(pipeline.server(), "src_1");
    if (pad != nullptr) gst_object_unref(pad);
    return pad == nullptr;
  }));
  EXPECT_TRUE(pipeline.Got(GST_MESSAGE_EOS));
}

TEST(Server, AWaitingPadDecidesTheCodec) {
  Pipeline pipeline("sfuserver name=s port=0  s.src_0 ! rtph264depay ! fakesink");
  pipeline.Set(GST_STATE_PLAYING);
  const std::string opened = pipeline.Ask("POST", "/whip", Offer("chromium_publish"));
  EXPECT_THAT(opened, HasSubstr(" H264/90000\r\n"));
  EXPECT_THAT(opened, testing::Not(HasSubstr("VP8")));
}

// Holds up the thread that tells of pads, from the first one that is removed on.
struct SlowApplication {
  static void OnPadRemoved(GstElement*, GstPad*, gpointer self) {
    auto* const slow = static_cast<SlowApplication*>(self);
    slow->called = true;
    for (int i = 0; i < 2000 && !slow->goes_on; ++i) g_usleep(G_USEC_PER_SEC / 100);
  }
  std::atomic<bool> called = false;
  std::atomic<bool> goes_on = false;
};

TEST(Server, PadsGoHoweverSlowTheApplicationIs) {
  constexpr size_t kTracks = 2;
  constexpr size_t kSessions = 16;
  Pipeline pipeline("sfuserver name=s port=0 max-sessions=1000");
  pipeline.Set(GST_STATE_PLAYING);
  const auto publish = [&] {
    std::vector<std::string> sessions;
    for (size_t i = 0; i < kSessions; ++i) {
      const std::string opened = pipeline.Ask("POST", "/whip", Offer("chromium_publish"));
      EXPECT_THAT(opened, StartsWith("HTTP/1.1 201"));
      sessions.push_back(Header(opened, "Location"));
    }
    return sessions;
  };
  const auto leave = [&](const std::vector<std::string>& sessions) {
    for (const std::string& session : sessions) {
      EXPECT_THAT(pipeline.Ask("DELETE", session), StartsWith("HTTP/1.1 200"));
    }
  };
  const auto has_pads = [&](size_t count) {
    for (int i = 0; i < 1000; ++i) {
      GST_OBJECT_LOCK(pipeline.server());
      const size_t pads = pipeline.server()->numsrcpads;
      GST_OBJECT_UNLOCK(pipeline.server());
      if (pads == count) return true;
      g_usleep(G_USEC_PER_SEC / 100);
    }
    return false;
  };
  SlowApplication slow;
  g_signal_connect(pipeline.server(), "pad-removed", G_CALLBACK(SlowApplication::OnPadRemoved),
                   &slow);
  const auto first = publish();
  ASSERT_TRUE(has_pads(kSessions * kTracks));
  leave(first);
  for (int i = 0; i < 1000 && !slow.called; ++i) g_usleep(G_USEC_PER_SEC / 100);
  ASSERT_TRUE(slow.called);
  leave(publish());
  slow.goes_on = true;
  EXPECT_TRUE(has_pads(0));
  const auto last = publish();
  EXPECT_TRUE(has_pads(kSessions * kTracks));
}

// The application may do so from inside any signal, so also while an offer is being answered.
TEST(Server, IsStoppedAndStartedFromInsideASignal) {
  Pipeline pipeline("sfuserver name=s port=0  s.src_0 ! fakesink");
  pipeline.Set(GST_STATE_PLAYING);
  const uint16_t first_port = pipeline.port();
  const gulong handler = g_signal_connect(
      pipeline.server(), "element-added", G_CALLBACK(+[](GstBin*, GstElement*, gpointer whole) {
        gst_element_set_state(GST_ELEMENT(whole), GST_STATE_READY);
        gst_element_set_state(GST_ELEMENT(whole), GST_STATE_PLAYING);
      }),
      pipeline.get());
  EXPECT_THAT(pipeline.Ask("POST", "/whip", Offer("chromium_publish")),
              Not(StartsWith("HTTP/1.1 201")));
  g_signal_handler_disconnect(pipeline.server(), handler);
  EXPECT_NE(pipeline.port(), first_port);
  EXPECT_EQ(pipeline.Stat("publishers"), 0U);
  EXPECT_THAT(pipeline.Ask("POST", "/whip", Offer("chromium_publish")), StartsWith("HTTP/1.1 201"));
  EXPECT_EQ(pipeline.Stat("publishers"), 1U);
}

TEST(Server, StopsWhileBrowsersComeAndGo) {
  for (int i = 0; i < 10; ++i) {
    Pipeline pipeline(std::string(kFed) + "sfuserver name=s port=0  s.src_0 ! fakesink");
    pipeline.Set(GST_STATE_PLAYING);
    sfu::HttpClient client(pipeline.port());
    const std::string offer = Offer("chromium_publish");
    client.Write(
        "POST /whip HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\n"
        "Content-Length: " +
        std::to_string(offer.size()) + "\r\n\r\n" + offer);
    g_usleep(static_cast<gulong>(i) * 2000);
  }
}

}  // namespace

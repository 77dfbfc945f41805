// Pipelines that change while they run, with real encoders and muxers: a recording that is added
// and removed, a producer that is silent or stops, a second pass after READY, a Router whose faces
// stand in two pipelines.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>

namespace {

using Seconds = std::chrono::duration<double>;

// No frame rate is asked of it: 30 a second.
constexpr char kVideo[] =
    "videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=30/1 "
    "! vp8enc deadline=1 keyframe-max-dist=15 ! rtpvp8pay ! r.sink_0 ";
// A microphone that nobody speaks into: the caps are known, and no packet comes.
constexpr char kSilentAudio[] =
    "plaintransport name=mic address=127.0.0.1 src_0::caps=\"application/x-rtp,media=audio,"
    "encoding-name=OPUS,payload=111,clock-rate=48000\" mic.src_0 ! r.sink_1 ";

void Sleep(double seconds) { std::this_thread::sleep_for(Seconds(seconds)); }

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/sfu-runtime-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string File(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

class Pipeline {
 public:
  explicit Pipeline(const std::string& description) {
    GError* error = nullptr;
    pipeline_ = gst_parse_launch(description.c_str(), &error);
    EXPECT_EQ(error, nullptr) << error->message;
    bus_ = gst_element_get_bus(pipeline_);
  }
  ~Pipeline() {
    SetState(GST_STATE_NULL);
    gst_object_unref(bus_);
    gst_object_unref(pipeline_);
  }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  GstElement* get() { return pipeline_; }
  void SetState(GstState state) {
    EXPECT_NE(gst_element_set_state(pipeline_, state), GST_STATE_CHANGE_FAILURE);
  }
  // End of stream, as Ctrl-C sends it; false if it does not come through in 5 s.
  bool End() {
    gst_element_send_event(pipeline_, gst_event_new_eos());
    const auto wanted = static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    GstMessage* message = gst_bus_timed_pop_filtered(bus_, 5 * GST_SECOND, wanted);
    const bool ended = message != nullptr && GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS;
    if (message != nullptr) gst_message_unref(message);
    return ended;
  }
  GstElement* Find(const char* name) {
    GstElement* element = gst_bin_get_by_name(GST_BIN(pipeline_), name);
    gst_object_unref(element);  // the pipeline holds it
    return element;
  }

 private:
  GstElement* pipeline_;
  GstBus* bus_;
};

// How long a file plays, by demuxing it to its end; -1 if that fails.
double PlayedSeconds(const std::string& file, const char* demuxer, int* buffers) {
  Pipeline player("filesrc location=" + file + " ! " + demuxer + " ! fakesink name=s");
  double last = -1;
  struct Seen {
    double* last;
    int* buffers;
  } seen{&last, buffers};
  GstPad* pad = gst_element_get_static_pad(player.Find("s"), "sink");
  gst_pad_add_probe(
      pad, GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad*, GstPadProbeInfo* info, gpointer data) {
        auto* s = static_cast<Seen*>(data);
        *s->last = static_cast<double>(GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info))) * 1e-9;
        ++*s->buffers;
        return GST_PAD_PROBE_OK;
      },
      &seen, nullptr);
  gst_object_unref(pad);
  player.SetState(GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(player.get());
  GstMessage* end = gst_bus_timed_pop_filtered(
      bus, 5 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  gst_object_unref(bus);
  if (end != nullptr) gst_message_unref(end);
  return last;
}

// A recording branch of a router that plays.
class Recording {
 public:
  Recording(Pipeline& pipeline, const std::string& file) : pipeline_(pipeline) {
    bin_ = gst_parse_bin_from_description(
        ("rtpvp8depay ! matroskamux offset-to-zero=true ! filesink location=" + file).c_str(), TRUE,
        nullptr);
    gst_bin_add(GST_BIN(pipeline.get()), bin_);
    router_ = pipeline.Find("r");
    pad_ = gst_element_request_pad_simple(router_, "src_%u");
    GstPad* sink = gst_element_get_static_pad(bin_, "sink");
    gst_element_sync_state_with_parent(bin_);
    EXPECT_EQ(gst_pad_link(pad_, sink), GST_PAD_LINK_OK);
    gst_object_unref(sink);
  }
  // Takes the branch out; the file gets its end.
  void Remove() {
    GstPad* sink = gst_element_get_static_pad(bin_, "sink");
    gst_pad_unlink(pad_, sink);
    gst_element_release_request_pad(router_, pad_);
    gst_object_unref(pad_);
    gst_pad_send_event(sink, gst_event_new_eos());
    gst_object_unref(sink);
    Sleep(0.3);
    gst_element_set_state(bin_, GST_STATE_NULL);
    gst_bin_remove(GST_BIN(pipeline_.get()), bin_);
  }

 private:
  Pipeline& pipeline_;
  GstElement* router_;
  GstElement* bin_;
  GstPad* pad_;
};

std::string RecordFirst(const std::string& file) {
  return "r.src_0 ! rtpvp8depay ! matroskamux offset-to-zero=true ! filesink location=" + file +
         " ";
}

TEST(Runtime, ARecordingIsAddedAndRemovedWhileTheRestGoesOn) {
  Folder folder;
  Pipeline room(std::string(kVideo) + "sfurouter name=r " + RecordFirst(folder.File("all.mkv")));
  room.SetState(GST_STATE_PLAYING);
  Sleep(1);
  for (const char* name : {"one.mkv", "two.mkv"}) {
    Recording recording(room, folder.File(name));
    Sleep(1.5);
    recording.Remove();
  }
  EXPECT_TRUE(room.End());
  for (const auto& [name, least, most] :
       {std::tuple("one.mkv", 0.8, 1.8), {"two.mkv", 0.8, 1.8}, {"all.mkv", 3.5, 6.0}}) {
    int buffers = 0;
    const double seconds = PlayedSeconds(folder.File(name), "matroskademux", &buffers);
    EXPECT_GT(seconds, least) << name;
    EXPECT_LT(seconds, most) << name;
    EXPECT_NEAR(buffers, seconds * 30, 4) << name;
  }
}

TEST(Runtime, ASecondPassAfterReadyWorksLikeTheFirst) {
  Folder folder;
  Pipeline room(std::string(kVideo) + "sfurouter name=r " + RecordFirst(folder.File("out.mkv")));
  for (int pass = 0; pass < 2; ++pass) {
    room.SetState(GST_STATE_PLAYING);
    Sleep(1.5);
    EXPECT_TRUE(room.End()) << pass;
    room.SetState(GST_STATE_READY);
    int buffers = 0;
    EXPECT_GT(PlayedSeconds(folder.File("out.mkv"), "matroskademux", &buffers), 0.8) << pass;
    EXPECT_GT(buffers, 25) << pass;
  }
}

TEST(Runtime, ARouterSpansTwoPipelines) {
  Folder folder;
  Pipeline source(std::string(kVideo) + "sfurouter name=r router=span");
  Pipeline recorder(
      "sfurouter name=r router=span r.src_0 ! rtpvp8depay "
      "! matroskamux offset-to-zero=true ! filesink location=" +
      folder.File("out.mkv"));
  source.SetState(GST_STATE_PLAYING);
  Sleep(0.5);
  recorder.SetState(GST_STATE_PLAYING);
  Sleep(2);
  // The recording is stopped alone.
  EXPECT_TRUE(recorder.End());
  int buffers = 0;
  EXPECT_GT(PlayedSeconds(folder.File("out.mkv"), "matroskademux", &buffers), 1.0);
  EXPECT_GT(buffers, 30);
}

TEST(Runtime, AProducerThatNeverSendsDoesNotStopARecording) {
  Folder folder;
  Pipeline room(
      std::string(kVideo) + kSilentAudio + "sfurouter name=r src_1::fill-silence=true " +
      "r.src_0 ! rtpvp8depay ! m. " + "r.src_1 ! rtpopusdepay ! m. " +
      "matroskamux name=m offset-to-zero=true ! filesink location=" + folder.File("out.mkv"));
  room.SetState(GST_STATE_PLAYING);
  Sleep(2);
  const auto size = std::filesystem::file_size(folder.File("out.mkv"));
  Sleep(1.5);
  EXPECT_GT(std::filesystem::file_size(folder.File("out.mkv")), size);
  EXPECT_TRUE(room.End());
  int buffers = 0;
  EXPECT_GT(PlayedSeconds(folder.File("out.mkv"), "matroskademux name=d d.video_0", &buffers), 2.0);
}

TEST(Runtime, AProducerThatNeverSendsDoesNotStopMpegTs) {
  Folder folder;
  Pipeline room(
      "videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=30/1 ! x264enc "
      "tune=zerolatency speed-preset=ultrafast key-int-max=15 ! rtph264pay ! r.sink_0 " +
      std::string(kSilentAudio) +
      "sfurouter name=r src_1::fill-silence=true  r.src_0 ! rtph264depay ! h264parse ! m.  "
      "r.src_1 ! rtpopusdepay ! opusparse ! m.  mpegtsmux name=m ! filesink buffer-mode=2 "
      "location=" +
      folder.File("out.ts"));
  room.SetState(GST_STATE_PLAYING);
  Sleep(2);
  const auto size = std::filesystem::file_size(folder.File("out.ts"));
  Sleep(1.5);
  EXPECT_GT(std::filesystem::file_size(folder.File("out.ts")), size);
  EXPECT_TRUE(room.End());
  int buffers = 0;
  EXPECT_GT(PlayedSeconds(folder.File("out.ts"), "tsdemux ! h264parse", &buffers), 2.0);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

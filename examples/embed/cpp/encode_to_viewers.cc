// An application with an encoder of its own shows what it encodes to browsers (WHEP).
//
// usage: encode-to-viewers [HTTP_PORT]      then open http://127.0.0.1:8080/; Ctrl-C ends it
//
// It hands over whole frames, as the encoder gives them, and need not know RTP. What it must do is
// to make a key frame when the SFU asks: a viewer has come, or one has lost packets.
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

// A pipeline, and one element of it.
class Pipeline {
 public:
  Pipeline(const std::string& line, const char* element)
      : pipeline_(gst_parse_launch(line.c_str(), nullptr)),
        element_(gst_bin_get_by_name(GST_BIN(pipeline_), element)) {}
  ~Pipeline() {
    Set(GST_STATE_NULL);
    gst_object_unref(element_);
    gst_object_unref(pipeline_);
  }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  bool Set(GstState state) {
    return gst_element_set_state(pipeline_, state) != GST_STATE_CHANGE_FAILURE;
  }
  GstElement* element() const { return element_; }

 private:
  GstElement* const pipeline_;
  GstElement* const element_;
};

struct EncodedFrame {
  std::vector<guint8> bytes;  // one VP8 frame
  GstClockTime time = 0;      // of capture, in ns since the beginning
};

// Stands for the application's encoder: some hardware, or a library. (GStreamer's, in fact.)
class Encoder {
 public:
  bool Start() { return pipeline_.Set(GST_STATE_PLAYING); }
  // Waits for the next frame.
  EncodedFrame Next() {
    GstSample* sample = gst_app_sink_pull_sample(GST_APP_SINK(pipeline_.element()));
    if (sample == nullptr) return {};
    GstBuffer* buffer = gst_sample_get_buffer(sample);
    EncodedFrame frame{std::vector<guint8>(gst_buffer_get_size(buffer)), GST_BUFFER_PTS(buffer)};
    gst_buffer_extract(buffer, 0, frame.bytes.data(), frame.bytes.size());
    gst_sample_unref(sample);
    return frame;
  }
  // From any thread.
  void MakeKeyFrame() {
    GstStructure* force = gst_structure_new_empty("GstForceKeyUnit");
    gst_element_send_event(pipeline_.element(),
                           gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, force));
  }

 private:
  Pipeline pipeline_{
      "videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=30/1 "
      "! vp8enc deadline=1 cpu-used=8 keyframe-max-dist=9999 ! appsink name=out",
      "out"};
};

// The SFU: encoded frames in, any number of browsers out.
class Viewers {
 public:
  Viewers(const std::string& port, std::function<void()> make_key_frame)
      : make_key_frame_(std::move(make_key_frame)),
        pipeline_(
            "appsrc name=in is-live=true format=time caps=video/x-vp8 ! rtpvp8pay ! s.sink_0 "
            "sfuserver name=s address=127.0.0.1 port=" +
                port,
            "in") {
    GstPad* pad = gst_element_get_static_pad(pipeline_.element(), "src");
    const auto on_event = [](GstPad*, GstPadProbeInfo* info, gpointer self) {
      if (gst_event_has_name(GST_PAD_PROBE_INFO_EVENT(info), "GstForceKeyUnit")) {
        static_cast<Viewers*>(self)->make_key_frame_();
      }
      return GST_PAD_PROBE_OK;
    };
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_event, this, nullptr);
    gst_object_unref(pad);
  }
  bool Start() { return pipeline_.Set(GST_STATE_PLAYING); }
  void Show(const EncodedFrame& frame) {
    GstBuffer* buffer = gst_buffer_new_memdup(frame.bytes.data(), frame.bytes.size());
    GST_BUFFER_PTS(buffer) = frame.time;
    gst_app_src_push_buffer(GST_APP_SRC(pipeline_.element()), buffer);
  }

 private:
  const std::function<void()> make_key_frame_;
  Pipeline pipeline_;
};

static std::atomic<bool> running = true;

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  std::signal(SIGINT, [](int) { running = false; });
  Encoder encoder;
  Viewers viewers(argc > 1 ? argv[1] : "8080", [&] { encoder.MakeKeyFrame(); });
  if (!viewers.Start() || !encoder.Start()) return 1;
  std::cout << "serving" << std::endl;
  while (running) viewers.Show(encoder.Next());
  return 0;
}

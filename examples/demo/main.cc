// sfu-demo: what `./dev demo` starts. FFmpeg sends a clip into one pipeline that forwards it,
// records it, cuts it into HLS and transcodes it, all at once.
//
//   sfu-demo [--seconds N] [--directory DIR] [--port N] [--forward-port N]
//
// The pipeline is the text below, as it could stand on a gst-launch-1.0 line; the program only
// feeds it, shows its statistics, and ends it cleanly on Ctrl-C.
#include <gio/gio.h>
#include <glib-unix.h>
#include <gst/gst.h>

#include <cstdio>
#include <memory>
#include <string>

#include "examples/demo/demo_files.h"
#include "examples/demo/demo_ports.h"

namespace {

constexpr guint kStatisticsInterval = 500;  // ms
constexpr gint kForwardPort = 6000;
constexpr gint kMaxPort = 65'534;  // RTCP is on the next

constexpr char kPipeline[] = R"(
  sfurouter name=r router=room
  plaintransport name=cam port=@PORT@ rtcp-mux=false
    src_0::caps="application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000"
    src_1::caps="application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000"
  cam.src_0 ! r.sink_0   cam.src_1 ! r.sink_1

  r.src_0 ! rtpvp8depay ! m.   r.src_1 ! rtpopusdepay ! m.
  matroskamux name=m offset-to-zero=true ! filesink location="@DIR@/out.mkv"

  r.src_2 ! out.sink_0   r.src_3 ! out.sink_1
  plaintransport name=out remote-address=127.0.0.1 remote-port=@FORWARD@

  r.src_4 ! rtpvp8depay ! vp8dec ! videoconvert ! queue
    ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=300 ! rtph264pay ! back.sink_0
  sfurouter name=back router=room

  back.src_0 ! rtph264depay ! h264parse ! hls.video
  r.src_5 ! rtpopusdepay ! opusdec ! audioconvert ! audioresample ! avenc_aac ! hls.audio
  hlssink2 name=hls target-duration=2 location="@DIR@/seg%05d.ts"
    playlist-location="@DIR@/live.m3u8"
)";

struct PadStats {
  guint64 packets = 0;
  guint64 dropped = 0;
};

struct Options {
  std::string directory;
  guint seconds = 0;
  int port = 0;  // RTP comes here, RTCP to the next
  int forward_port = kForwardPort;
};

class Demo {
 public:
  explicit Demo(Options options) : options_(std::move(options)) {}
  ~Demo() {
    if (pipeline_ != nullptr) {
      gst_element_set_state(pipeline_, GST_STATE_NULL);
      gst_object_unref(pipeline_);
    }
    g_main_loop_unref(loop_);
  }
  Demo(const Demo&) = delete;
  Demo& operator=(const Demo&) = delete;

  // 0 if the demo ended as it should.
  int Run() {
    if (!StartPipeline()) return 1;
    sender_ = StartSender(options_.directory, options_.port);
    if (!sender_) return 1;
    Explain();
    g_unix_signal_add(SIGINT, &Demo::OnStop, this);
    g_unix_signal_add(SIGTERM, &Demo::OnStop, this);
    if (options_.seconds > 0) g_timeout_add_seconds(options_.seconds, &Demo::OnStop, this);
    g_timeout_add(kStatisticsInterval, &Demo::OnTick, this);
    g_main_loop_run(loop_);
    StopSender(sender_.get());
    std::printf("\n");
    if (!failed_) {
      const char* directory = options_.directory.c_str();
      std::printf("The files are complete:\n  %s/out.mkv\n  %s/live.m3u8\n", directory, directory);
    }
    return failed_ ? 1 : 0;
  }

 private:
  bool StartPipeline() {
    GString* description = g_string_new(kPipeline);
    g_string_replace(description, "@DIR@", options_.directory.c_str(), 0);
    g_string_replace(description, "@PORT@", std::to_string(options_.port).c_str(), 0);
    g_string_replace(description, "@FORWARD@", std::to_string(options_.forward_port).c_str(), 0);
    GError* error = nullptr;
    pipeline_ = gst_parse_launch(description->str, &error);
    g_string_free(description, TRUE);
    if (error != nullptr) {
      std::fprintf(stderr, "The pipeline cannot be made: %s\n", error->message);
      g_error_free(error);
      return false;
    }
    GstBus* bus = gst_element_get_bus(pipeline_);
    gst_bus_add_watch(bus, &Demo::OnMessage, this);
    gst_object_unref(bus);
    return gst_element_set_state(pipeline_, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE;
  }

  void Explain() const {
    const char* directory = options_.directory.c_str();
    std::printf(
        "FFmpeg sends a clip (VP8 and Opus) to udp port %d. One pipeline takes it and\n"
        "  forwards   to 127.0.0.1:%d, as RTP          (watch: ffplay -protocol_whitelist "
        "file,udp,rtp %s/forward.sdp)\n"
        "  records    to %s/out.mkv\n"
        "  transcodes to H264, a new Producer of the same room\n"
        "  cuts HLS   to %s/live.m3u8\n"
        "Ctrl-C ends it; the files are complete then.\n\n",
        options_.port, options_.forward_port, directory, directory, directory);
    WriteForwardSdp(options_.directory + "/forward.sdp", options_.forward_port);
    std::fflush(stdout);
  }

  PadStats StatsOf(const char* element_name, const char* pad_name, const char* field) const {
    PadStats result;
    GstElement* element = gst_bin_get_by_name(GST_BIN(pipeline_), element_name);
    GstPad* pad = element ? gst_element_get_static_pad(element, pad_name) : nullptr;
    if (pad != nullptr) {
      GstStructure* stats = nullptr;
      g_object_get(pad, "stats", &stats, nullptr);
      if (stats != nullptr) {
        gst_structure_get_uint64(stats, field, &result.packets);
        gst_structure_get_uint64(stats, "packetsDropped", &result.dropped);
        gst_structure_free(stats);
      }
      gst_object_unref(pad);
    }
    if (element != nullptr) gst_object_unref(element);
    return result;
  }

  void ShowStatistics() const {
    const auto seconds = static_cast<double>(++ticks_) * kStatisticsInterval / 1000.0;
    const PadStats in = StatsOf("r", "sink_0", "packetsReceived");
    const PadStats forwarded = StatsOf("r", "src_2", "packetsSent");
    const PadStats recorded = StatsOf("r", "src_0", "packetsSent");
    const PadStats transcoded = StatsOf("back", "sink_0", "packetsReceived");
    std::printf("\r%6.1f s  video in %" G_GUINT64_FORMAT ", forwarded %" G_GUINT64_FORMAT
                ", recorded %" G_GUINT64_FORMAT " (dropped %" G_GUINT64_FORMAT
                "), transcoded %" G_GUINT64_FORMAT " packets   ",
                seconds, in.packets, forwarded.packets, recorded.packets, recorded.dropped,
                transcoded.packets);
    std::fflush(stdout);
  }

  static gboolean OnTick(gpointer data) {
    static_cast<Demo*>(data)->ShowStatistics();
    return G_SOURCE_CONTINUE;
  }

  // The first time: end of stream, so that the files are finished. Asked again: at once.
  static gboolean OnStop(gpointer data) {
    auto* demo = static_cast<Demo*>(data);
    if (demo->stopping_) {
      demo->failed_ = true;
      g_main_loop_quit(demo->loop_);
      return G_SOURCE_CONTINUE;
    }
    demo->stopping_ = true;
    gst_element_send_event(demo->pipeline_, gst_event_new_eos());
    return G_SOURCE_CONTINUE;
  }

  static gboolean OnMessage(GstBus*, GstMessage* message, gpointer data) {
    auto* demo = static_cast<Demo*>(data);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) g_main_loop_quit(demo->loop_);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
      GError* error = nullptr;
      gst_message_parse_error(message, &error, nullptr);
      std::fprintf(stderr, "\n%s: %s\n", GST_MESSAGE_SRC_NAME(message), error->message);
      g_error_free(error);
      demo->failed_ = true;
      g_main_loop_quit(demo->loop_);
    }
    return G_SOURCE_CONTINUE;
  }

  const Options options_;
  GMainLoop* const loop_ = g_main_loop_new(nullptr, FALSE);
  GstElement* pipeline_ = nullptr;
  SubprocessRef sender_;
  bool stopping_ = false;
  bool failed_ = false;
  mutable guint ticks_ = 0;
};

// Reads the command line; false, with a message on stderr, if it is wrong.
bool ParseOptions(int* argc, char*** argv, Options* options) {
  gint seconds = 0;
  gint port = 0;
  gint forward_port = kForwardPort;
  gchar* directory = nullptr;
  const GOptionEntry entries[] = {
      {"seconds", 's', 0, G_OPTION_ARG_INT, &seconds, "End by itself after N seconds", "N"},
      {"directory", 'd', 0, G_OPTION_ARG_FILENAME, &directory, "Where files go (default: out)",
       "DIR"},
      {"port", 'p', 0, G_OPTION_ARG_INT, &port,
       "UDP port to receive RTP on; RTCP takes the next (default: the first free one from 5004)",
       "N"},
      {"forward-port", 'f', 0, G_OPTION_ARG_INT, &forward_port,
       "UDP port of 127.0.0.1 to forward to (default: 6000)", "N"},
      {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr}};
  GOptionContext* context = g_option_context_new("- a room of one camera, recorded and broadcast");
  g_option_context_add_main_entries(context, entries, nullptr);
  g_option_context_add_group(context, gst_init_get_option_group());
  GError* error = nullptr;
  const bool parsed = g_option_context_parse(context, argc, argv, &error) != 0;
  g_option_context_free(context);
  options->directory = directory ? directory : "out";
  g_free(directory);
  const char* wrong = seconds < 0                   ? "--seconds is negative"
                      : port < 0 || port > kMaxPort ? "--port is no UDP port"
                      : forward_port < 1 || forward_port > kMaxPort
                          ? "--forward-port is no UDP port"
                          : nullptr;
  if (!parsed || wrong != nullptr) {
    std::fprintf(stderr, "%s\n", error ? error->message : wrong);
    g_clear_error(&error);
    return false;
  }
  options->seconds = static_cast<guint>(seconds);
  options->port = port;
  options->forward_port = forward_port;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!ParseOptions(&argc, &argv, &options)) return 2;
  if (g_mkdir_with_parents(options.directory.c_str(), 0755) != 0) {
    std::fprintf(stderr, "The directory '%s' cannot be made\n", options.directory.c_str());
    return 1;
  }
  options.port = ChooseIngressPort(options.port);
  if (options.port == 0 || !MakeClip(options.directory)) return 1;
  return Demo(std::move(options)).Run();
}

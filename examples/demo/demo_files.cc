// FFmpeg's part in the demo.
#include "examples/demo/demo_files.h"

#include <csignal>
#include <cstdio>

namespace {

constexpr int kClipSeconds = 20;

SubprocessRef Start(const gchar* const* arguments) {
  GError* error = nullptr;
  GSubprocess* process = g_subprocess_newv(arguments, G_SUBPROCESS_FLAGS_STDIN_PIPE, &error);
  if (error != nullptr) {
    std::fprintf(stderr, "FFmpeg does not start: %s\n", error->message);
    g_error_free(error);
  }
  return SubprocessRef(process);
}

}  // namespace

bool MakeClip(const std::string& directory) {
  const std::string clip = directory + "/clip.webm";
  if (g_file_test(clip.c_str(), G_FILE_TEST_EXISTS)) return true;
  std::printf("Making a clip of %d s …\n", kClipSeconds);
  std::fflush(stdout);
  const std::string duration = std::to_string(kClipSeconds);
  const std::string unfinished = directory + "/clip.part.webm";
  const gchar* const arguments[] = {"ffmpeg",
                                    "-v",
                                    "error",
                                    "-y",
                                    "-f",
                                    "lavfi",
                                    "-i",
                                    "testsrc2=size=640x360:rate=30",
                                    "-f",
                                    "lavfi",
                                    "-i",
                                    "sine=frequency=220:beep_factor=4:sample_rate=48000",
                                    "-t",
                                    duration.c_str(),
                                    "-c:v",
                                    "libvpx",
                                    "-deadline",
                                    "realtime",
                                    "-cpu-used",
                                    "8",
                                    "-b:v",
                                    "1M",
                                    "-g",
                                    "60",
                                    "-c:a",
                                    "libopus",
                                    "-b:a",
                                    "64k",
                                    unfinished.c_str(),
                                    nullptr};
  const SubprocessRef process = Start(arguments);
  if (!process || g_subprocess_wait_check(process.get(), nullptr, nullptr) == 0) return false;
  return std::rename(unfinished.c_str(), clip.c_str()) == 0;
}

SubprocessRef StartSender(const std::string& directory, int port) {
  const std::string clip = directory + "/clip.webm";
  const std::string url = "rtp://127.0.0.1:" + std::to_string(port);
  const gchar* const arguments[] = {
      "ffmpeg", "-v", "error", "-re",           "-stream_loop", "-1", "-i",  clip.c_str(), "-map",
      "0:v",    "-c", "copy",  "-payload_type", "96",           "-f", "rtp", url.c_str(),  "-map",
      "0:a",    "-c", "copy",  "-payload_type", "111",          "-f", "rtp", url.c_str(),  nullptr};
  return Start(arguments);
}

void StopSender(GSubprocess* sender) {
  g_subprocess_send_signal(sender, SIGTERM);
  g_subprocess_wait(sender, nullptr, nullptr);
}

void WriteForwardSdp(const std::string& path, int port) {
  const std::string number = std::to_string(port);
  const std::string sdp =
      "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=gst-sfu\nc=IN IP4 127.0.0.1\nt=0 0\n"
      "m=video " +
      number + " RTP/AVP 96\na=rtpmap:96 VP8/90000\na=rtcp-mux\n";
  g_file_set_contents(path.c_str(), sdp.c_str(), -1, nullptr);
}

// Who publishes to an sfuserver by WHIP, or watches what it has by WHEP, with GStreamer's
// webrtcbin.
//
// usage: webrtc_guest publish PORT SECONDS     sends a clock of its own, VP8 and Opus, then leaves
//        webrtc_guest watch PORT FRAMES [h264|vp8] [video]
//                                              ends when it has decoded so many pictures of VP8 or
//                                              H.264, and sounds, unless it wants video only; says
//                                              how bright both halves of the last picture are
//
// Exit code 0: so it was. `watch` waits for somebody who publishes.
#include <gst/gst.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/support/http_client.h"
#include "tests/support/webrtcbin_peer.h"

namespace {

constexpr char kVp8[] =
    "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000";
constexpr char kH264[] =
    "application/x-rtp,media=video,encoding-name=H264,payload=96,clock-rate=90000,"
    "packetization-mode=(string)1,profile-level-id=(string)42e01f";
constexpr char kOpus[] =
    "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,"
    "encoding-params=(string)2";
constexpr int kPatienceSeconds = 20;

void Sleep(double seconds) { g_usleep(static_cast<gulong>(seconds * G_USEC_PER_SEC)); }

// POSTs the offer until somebody has something for it. The answer's body, and where the session is.
struct HttpAnswer {
  std::string sdp;
  std::string location;
};
HttpAnswer Post(uint16_t port, const std::string& path, const std::string& offer) {
  std::string text;
  for (int round = 0; round < kPatienceSeconds * 10; ++round, Sleep(0.1)) {
    std::string request = "POST " + path;
    request += " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n";
    request += "Content-Type: application/sdp\r\n";
    request += "Content-Length: " + std::to_string(offer.size());
    request += "\r\n\r\n";
    request += offer;
    text = sfu::HttpClient(port).Ask(request);
    if (text.empty() || text.starts_with("HTTP/1.1 409")) continue;
    const size_t body = text.find("\r\n\r\n");
    const size_t location = text.find("\r\nLocation: ");
    if (!text.starts_with("HTTP/1.1 201") || location == std::string::npos) break;
    const size_t path_begin = location + std::strlen("\r\nLocation: ");
    return {text.substr(body + 4),
            text.substr(path_begin, text.find("\r\n", path_begin) - path_begin)};
  }
  g_printerr("%s\n", text.c_str());
  std::exit(1);
}

GstElement* Launch(const std::string& line) {
  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launch(line.c_str(), &error);
  if (error != nullptr) {
    g_printerr("%s\n", error->message);
    std::exit(1);
  }
  return pipeline;
}

GstElement* Find(GstElement* pipeline, const char* name) {
  GstElement* found = gst_bin_get_by_name(GST_BIN(pipeline), name);
  gst_object_unref(found);  // the pipeline has it
  return found;
}

int Publish(uint16_t port, int seconds) {
  GstElement* pipeline = Launch(
      std::string("webrtcbin name=w bundle-policy=max-bundle "
                  "videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=25/1 ! "
                  "vp8enc deadline=1 ! rtpvp8pay pt=96 ! ") +
      kVp8 + " ! w. audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=2 ! opusenc ! " +
      "rtpopuspay pt=111 ! " + kOpus + " ! w.");
  {
    sfu::test::WebRtcBinPeer peer(Find(pipeline, "w"));
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    const HttpAnswer answer = Post(port, "/whip", peer.MakeOffer());
    peer.TakeAnswer(answer.sdp);
    Sleep(seconds);
    sfu::HttpClient(port).Ask("DELETE " + answer.location +
                              " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  }
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(pipeline);
  return 0;
}

struct Watching {
  GstElement* pipeline = nullptr;
  std::atomic<int> pictures = 0;
  std::atomic<int> sounds = 0;
};

// How bright the left and the right half of an I420 picture are, 0 to 255 each.
void PrintHalves(GstElement* sink) {
  GstSample* sample = nullptr;
  g_object_get(sink, "last-sample", &sample, nullptr);
  if (sample == nullptr) return;
  int size[2] = {0, 0};
  const GstStructure* s = gst_caps_get_structure(gst_sample_get_caps(sample), 0);
  gst_structure_get(s, "width", G_TYPE_INT, &size[0], "height", G_TYPE_INT, &size[1], nullptr);
  GstMapInfo map;
  gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ);
  const int stride = (size[0] + 3) / 4 * 4;
  double sums[2] = {0, 0};
  for (int y = 0; y < size[1]; ++y) {
    for (int x = 0; x < size[0]; ++x) sums[x < size[0] / 2 ? 0 : 1] += map.data[y * stride + x];
  }
  gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
  gst_sample_unref(sample);
  const double half = size[0] * size[1] / 2.0;
  g_print("halves: %.0f %.0f\n", sums[0] / half, sums[1] / half);
}

// Decodes what comes, and counts what that gives.
void OnPad(GstElement* bin, GstPad* pad, Watching* to) {
  GstCaps* caps = gst_pad_get_current_caps(pad);
  const GstStructure* s = gst_caps_get_structure(caps, 0);
  const std::string codec = gst_structure_get_string(s, "encoding-name");
  gst_caps_unref(caps);
  const char* decode =
      codec == "VP8"    ? "rtpvp8depay ! vp8dec name=d ! fakesink name=picture sync=false"
      : codec == "H264" ? "rtph264depay ! avdec_h264 name=d ! fakesink name=picture sync=false"
                        : "rtpopusdepay ! opusdec name=d ! fakesink sync=false";
  GstElement* branch = gst_parse_bin_from_description(decode, TRUE, nullptr);
  GstPad* decoded = gst_element_get_static_pad(Find(branch, "d"), "src");
  gst_pad_add_probe(
      decoded, GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad*, GstPadProbeInfo*, gpointer count) {
        ++*static_cast<std::atomic<int>*>(count);
        return GST_PAD_PROBE_OK;
      },
      codec == "OPUS" ? &to->sounds : &to->pictures, nullptr);
  gst_object_unref(decoded);
  gst_bin_add(GST_BIN(to->pipeline), branch);
  gst_element_sync_state_with_parent(branch);
  gst_element_link_pads(bin, GST_PAD_NAME(pad), branch, "sink");
}

int Watch(uint16_t port, int frames, bool h264, bool video_only) {
  Watching watching;
  watching.pipeline =
      Launch("webrtcbin name=w bundle-policy=max-bundle fakesrc num-buffers=0 ! fakesink");
  {
    sfu::test::WebRtcBinPeer peer(Find(watching.pipeline, "w"));
    peer.Receive(h264 ? kH264 : kVp8);
    if (!video_only) peer.Receive(kOpus);
    g_signal_connect(peer.bin(), "pad-added", G_CALLBACK(OnPad), &watching);
    gst_element_set_state(watching.pipeline, GST_STATE_PLAYING);
    peer.TakeAnswer(Post(port, "/whep", peer.MakeOffer()).sdp);
    for (int round = 0; round < kPatienceSeconds * 20; ++round, Sleep(0.05)) {
      if (watching.pictures >= frames && (video_only || watching.sounds >= frames)) break;
    }
  }
  if (watching.pictures > 0) PrintHalves(Find(watching.pipeline, "picture"));
  gst_element_set_state(watching.pipeline, GST_STATE_NULL);
  gst_object_unref(watching.pipeline);
  g_print("%d pictures, %d sounds\n", watching.pictures.load(), watching.sounds.load());
  return watching.pictures >= frames && (video_only || watching.sounds >= frames) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc < 4) return 2;
  const auto port = static_cast<uint16_t>(std::atoi(argv[2]));
  const int count = std::atoi(argv[3]);
  if (std::strcmp(argv[1], "publish") == 0) return Publish(port, count);
  return Watch(port, count, argc > 4 && std::strcmp(argv[4], "h264") == 0,
               argc > 5 && std::strcmp(argv[5], "video") == 0);
}

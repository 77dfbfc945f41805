// GStreamer's webrtcbin, an independent WebRTC endpoint, at the other end of webrtctransport:
// pictures and sound both ways. The offers are webrtcbin's, read and answered as sfuserver does.
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ortc/rtp_capabilities_json.h"
#include "ortc/rtp_parameters_json.h"
#include "ortc/transport_parameters_json.h"
#include "signalling/sdp_answer.h"
#include "signalling/sdp_offer.h"
#include "tests/elements/actions.h"
#include "tests/elements/harness.h"
#include "tests/support/interop_result.h"
#include "tests/support/webrtcbin_peer.h"

namespace sfu::test {
namespace {

using signalling::SdpAnswerMedia;
using signalling::SdpOffer;

constexpr int kFrames = 30;
constexpr int kSounds = 50;

// Counts buffers, and can be waited for.
class Counter {
 public:
  void Watch(GstPad* pad) {
    gst_pad_add_probe(
        pad, GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo*, gpointer self) {
          static_cast<Counter*>(self)->Add();
          return GST_PAD_PROBE_OK;
        },
        this, nullptr);
  }
  bool WaitFor(int count) {
    std::unique_lock lock(mutex_);
    return more_.wait_for(lock, std::chrono::nanoseconds(kPatience),
                          [&] { return count_ >= count; });
  }

 private:
  void Add() {
    const std::lock_guard lock(mutex_);
    ++count_;
    more_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable more_;
  int count_ = 0;
};

// The webrtcbin called "w" of a pipeline that plays, with the offer as sfuserver reads it.
class Peer : public WebRtcBinPeer {
 public:
  explicit Peer(const Pipeline& pipeline) : WebRtcBinPeer(pipeline.Find("w").get()) {}

  SdpOffer MakeOffer() {
    const std::string text = WebRtcBinPeer::MakeOffer();
    const auto read = signalling::ParseSdpOffer(text);
    EXPECT_TRUE(read.ok()) << read.error().ToString() << "\n" << text;
    return read.value();
  }

  // The transport's answer.
  void Take(const SdpOffer& offer, GstElement* transport,
            const std::vector<std::optional<SdpAnswerMedia>>& media) {
    signalling::SdpLocalTransport local;
    local.ice = ortc::ParseIceParameters(GetString(transport, "ice-parameters")).value();
    local.candidates = ortc::ParseIceCandidates(GetString(transport, "ice-candidates")).value();
    local.dtls = ortc::ParseDtlsParameters(GetString(transport, "dtls-parameters")).value();
    const std::string text = signalling::MakeSdpAnswer(offer, local, media, 1);
    ASSERT_TRUE(TakeAnswer(text)) << text;
  }
};

// Decodes what comes out of a source pad, and counts it. `counter` must outlive the pipeline.
void Decode(const Pipeline& pipeline, GstElement* element, const char* pad, bool video,
            Counter* counter) {
  GstElement* branch =
      gst_parse_bin_from_description(video ? "rtpvp8depay ! vp8dec name=d ! fakesink async=false"
                                           : "rtpopusdepay ! opusdec name=d ! fakesink async=false",
                                     TRUE, nullptr);
  ASSERT_NE(branch, nullptr);
  const auto decoder = ElementRef::Adopt(gst_bin_get_by_name(GST_BIN(branch), "d"));
  counter->Watch(PadRef::Adopt(gst_element_get_static_pad(decoder.get(), "src")).get());
  gst_bin_add(GST_BIN(pipeline.get()), branch);
  gst_element_sync_state_with_parent(branch);
  EXPECT_TRUE(gst_element_link_pads(element, pad, branch, "sink"));
}

void Connect(GstElement* transport, const SdpOffer& offer) {
  const Answer answer = CallText(transport, "connect", ortc::ToJson(offer.dtls));
  ASSERT_TRUE(answer.ok()) << answer.error;
}

std::string WebRtcBinVersion() {
  GstPluginFeature* factory = gst_registry_lookup_feature(gst_registry_get(), "webrtcbin");
  GstPlugin* plugin = gst_plugin_feature_get_plugin(factory);
  std::string text = std::string("webrtcbin ") + gst_plugin_get_version(plugin);
  gst_object_unref(plugin);
  gst_object_unref(factory);
  return text;
}

TEST(WebRtcBin, PublishesPicturesAndSound) {
  InteropResult saw("webrtcbin publishes", WebRtcBinVersion());
  saw.direction = "to us";
  saw.codecs = {"VP8", "opus"};
  Counter counters[2];
  Pipeline sfu("sfurouter name=r webrtctransport name=t address=127.0.0.1");
  ASSERT_TRUE(sfu.ok()) << sfu.error();
  sfu.SetState(GST_STATE_PLAYING);
  const ElementRef transport = sfu.Find("t");
  Pipeline publisher(
      "webrtcbin name=w bundle-policy=max-bundle "
      "videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=30/1 ! "
      "vp8enc deadline=1 ! rtpvp8pay pt=96 ! "
      "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000 ! w. "
      "audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=2 ! opusenc ! "
      "rtpopuspay pt=111 ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111,"
      "clock-rate=48000,encoding-params=(string)2 ! w.");
  ASSERT_TRUE(publisher.ok()) << publisher.error();
  Peer peer(publisher);
  peer.OfferRtx();
  publisher.SetState(GST_STATE_PLAYING);
  const SdpOffer offer = peer.MakeOffer();
  ASSERT_EQ(offer.media.size(), 2U);
  const ElementRef router = sfu.Find("r");
  const auto capabilities =
      ortc::ParseRtpCapabilities(GetString(router.get(), "rtp-capabilities")).value();

  std::vector<std::optional<SdpAnswerMedia>> media;
  for (const auto& section : offer.media) {
    const auto parameters = section.Sendable(capabilities);
    ASSERT_TRUE(parameters.ok()) << parameters.error().ToString();
    const bool video = section.kind == MediaKind::kVideo;
    const Json request = {{"kind", video ? "video" : "audio"},
                          {"rtpParameters", Json::parse(ortc::ToJson(parameters.value()))}};
    EXPECT_EQ(parameters.value().codecs.size(), video ? 2U : 1U) << "VP8 has RTX";
    const Answer produced = Call(transport.get(), "produce", request);
    ASSERT_TRUE(produced.ok()) << produced.error << request.dump();
    media.push_back(SdpAnswerMedia{.receive = true, .parameters = parameters.value()});
    Decode(sfu, transport.get(), produced.value()["pad"].get<std::string>().c_str(), video,
           &counters[video ? 0 : 1]);
  }
  Connect(transport.get(), offer);
  peer.Take(offer, transport.get(), media);
  EXPECT_TRUE(counters[0].WaitFor(kFrames));
  EXPECT_TRUE(counters[1].WaitFor(kSounds));
}

// Waits until so many Producers are there; their ids by the names of their pads.
std::map<std::string, std::string> WaitForProducers(Pipeline* pipeline, size_t count) {
  std::map<std::string, std::string> ids;
  while (ids.size() < count) {
    const MessageRef message = pipeline->WaitForMessage(GST_MESSAGE_ELEMENT);
    if (!message) break;
    const GstStructure* s = gst_message_get_structure(message.get());
    if (g_strcmp0(gst_structure_get_string(s, "event"), "producer-added") != 0) continue;
    ids[gst_structure_get_string(s, "pad")] = gst_structure_get_string(s, "producer-id");
  }
  EXPECT_EQ(ids.size(), count);
  return ids;
}

// What webrtcbin decodes of a pad that it adds.
struct Watching {
  const Pipeline* pipeline;
  Counter video;
  Counter audio;
};

TEST(WebRtcBin, WatchesPicturesAndHearsSound) {
  InteropResult saw("webrtcbin watches", WebRtcBinVersion());
  saw.direction = "from us";
  saw.codecs = {"VP8", "opus"};
  Pipeline sfu(
      "sfurouter name=r webrtctransport name=t address=127.0.0.1 "
      "videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=30/1 ! "
      "vp8enc deadline=1 keyframe-max-dist=300 ! rtpvp8pay ! r.sink_0 "
      "audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=2 ! opusenc ! rtpopuspay ! "
      "r.sink_1");
  ASSERT_TRUE(sfu.ok()) << sfu.error();
  sfu.SetState(GST_STATE_PLAYING);
  const ElementRef router = sfu.Find("r");
  const ElementRef transport = sfu.Find("t");
  auto ids = WaitForProducers(&sfu, 2);

  Watching watching;
  Pipeline viewer("webrtcbin name=w bundle-policy=max-bundle fakesrc num-buffers=0 ! fakesink");
  ASSERT_TRUE(viewer.ok()) << viewer.error();
  watching.pipeline = &viewer;
  Peer peer(viewer);
  // In the router's numbers, which `consume` answers with.
  peer.Receive("application/x-rtp,media=video,encoding-name=VP8,payload=101,clock-rate=90000");
  peer.Receive(
      "application/x-rtp,media=audio,encoding-name=OPUS,payload=100,clock-rate=48000,"
      "encoding-params=(string)2");
  const ElementRef bin = viewer.Find("w");
  g_signal_connect(
      bin.get(), "pad-added", G_CALLBACK(+[](GstElement* element, GstPad* pad, Watching* to) {
        const auto caps = CapsRef::Adopt(gst_pad_get_current_caps(pad));
        const GstStructure* s = gst_caps_get_structure(caps.get(), 0);
        const bool video = g_str_equal(gst_structure_get_string(s, "media"), "video") != FALSE;
        Decode(*to->pipeline, element, GST_PAD_NAME(pad), video, video ? &to->video : &to->audio);
      }),
      &watching);
  viewer.SetState(GST_STATE_PLAYING);
  const SdpOffer offer = peer.MakeOffer();
  ASSERT_EQ(offer.media.size(), 2U);

  std::vector<std::optional<SdpAnswerMedia>> media;
  for (const auto& section : offer.media) {
    const Json request = {
        {"producerId", ids[section.kind == MediaKind::kVideo ? "sink_0" : "sink_1"]},
        {"mid", section.mid},
        {"rtpCapabilities", Json::parse(ortc::ToJson(section.Receivable()))}};
    const Answer consumed = Call(router.get(), "consume", transport.get(), request);
    ASSERT_TRUE(consumed.ok()) << consumed.error << request.dump();
    const auto parameters =
        ortc::ParseRtpParameters(consumed.value()["rtpParameters"].dump()).value();
    media.push_back(SdpAnswerMedia{.receive = false, .parameters = parameters});
  }
  Connect(transport.get(), offer);
  peer.Take(offer, transport.get(), media);
  EXPECT_TRUE(watching.video.WaitFor(kFrames));
  EXPECT_TRUE(watching.audio.WaitFor(kSounds));
  viewer.SetState(GST_STATE_NULL);
}

}  // namespace
}  // namespace sfu::test

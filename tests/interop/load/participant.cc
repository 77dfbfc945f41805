#include "participant.h"

#include "examples/echo/actions.h"
#include "rtp_batch_memory.h"

namespace load {
namespace {

constexpr char kRoom[] = "load";
constexpr uint8_t kVideoType = 96;
constexpr uint8_t kAudioType = 111;

GstElement* AddTransport(const Scene& scene) {
  GstElement* transport = gst_element_factory_make("webrtctransport", nullptr);
  g_object_set(transport, "address", "127.0.0.1", "enable-tcp", FALSE, "worker", "load", nullptr);
  gst_util_set_object_arg(G_OBJECT(transport), "ice-mode", "full");
  gst_bin_add(GST_BIN(scene.pipeline), transport);
  gst_element_sync_state_with_parent(transport);
  return transport;
}

bool Connected(GstElement* transport) {
  gchar* state = nullptr;
  g_object_get(transport, "dtls-state", &state, nullptr);
  const bool connected = g_str_equal(state, "connected") != FALSE;
  g_free(state);
  return connected;
}

// What is sent, as `produce` wants it.
Json Parameters(bool video, uint32_t ssrc) {
  Json codec = {{"mimeType", video ? "video/VP8" : "audio/opus"},
                {"payloadType", video ? kVideoType : kAudioType},
                {"clockRate", video ? 90'000 : 48'000}};
  if (video) {
    codec["rtcpFeedback"] = {{{"type", "nack"}}, {{"type", "nack"}, {"parameter", "pli"}}};
  } else {
    codec["channels"] = 2;
  }
  return {{"codecs", {codec}}, {"encodings", {{{"ssrc", ssrc}}}}, {"rtcp", {{"cname", "load"}}}};
}

std::string Caps(bool video, uint32_t ssrc) {
  return (video ? "application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,payload=96,"
                  "rtcp-fb-nack=true,rtcp-fb-nack-pli=true,ssrc=(uint)"
                : "application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,payload=111,"
                  "ssrc=(uint)") +
         std::to_string(ssrc);
}

GstPadProbeReturn OnBatch(GstPad*, GstPadProbeInfo* info, gpointer data) {
  const int64_t now = MonotonicNow();
  const sfu::RtpBatch* batch = sfu::gst::BatchOfBuffer(GST_PAD_PROBE_INFO_BUFFER(info));
  if (batch == nullptr) return GST_PAD_PROBE_OK;
  for (const auto& entry : batch->entries) {
    static_cast<Judge::Stream*>(data)->OnPayload(entry.packet->payload(), now);
  }
  return GST_PAD_PROBE_DROP;
}

}  // namespace

SentStream::SentStream(const Scene& scene, GstElement* transport, bool video, uint32_t ssrc)
    : video_(video),
      frames_(video ? scene.frames->video : scene.frames->audio, video,
              video ? kVideoType : kAudioType, ssrc),
      pad_(gst_pad_new(nullptr, GST_PAD_SRC)) {
  gst_pad_set_element_private(pad_, this);
  gst_pad_set_event_function(pad_, [](GstPad* pad, GstObject*, GstEvent* event) -> gboolean {
    if (gst_event_has_name(event, "GstForceKeyUnit")) {
      static_cast<SentStream*>(gst_pad_get_element_private(pad))->key_frame_wanted_ = true;
    }
    gst_event_unref(event);
    return TRUE;
  });
  GstPad* sink = gst_element_request_pad_simple(transport, "sink_%u");
  // Sent when it comes, whatever the pipeline's clock says.
  g_object_set(sink, "sync", FALSE, nullptr);
  gst_pad_set_active(pad_, TRUE);
  gst_pad_link(pad_, sink);
  gst_object_unref(sink);
  GstCaps* caps = gst_caps_from_string(Caps(video, ssrc).c_str());
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(pad_, gst_event_new_stream_start(std::to_string(ssrc).c_str()));
  gst_pad_push_event(pad_, gst_event_new_caps(caps));
  gst_pad_push_event(pad_, gst_event_new_segment(&segment));
  gst_caps_unref(caps);
}

SentStream::~SentStream() {
  gst_pad_set_active(pad_, FALSE);
  gst_object_unref(pad_);
}

void SentStream::Push(int64_t now) {
  const auto packets = frames_.Next(key_frame_wanted_.exchange(false), now);
  GstBufferList* list = gst_buffer_list_new();
  for (const auto& packet : packets) {
    gst_buffer_list_add(list, gst_buffer_new_memdup(packet.data(), packet.size()));
  }
  gst_pad_push_list(pad_, list);
}

Participant::Participant(const Scene& scene, int number)
    : scene_(scene), number_(number), send_(AddTransport(scene)), receive_(AddTransport(scene)) {
  socket_ = std::make_unique<RoomSocket>(
      scene_.session, scene_.url, [this] { OnOpen(); },
      [this](const std::string& method, const Json& data) { OnNotification(method, data); },
      scene_.failed);
}

Participant::~Participant() {
  socket_.reset();
  streams_.clear();
}

bool Participant::ready() const {
  return accepted_ == 2 && Connected(send_) && Connected(receive_);
}

void Participant::OnOpen() {
  const Json who = {{"room", kRoom}, {"name", "Load " + std::to_string(number_)}};
  socket_->Request("join", who, [this](const Json& joined) {
    capabilities_ = joined["rtpCapabilities"];
    // What a browser has of it, of these two codecs.
    std::erase_if(capabilities_["codecs"].get_ref<Json::array_t&>(), [](const Json& codec) {
      const std::string type = codec["mimeType"];
      return type != "video/VP8" && type != "audio/opus";
    });
    for (const char* direction : {"send", "recv"}) {
      socket_->Request("createTransport", {{"direction", direction}},
                       [this, direction](const Json& theirs) { OnTransport(direction, theirs); });
    }
  });
}

void Participant::OnTransport(const char* direction, const Json& theirs) {
  const bool sends = g_str_equal(direction, "send") != FALSE;
  GstElement* ours = sends ? send_ : receive_;
  Json dtls = GetJson(ours, "dtls-parameters");
  dtls["role"] = "client";
  socket_->Request("connectTransport", {{"transportId", theirs["id"]}, {"dtlsParameters", dtls}});
  Json server = {{"dtlsParameters", theirs["dtlsParameters"]},
                 {"iceParameters", theirs["iceParameters"]},
                 {"iceCandidates", theirs["iceCandidates"]}};
  server["dtlsParameters"]["role"] = "server";
  std::erase_if(server["iceCandidates"].get_ref<Json::array_t&>(),
                [](const Json& candidate) { return candidate["protocol"] != "udp"; });
  Call(ours, "connect", server.dump());
  if (sends) {
    Produce(true);
    Produce(false);
  } else {
    socket_->Request("receive", {{"rtpCapabilities", capabilities_}});
  }
}

void Participant::Produce(bool video) {
  const uint32_t ssrc = static_cast<uint32_t>(number_) * 2 + (video ? 1'000'001 : 1'000'000);
  streams_.push_back(std::make_unique<SentStream>(scene_, send_, video, ssrc));
  socket_->Request("produce",
                   {{"source", video ? "cam" : "mic"},
                    {"kind", video ? "video" : "audio"},
                    {"rtpParameters", Parameters(video, ssrc)}},
                   [this](const Json&) { ++accepted_; });
}

void Participant::OnNotification(const std::string& method, const Json& data) {
  if (method == "newConsumer") Consume(data);
  if (method == "notConsumable") scene_.failed(data.dump());
}

void Participant::Consume(const Json& consumer) {
  const Json produced = Call(receive_, "produce",
                             Json({{"id", consumer["id"]},
                                   {"kind", consumer["kind"]},
                                   {"rtpParameters", consumer["rtpParameters"]}})
                                 .dump());
  GstPad* pad = gst_element_get_static_pad(receive_, produced["pad"].get<std::string>().c_str());
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, OnBatch,
                    scene_.judge->Add(consumer["kind"] == "video"), nullptr);
  // A pad of ours gets whole batches on the Worker's thread: no thread for each stream.
  GstPad* sink = gst_element_request_pad_simple(scene_.sink_router, "sink_%u");
  gst_pad_link(pad, sink);
  gst_object_unref(sink);
  gst_object_unref(pad);
  socket_->Request("resumeConsumer", {{"consumerId", consumer["id"]}},
                   [this](const Json&) { ++consumed_; });
}

}  // namespace load

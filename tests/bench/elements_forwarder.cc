// One pipeline of sfurouter and plaintransport elements, written as a launch line. A Router has two
// faces, one for what comes in and one for what goes out: peers that send and receive would
// otherwise make loops in the graph.
#include <utility>

#include "feeder.h"
#include "gst_forwarder.h"

namespace sfu::bench {
namespace {

constexpr char kVideoCaps[] =
    "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000,"
    "rtcp-fb-nack=(boolean)true,rtcp-fb-nack-pli=(boolean)true";
constexpr char kAudioCaps[] =
    "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,"
    "rtcp-fb-nack=(boolean)true";
static_assert(kVideoPayloadType == 96 && kAudioPayloadType == 111);

std::string Numbered(const char* prefix, size_t number) {
  std::string text(prefix);
  text += std::to_string(number);
  return text;
}

// Writes the launch line of one room.
class RoomWriter {
 public:
  RoomWriter(const ForwarderOptions& options, size_t room)
      : options_(options),
        router_(Numbered("router", room)),
        in_(Numbered("in", room)),
        out_(Numbered("out", room)),
        first_(room * options.scenario.endpoints_per_room()),
        sinks_(options.scenario.endpoints_per_room()) {}

  // Appends the room to `launch`; the senders' ports are added to `ingress`.
  void Write(std::string* launch, std::vector<SocketAddress>* ingress) {
    const Scenario& scenario = options_.scenario;
    std::string transports;
    for (size_t i = 0; i < scenario.endpoints_per_room(); ++i) {
      const uint16_t port = scenario.sends(first_ + i) ? FreePort(first_ + i) : uint16_t{0};
      if (port != 0) (*ingress)[first_ + i] = *SocketAddress::ParseIp("127.0.0.1", port);
      transports += Transport(i, port);
      if (port != 0) AddProducers(i);
    }
    for (const char* piece : {" sfurouter name=", in_.c_str(), " router=", router_.c_str(),
                              " sfurouter name=", out_.c_str(), " router=", router_.c_str(),
                              router_pads_.c_str(), transports.c_str(), links_.c_str()}) {
      *launch += piece;
    }
  }

 private:
  static std::string TransportName(size_t endpoint) { return Numbered("t", endpoint); }

  std::string Transport(size_t i, uint16_t port) const {
    const SocketAddress& peer = options_.endpoints[first_ + i];
    std::string text(" plaintransport address=127.0.0.1 name=");
    text += TransportName(first_ + i);
    text += Numbered(" port=", port) + Numbered(" remote-port=", peer.port());
    text += " remote-address=";
    text += peer.IpString();
    if (port == 0) return text;
    size_t pad = 0;
    for (const bool audio : {false, true}) {
      if (audio ? !options_.scenario.has_audio : !options_.scenario.has_video) continue;
      text += Numbered(" src_", pad++);
      text += "::caps=\"";
      text += audio ? kAudioCaps : kVideoCaps;
      text += '"';
    }
    return text;
  }

  void AddProducers(size_t i) {
    const Scenario& scenario = options_.scenario;
    const size_t streams = size_t{scenario.has_audio} + size_t{scenario.has_video};
    for (size_t pad = 0; pad < streams; ++pad) {
      const std::string sink = Numbered("sink_", producers_++);
      Link(TransportName(first_ + i), Numbered("src_", pad), in_, sink);
      for (size_t to = 0; to < scenario.endpoints_per_room(); ++to) {
        if (to != i && scenario.receives(first_ + to)) AddConsumer(sink, to);
      }
    }
  }

  void AddConsumer(const std::string& producer, size_t to) {
    const std::string src = Numbered("src_", consumers_++);
    router_pads_ += ' ';
    router_pads_ += src;
    router_pads_ += "::producer=";
    router_pads_ += in_;
    router_pads_ += '.';
    router_pads_ += producer;
    Link(out_, src, TransportName(first_ + to), Numbered("sink_", sinks_[to]++));
  }

  void Link(const std::string& from, const std::string& src, const std::string& to,
            const std::string& sink) {
    for (const char* piece :
         {" ", from.c_str(), ".", src.c_str(), " ! ", to.c_str(), ".", sink.c_str()}) {
      links_ += piece;
    }
  }

  const ForwarderOptions& options_;
  const std::string router_;
  const std::string in_;       // the element with the sink pads
  const std::string out_;      // the element with the source pads
  const size_t first_;         // endpoint
  std::vector<size_t> sinks_;  // how many pads each transport has so far
  size_t producers_ = 0;
  size_t consumers_ = 0;
  std::string router_pads_;
  std::string links_;
};

}  // namespace

std::unique_ptr<Forwarder> MakeElements(const ForwarderOptions& options, std::string* error) {
  gst_init(nullptr, nullptr);
  for (const char* element : {"sfurouter", "plaintransport"}) {
    GstElementFactory* factory = gst_element_factory_find(element);
    if (factory == nullptr) {
      *error = std::string("no element ") + element + "; is GST_PLUGIN_PATH set?";
      return nullptr;
    }
    gst_object_unref(factory);
  }
  std::string launch;
  std::vector<SocketAddress> ingress(options.scenario.endpoints());
  for (size_t room = 0; room < options.scenario.rooms; ++room) {
    RoomWriter(options, room).Write(&launch, &ingress);
  }
  return PlayPipeline(launch, std::move(ingress), error);
}

}  // namespace sfu::bench

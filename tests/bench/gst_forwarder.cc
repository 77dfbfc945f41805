// Pipelines, and the one of stock elements.
#include "gst_forwarder.h"

#include <utility>

#include "net/sockaddr.h"
#include "net/udp_bind.h"

namespace sfu::bench {
namespace {

// Below the range from which the kernel chooses by itself.
constexpr size_t kFirstPort = 20'000;
constexpr size_t kPortsPerIndex = 20;

class PipelineForwarder : public Forwarder {
 public:
  PipelineForwarder(GstElement* pipeline, std::vector<SocketAddress> ingress)
      : pipeline_(pipeline), ingress_(std::move(ingress)) {}
  ~PipelineForwarder() override {
    gst_element_set_state(pipeline_, GST_STATE_NULL);
    gst_object_unref(pipeline_);
  }
  const std::vector<SocketAddress>& ingress() const override { return ingress_; }

 private:
  GstElement* const pipeline_;
  const std::vector<SocketAddress> ingress_;
};

}  // namespace

std::unique_ptr<Forwarder> PlayPipeline(const std::string& launch,
                                        std::vector<SocketAddress> ingress, std::string* error) {
  gst_init(nullptr, nullptr);
  GError* problem = nullptr;
  GstElement* pipeline = gst_parse_launch(launch.c_str(), &problem);
  if (problem != nullptr || pipeline == nullptr) {
    *error = problem != nullptr ? problem->message : "no pipeline";
    g_clear_error(&problem);
    gst_clear_object(&pipeline);
    return nullptr;
  }
  auto forwarder = std::make_unique<PipelineForwarder>(pipeline, std::move(ingress));
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  constexpr GstClockTime kPatience = 20 * GST_SECOND;
  GstState state = GST_STATE_NULL;
  gst_element_get_state(pipeline, &state, nullptr, kPatience);
  if (state != GST_STATE_PLAYING) {
    *error = "the pipeline does not play";
    return nullptr;
  }
  return forwarder;
}

uint16_t FreePort(size_t index) {
  UdpSocketOptions options;
  options.local = *SocketAddress::ParseIp("127.0.0.1");
  options.min_port = static_cast<uint16_t>(kFirstPort + kPortsPerIndex * index);
  options.max_port = static_cast<uint16_t>(options.min_port + kPortsPerIndex - 1);
  const auto socket = BindUdp(options, NetFeatures{});
  KernelAddress address{};
  socklen_t size = sizeof(address);
  if (!socket || getsockname(socket.value().get(), &address.any, &size) != 0) return 0;
  return FromKernel(address).port();
}

std::unique_ptr<Forwarder> MakeMultiUdpSink(const ForwarderOptions& options, std::string* error) {
  const Scenario& scenario = options.scenario;
  const size_t per_room = scenario.endpoints_per_room();
  std::vector<SocketAddress> ingress(scenario.endpoints());
  std::string launch;
  for (size_t sender = 0; sender < scenario.endpoints(); ++sender) {
    if (!scenario.sends(sender)) continue;
    ingress[sender] = *SocketAddress::ParseIp("127.0.0.1", FreePort(sender));
    std::string clients;
    const size_t room = sender / per_room;
    for (size_t to = room * per_room; to < (room + 1) * per_room; ++to) {
      if (to == sender || !scenario.receives(to)) continue;
      if (!clients.empty()) clients += ',';
      clients += options.endpoints[to].ToString();
    }
    launch += " udpsrc address=127.0.0.1 port=" + std::to_string(ingress[sender].port()) +
              " ! multiudpsink sync=false async=false clients=" + clients;
  }
  return PlayPipeline(launch, std::move(ingress), error);
}

}  // namespace sfu::bench

// Making, watching and ending the transport of one peer.
#include "signalling/server_peer.h"

#include <utility>

#include "ortc/transport_parameters_json.h"

namespace sfu::gst {
namespace {

using signalling::SdpLocalTransport;

// The text of an action's answer, or its error.
Result<std::string> AnswerOf(GstStructure* answer) {
  if (answer == nullptr) return Error{"transport", "gives no answer"};
  const char* json = gst_structure_get_string(answer, "json");
  const char* field = gst_structure_get_string(answer, "field");
  const char* reason = gst_structure_get_string(answer, "reason");
  Result<std::string> result = std::string(json == nullptr ? "" : json);
  if (json == nullptr) {
    result = Error{field == nullptr ? "" : field, reason == nullptr ? "failed" : reason};
  }
  gst_structure_free(answer);
  return result;
}

void OnNotify(GObject*, GParamSpec*, gpointer changed) {
  (*static_cast<std::function<void()>*>(changed))();
}

void FreeFunction(gpointer changed, GClosure*) {
  delete static_cast<std::function<void()>*>(changed);
}

}  // namespace

Result<std::unique_ptr<ServerPeer>> ServerPeer::Make(GstBin* bin, const PeerSettings& settings,
                                                     const signalling::SdpOffer& offer) {
  GstElement* made = gst_element_factory_make("webrtctransport", nullptr);
  if (made == nullptr) return Error{"", "there is no webrtctransport"};
  g_object_set(made, "address", settings.address.c_str(), "port", settings.ice_port,
               "announced-address", settings.announced_address.c_str(), "worker",
               settings.worker.c_str(), nullptr);
  const ElementRef transport(GST_ELEMENT(gst_object_ref_sink(made)));
  gst_object_unref(made);
  // Its errors are this peer's, not the pipeline's: so it opens before the bin hears of it.
  if (gst_element_set_state(made, GST_STATE_READY) == GST_STATE_CHANGE_FAILURE) {
    gst_element_set_state(made, GST_STATE_NULL);
    return Error{"", "no transport can be opened"};
  }
  gst_bin_add(bin, made);
  std::unique_ptr<ServerPeer> peer(new ServerPeer(bin, transport, offer.dtls.role));
  GstStructure* answer = nullptr;
  const std::string json =
      R"({"dtlsParameters":)" + ortc::ToJson(signalling::OffererDtls(offer)) + "}";
  g_signal_emit_by_name(made, "connect", json.c_str(), &answer);
  const auto connected = AnswerOf(answer);
  if (!connected) return connected.error();
  if (gst_element_sync_state_with_parent(made) == FALSE) {
    return Error{"", "the transport cannot be started"};
  }
  return peer;
}

ServerPeer::ServerPeer(GstBin* bin, ElementRef transport, ortc::DtlsRole offered_role)
    : bin_(bin), transport_(std::move(transport)), offered_role_(offered_role) {}

ServerPeer::~ServerPeer() {
  for (const gulong handler : handlers_) g_signal_handler_disconnect(transport(), handler);
  // From now on the bin's own changes of state leave it alone.
  gst_element_set_locked_state(transport(), TRUE);
  gst_element_set_state(transport(), GST_STATE_NULL);
  for (const ServerTrack& track : tracks_) {
    const auto router = ElementRef::Adopt(gst_pad_get_parent_element(track.router_pad.get()));
    if (router) gst_element_release_request_pad(router.get(), track.router_pad.get());
  }
  gst_bin_remove(bin_, transport());
}

std::vector<ServerTrack> ServerPeer::TakeTracks() {
  for (const ServerTrack& track : tracks_) {
    const auto peer = PadRef::Adopt(gst_pad_get_peer(track.router_pad.get()));
    if (peer) gst_pad_unlink(peer.get(), track.router_pad.get());
  }
  return std::exchange(tracks_, {});
}

std::string ServerPeer::Text(const char* property) const {
  gchar* value = nullptr;
  g_object_get(transport(), property, &value, nullptr);
  std::string text = value == nullptr ? "" : value;
  g_free(value);
  return text;
}

Result<SdpLocalTransport> ServerPeer::Local() const {
  SdpLocalTransport local;
  auto ice = ortc::ParseIceParameters(Text("ice-parameters"));
  if (!ice) return ice.error();
  auto candidates = ortc::ParseIceCandidates(Text("ice-candidates"));
  if (!candidates) return candidates.error();
  auto dtls = ortc::ParseDtlsParameters(Text("dtls-parameters"));
  if (!dtls) return dtls.error();
  local.ice = std::move(ice).value();
  local.candidates = std::move(candidates).value();
  local.dtls = std::move(dtls).value();
  local.dtls.role = signalling::AnsweringRole(offered_role_);
  return local;
}

Result<SdpLocalTransport> ServerPeer::RestartIce() {
  GstStructure* answer = nullptr;
  g_signal_emit_by_name(transport(), "restart-ice", &answer);
  const auto restarted = AnswerOf(answer);
  if (!restarted) return restarted.error();
  return Local();
}

bool ServerPeer::IsConnected() const { return Text("dtls-state") == "connected"; }

bool ServerPeer::IsOver() const {
  const std::string ice = Text("ice-state");
  const std::string dtls = Text("dtls-state");
  return ice == "disconnected" || ice == "closed" || dtls == "failed" || dtls == "closed";
}

void ServerPeer::Watch(const std::function<void()>& changed) {
  for (const char* signal : {"notify::ice-state", "notify::dtls-state"}) {
    handlers_.push_back(g_signal_connect_data(
        transport(), signal, G_CALLBACK(OnNotify),  // NOLINT(bugprone-casting-through-void)
        new std::function<void()>(changed), FreeFunction, static_cast<GConnectFlags>(0)));
  }
}

}  // namespace sfu::gst

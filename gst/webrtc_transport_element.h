// The inside of webrtctransport: its settings, and its ICE and DTLS on the Worker.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "net/webrtc_transport_host.h"
#include "ordered_calls.h"
#include "transport_element.h"
#include "webrtc_settings.h"

G_BEGIN_DECLS

GST_ELEMENT_REGISTER_DECLARE(webrtctransport)
GType gst_sfu_webrtc_transport_get_type();

G_END_DECLS

namespace sfu::gst {

class WebRtcTransportElement final : public TransportElement, private WebRtcTransportListener {
 public:
  explicit WebRtcTransportElement(GstElement* element)
      : TransportElement(element, {}), calls_(element) {}

  // Properties. They count from NULL to READY, but max-incoming-bitrate at any time.
  bool SetSetting(guint id, const GValue* value);
  bool GetSetting(guint id, GValue* value) const;
  // max-outgoing-bitrate or min-outgoing-bitrate. The error names the property.
  Status SetOutgoingLimit(guint id, guint bits_per_second);

  // What there is to tell the peer and the application, as JSON or as one word. Nothing but "new"
  // and "closed" in NULL.
  struct Told {
    std::string ice_parameters;
    std::string ice_candidates;
    std::string dtls_parameters;
    std::string ice_selected_tuple;
    std::string dtls_remote_cert;
    IceState ice_state = IceState::kNew;
    bool ice_gathered = false;  // no more candidates of ours will come
    DtlsState dtls_state = DtlsState::kNew;
  };
  Told told() const;

  // NULL to READY: there is a transport from now on. READY to NULL: it closes, and what was
  // negotiated with it. Waits for the Worker, except on it.
  bool Prepare(GstStateChange transition) override;
  void Finish(GstStateChange transition) override;

  // The actions. On application threads.
  Result<std::string> Connect(const char* json);
  Result<std::string> RestartIce();
  // With full ICE, what the peer tells later: a candidate (trickle), parameters after a restart.
  Result<std::string> AddIceCandidate(const char* json);
  Result<std::string> SetRemoteIceParameters(const char* json);

 private:
  RtpTransport* core() const override;
  GstStructure* NewStats() const override;
  void AddCoreStats(GstStructure* stats) const override;
  void AddDump(ortc::TransportDump* dump) const override;

  // A local candidate was found; null: that was the last one. On the Worker.
  void OnIceCandidate(const IceCandidate* candidate);

  Status Open();
  void Close();
  // Worker.
  void AddWebRtcDump(const WebRtcTransport& transport, ortc::WebRtcDump* dump) const;
  Status Make(const WebRtcTransportHostOptions& options, const WebRtcPortOptions& port,
              std::shared_ptr<const DtlsContext> context);
  void Unmake();
  void LimitSender();
  void LimitOutgoing();
  template <typename Function>
  Status OnTransport(Function function);
  void UpdateParameters();
  // WebRtcTransportListener
  void OnIceState(IceState state, Timestamp now) override;
  void OnIceSelectedTuple(const std::optional<IceTuple>& tuple, Timestamp now) override;
  void OnDtlsState(DtlsState state, Timestamp now) override;
  // Tells the application that a property has a new value: by notify, and by a message that holds
  // it.
  void Tell(const char* message, const char* property, const char* field, std::string value);

  OrderedCalls calls_;
  mutable std::mutex mutex_;  // guards the next two; never held while calling out
  WebRtcSettings settings_;
  Told told_;

  // The Worker's.
  std::shared_ptr<WebRtcServer> server_;  // outlives host_; null with own ports or full ICE
  std::shared_ptr<NiceThread> nice_;      // outlives host_; null but with full ICE
  std::unique_ptr<WebRtcTransportHost> host_;
};

}  // namespace sfu::gst

// The inside of plaintransport: its settings, and its sockets on the Worker.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "net/plain_transport_host.h"
#include "ortc/requests.h"
#include "plain_transport_settings.h"
#include "transport_element.h"

G_BEGIN_DECLS

GST_ELEMENT_REGISTER_DECLARE(plaintransport)
GType gst_sfu_plain_transport_get_type();

G_END_DECLS

namespace sfu::gst {

class PlainTransportElement final : public TransportElement {
 public:
  // Anybody who sends the payload type may be the source.
  explicit PlainTransportElement(GstElement* element)
      : TransportElement(element, {.allow_unknown_source = true}) {}

  // Properties. A new peer takes effect at once; the rest when the sockets are bound.
  bool SetSetting(guint id, const GValue* value);
  bool GetSetting(guint id, GValue* value) const;
  // 0 while the sockets are not bound.
  guint local_port() const;
  guint local_rtcp_port() const;

  // The action `connect`: mediasoup's connect() as JSON, which answers with what state() says. The
  // error names the field; then nothing has changed. Waits for the Worker.
  Result<std::string> ConnectJson(const char* json);
  // What is known of sockets, peer and keys. Waits for the Worker.
  ortc::PlainTransportState state() const;

  // READY to PAUSED: binds the sockets and adds the pads' streams.
  bool Prepare(GstStateChange transition) override;
  // PAUSED to READY: the reverse. Waits for the Worker, except on it.
  void Finish(GstStateChange transition) override;

 private:
  RtpTransport* core() const override;
  GstStructure* NewStats() const override;
  void AddCoreStats(GstStructure* stats) const override;
  void AddDump(ortc::TransportDump* dump) const override;

  Status Open();
  void Close();
  void Reconnect();
  Status Connect(const PlainTransportSettings& settings);
  // Worker.
  Status Bind(const PlainTransportHostOptions& options,
              const std::optional<PlainConnectOptions>& peer);
  // Streams that come by themselves, in plain_transport_found.cc.
  void OfferStream(guint8 payload_type, unsigned run);
  CapsRef DescribePayload(guint8 payload_type) const;
  ObjectRef<GstSfuReceiverPad> TakeWaitingPad(const GstCaps* caps);

  mutable std::mutex mutex_;  // guards what follows, but host_; never held while calling out
  PlainTransportSettings settings_;
  bool bound_ = false;
  SocketAddress local_rtp_;
  SocketAddress local_rtcp_;

  std::unique_ptr<PlainTransportHost> host_;  // the Worker's
};

}  // namespace sfu::gst

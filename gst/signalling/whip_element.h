// The sfuwhip element: WHIP and WHEP for an application that has an HTTP server and rooms of its
// own. Requests and responses go through an action; what the protocol wants to be done is asked by
// signals, within that call. No thread, no socket, no media.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "ortc/rtp_capabilities.h"
#include "signalling/whip_endpoint.h"

G_BEGIN_DECLS

GST_ELEMENT_REGISTER_DECLARE(sfuwhip)
GType gst_sfu_whip_get_type();

G_END_DECLS

namespace sfu::gst {

// One thread at a time calls.
class WhipElement final : private signalling::SessionHost {
 public:
  // What is asked of the application. The texts are JSON (session_json.h).
  struct Application {
    virtual ~Application() = default;
    virtual std::string Open(const std::string& id, signalling::SessionRole role,
                             const std::string& offer) = 0;
    virtual std::string RestartIce(const std::string& id) = 0;
    virtual void Close(const std::string& id) = 0;
  };

  explicit WhipElement(std::unique_ptr<Application> application);
  WhipElement(const WhipElement&) = delete;
  WhipElement& operator=(const WhipElement&) = delete;
  ~WhipElement() override = default;

  unsigned max_sessions = 100;  // counts from the first request on
  const std::string& rtp_capabilities() const { return capabilities_text_; }
  Status SetRtpCapabilities(const std::string& json);

  // Not from inside a question to the application: an error then.
  Result<signalling::HttpResponse> Handle(const signalling::HttpRequest& request);
  void SetConnected(const std::string& id);
  void Forget(const std::string& id);
  // Ends the sessions that did not connect in time.
  void HandleTimeout();

 private:
  Opened Open(const std::string& id, signalling::SessionRole role,
              const signalling::SdpOffer& offer) override;
  Result<signalling::SdpLocalTransport> RestartIce(const std::string& id) override;
  void Close(const std::string& id) override;
  // Null while the application is asked.
  signalling::WhipEndpoint* endpoint();

  const std::unique_ptr<Application> application_;
  std::string capabilities_text_;
  ortc::RtpCapabilities capabilities_;
  std::optional<signalling::WhipEndpoint> endpoint_;
  bool asking_ = false;
};

}  // namespace sfu::gst

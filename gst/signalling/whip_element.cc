#include "signalling/whip_element.h"

#include <utility>

#include "net/worker.h"
#include "ortc/rtp_capabilities_json.h"
#include "signalling/sdp_tracks.h"
#include "signalling/session_id.h"
#include "signalling/session_json.h"

namespace sfu::gst {
namespace {

using signalling::SdpLocalTransport;
using signalling::SdpOffer;
using signalling::SessionRole;

}  // namespace

WhipElement::WhipElement(std::unique_ptr<Application> application)
    : application_(std::move(application)) {}

Status WhipElement::SetRtpCapabilities(const std::string& json) {
  auto capabilities = ortc::ParseRtpCapabilities(json);
  if (!capabilities) return capabilities.error();
  capabilities_ = std::move(capabilities).value();
  capabilities_text_ = json;
  return OkStatus();
}

signalling::WhipEndpoint* WhipElement::endpoint() {
  if (asking_) return nullptr;
  if (!endpoint_) {
    SessionHost* host = this;
    endpoint_.emplace(host, signalling::WhipEndpoint::Options{"", max_sessions},
                      signalling::NewSessionId);
  }
  return &*endpoint_;
}

Result<signalling::HttpResponse> WhipElement::Handle(const signalling::HttpRequest& request) {
  signalling::WhipEndpoint* endpoint = this->endpoint();
  if (endpoint == nullptr) return Error{"", "there is a request under way"};
  return endpoint->Handle(request, Worker::Now());
}

void WhipElement::SetConnected(const std::string& id) {
  if (auto* endpoint = this->endpoint()) endpoint->SetConnected(id);
}

void WhipElement::Forget(const std::string& id) {
  if (auto* endpoint = this->endpoint()) endpoint->Forget(id);
}

void WhipElement::HandleTimeout() {
  if (auto* endpoint = this->endpoint()) endpoint->HandleTimeout(Worker::Now());
}

signalling::SessionHost::Opened WhipElement::Open(const std::string& id, SessionRole role,
                                                  const SdpOffer& offer) {
  Opened opened;
  if (role == SessionRole::kPublish) {
    if (Status published = signalling::CheckPublished(offer, capabilities_); !published) {
      opened.fault = Fault::kUnusable;
      opened.error = published.error();
      return opened;
    }
  }
  asking_ = true;
  const std::string answer =
      application_->Open(id, role, signalling::OfferJson(offer, role, capabilities_));
  auto parsed = signalling::ParseOpened(answer, role, offer);
  if (parsed) {
    opened = std::move(parsed).value();
  } else {
    // It may have made the session and said it wrong.
    application_->Close(id);
    opened.fault = Fault::kUnavailable;
    opened.error = parsed.error();
  }
  asking_ = false;
  return opened;
}

Result<SdpLocalTransport> WhipElement::RestartIce(const std::string& id) {
  asking_ = true;
  const std::string answer = application_->RestartIce(id);
  asking_ = false;
  return signalling::ParseLocalTransport(answer);
}

void WhipElement::Close(const std::string& id) {
  asking_ = true;
  application_->Close(id);
  asking_ = false;
}

}  // namespace sfu::gst

#include "signalling.h"

#include "log.h"

namespace room {

void Signalling::Receive(std::string_view text) {
  Request request;
  try {
    ParseRequest(text, &request);
    outlet_->Send(AnswerText(request.id, Handle(request)));
  } catch (const RequestError& error) {
    outlet_->Send(ErrorText(request.id, error));
  } catch (const std::exception& error) {
    // Not the client's mistake: no port is left, say.
    Log("failed", {{"method", request.method}, {"reason", error.what()}});
    outlet_->Send(ErrorText(request.id, RequestError("failed", "", error.what())));
  }
}

Json Signalling::Handle(const Request& request) {
  const auto peer = place_.peer.lock();
  if (request.method == "join") {
    if (joined()) throw RequestError("conflict", "method", "you have joined already");
    place_ = conferences_->Join(Fields(request.data), outlet_);
    return std::move(place_.welcome);
  }
  if (peer == nullptr) throw RequestError("not-joined", "method", "join comes first");
  return place_.conference->Handle(*peer, request);
}

}  // namespace room

// The endpoints and the sessions.
#include "signalling/whip_endpoint.h"

#include <algorithm>
#include <utility>

#include "signalling/sdp_fragment.h"
#include "signalling/sdp_text.h"

namespace sfu::signalling {
namespace {

constexpr char kSdp[] = "application/sdp";
constexpr char kFragment[] = "application/trickle-ice-sdpfrag";
constexpr char kEndpointMethods[] = "GET, HEAD, OPTIONS, POST";
constexpr char kSessionMethods[] = "DELETE, GET, HEAD, OPTIONS, PATCH";
// How long a client should wait before it tries again (s).
constexpr char kRetryAfter[] = "5";
// How long a browser may keep what a preflight said (s).
constexpr char kPreflightAge[] = "86400";

const char* PathOf(SessionRole role) { return role == SessionRole::kPublish ? "/whip" : "/whep"; }

HttpResponse WrongMethod(const char* methods) {
  HttpResponse response = HttpFault(405, std::string("allowed here: ") + methods);
  response.Add("Allow", methods);
  return response;
}

// RFC 9725, section 4.1: there is nothing to see.
HttpResponse NoContent() {
  HttpResponse response;
  response.status = 204;
  return response;
}

// RFC 9725, section 4.2: what can be done here, also for a browser's preflight.
HttpResponse Capabilities(const char* methods, const char* header, const char* type) {
  HttpResponse response = NoContent();
  response.Add("Allow", methods);
  response.Add("Access-Control-Allow-Methods", methods);
  response.Add("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match");
  response.Add("Access-Control-Max-Age", kPreflightAge);
  response.Add(header, type);
  return response;
}

HttpResponse WrongType(const char* header, const char* type) {
  HttpResponse response = HttpFault(415, std::string("the Content-Type must be ") + type);
  response.Add(header, type);
  return response;
}

HttpResponse TryLater(int status, std::string reason) {
  HttpResponse response = HttpFault(status, std::move(reason));
  response.Add("Retry-After", kRetryAfter);
  return response;
}

HttpResponse Refusal(SessionHost::Fault fault, const Error& error) {
  switch (fault) {
    case SessionHost::Fault::kUnusable:
      return HttpFault(422, error.ToString());
    case SessionHost::Fault::kNothingYet:
      return TryLater(409, error.ToString());
    case SessionHost::Fault::kUnavailable:
      break;
  }
  return TryLater(503, error.ToString());
}

// The ICE session (RFC 9725, section 4.3.1): a new user name makes a new one.
std::string TagOf(const ortc::IceParameters& ice) { return '"' + ice.username_fragment + '"'; }

}  // namespace

WhipEndpoint::WhipEndpoint(SessionHost* host, Options options, NewId new_id)
    : host_(host), options_(std::move(options)), new_id_(std::move(new_id)) {}

HttpResponse WhipEndpoint::Handle(const HttpRequest& request, Timestamp now) {
  HttpResponse response = Dispatch(request, now);
  response.Add("Access-Control-Allow-Origin", "*");
  response.Add("Access-Control-Expose-Headers",
               "Accept-Patch, Accept-Post, Allow, ETag, Location, Retry-After");
  return response;
}

HttpResponse WhipEndpoint::Dispatch(const HttpRequest& request, Timestamp now) {
  for (const SessionRole role : {SessionRole::kPublish, SessionRole::kWatch}) {
    std::string_view rest = request.path;
    if (!rest.starts_with(PathOf(role))) continue;
    rest.remove_prefix(std::string_view(PathOf(role)).size());
    if (rest.empty()) return AtEndpoint(request, role, now);
    if (rest.starts_with('/')) return AtSession(request, role, std::string(rest.substr(1)));
  }
  return HttpFault(404, "there is nothing here");
}

// A preflight has no Authorization (Fetch standard, section 4.8).
bool WhipEndpoint::IsAllowed(const HttpRequest& request) const {
  return options_.token.empty() || request.method == "OPTIONS" ||
         IsBearerToken(request.authorization, options_.token);
}

HttpResponse WhipEndpoint::AtEndpoint(const HttpRequest& request, SessionRole role, Timestamp now) {
  if (request.method == "OPTIONS") return Capabilities(kEndpointMethods, "Accept-Post", kSdp);
  if (request.method != "POST" && !IsGet(request)) return WrongMethod(kEndpointMethods);
  if (!IsAllowed(request)) {
    HttpResponse response = HttpFault(401, "a token is needed");
    response.Add("WWW-Authenticate", "Bearer");
    return response;
  }
  return IsGet(request) ? NoContent() : Post(request, role, now);
}

HttpResponse WhipEndpoint::AtSession(const HttpRequest& request, SessionRole role,
                                     const std::string& id) {
  if (!IsAllowed(request)) {
    HttpResponse response = HttpFault(401, "a token is needed");
    response.Add("WWW-Authenticate", "Bearer");
    return response;
  }
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.role != role) {
    return HttpFault(404, "there is no such session");
  }
  if (request.method == "OPTIONS") return Capabilities(kSessionMethods, "Accept-Patch", kFragment);
  if (IsGet(request)) return NoContent();
  if (request.method == "PATCH") return Patch(request, id, &found->second);
  if (request.method != "DELETE") return WrongMethod(kSessionMethods);
  sessions_.erase(found);
  host_->Close(id);
  return HttpResponse();
}

void WhipEndpoint::SetConnected(const std::string& id) {
  const auto found = sessions_.find(id);
  if (found != sessions_.end()) found->second.connected = true;
}

void WhipEndpoint::HandleTimeout(Timestamp now) {
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    const Session& session = it->second;
    if (session.connected || now < session.opened + kConnectTime) {
      ++it;
      continue;
    }
    const std::string id = it->first;
    it = sessions_.erase(it);
    host_->Close(id);
  }
}

// What to answer when there can be no other session. Whoever floods us with offers keeps neither
// those out who have connected nor, for long, those who want to.
std::optional<HttpResponse> WhipEndpoint::NoRoom(const std::string& client, Timestamp now) {
  size_t pending = 0;
  auto oldest = sessions_.end();
  for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
    const Session& session = it->second;
    if (session.connected) continue;
    if (session.client == client) ++pending;
    if (oldest == sessions_.end() || session.opened < oldest->second.opened) oldest = it;
  }
  if (pending >= std::max(options_.max_sessions / kPendingShare, kMinPending)) {
    return TryLater(429, "first connect the sessions that you have");
  }
  if (sessions_.size() < options_.max_sessions) return std::nullopt;
  if (oldest == sessions_.end() || now < oldest->second.opened + kGrace) {
    return TryLater(503, "there are as many sessions as there may be");
  }
  const std::string id = oldest->first;
  sessions_.erase(oldest);
  host_->Close(id);
  return std::nullopt;
}

HttpResponse WhipEndpoint::Post(const HttpRequest& request, SessionRole role, Timestamp now) {
  if (request.body.size() > kMaxSdpBytes) return HttpFault(413, "the offer is too large");
  if (!IsContentType(request.content_type, kSdp)) return WrongType("Accept-Post", kSdp);
  if (!IsAcceptable(request.accept, kSdp)) return HttpFault(406, "the answer is application/sdp");
  const auto offer = ParseSdpOffer(request.body);
  if (!offer) return HttpFault(400, offer.error().ToString());
  if (auto refusal = NoRoom(request.client, now)) return *std::move(refusal);

  const std::string id = new_id_();
  if (id.empty()) return TryLater(503, "there is no randomness");
  const SessionHost::Opened opened = host_->Open(id, role, offer.value());
  if (opened.fault) return Refusal(*opened.fault, opened.error);
  Session& session = sessions_[id];
  session.role = role;
  session.tag = TagOf(opened.local.ice);
  session.remote = offer.value().ice;
  session.mid = offer.value().media[offer.value().tagged].mid;
  session.client = request.client;
  session.opened = now;

  HttpResponse response;
  response.status = 201;
  response.content_type = kSdp;
  response.body = MakeSdpAnswer(offer.value(), opened.local, opened.media, next_answer_++);
  response.Add("Location", std::string(PathOf(role)) + "/" + id);
  response.Add("ETag", session.tag);
  response.Add("Accept-Patch", kFragment);
  return response;
}

HttpResponse WhipEndpoint::Patch(const HttpRequest& request, const std::string& id,
                                 Session* session) {
  if (request.body.size() > kMaxSdpBytes) return HttpFault(413, "the fragment is too large");
  if (!IsContentType(request.content_type, kFragment)) return WrongType("Accept-Patch", kFragment);
  if (!request.if_match) return HttpFault(428, "If-Match is needed");
  if (!IfMatchAllows(*request.if_match, session->tag)) {
    return HttpFault(412, "this is no longer the ICE session");
  }
  const auto fragment = ParseSdpFragment(request.body);
  if (!fragment) return HttpFault(400, fragment.error().ToString());
  const ortc::IceParameters& ice = fragment.value().ice;
  if (!ice.username_fragment.empty() &&
      ice.username_fragment != session->remote.username_fragment) {
    return Restart(id, ice, session);
  }
  // We are ICE-lite: the peer's checks come, wherever from, so its candidates need not be kept.
  return NoContent();
}

HttpResponse WhipEndpoint::Restart(const std::string& id, const ortc::IceParameters& remote,
                                   Session* session) {
  const auto local = host_->RestartIce(id);
  if (!local) return TryLater(503, local.error().ToString());
  session->remote = remote;
  session->tag = TagOf(local.value().ice);
  HttpResponse response;
  response.content_type = kFragment;
  response.body =
      MakeSdpFragment({local.value().ice, local.value().candidates, true}, session->mid);
  response.Add("ETag", session->tag);
  return response;
}

}  // namespace sfu::signalling

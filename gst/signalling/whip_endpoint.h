// WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep) as a function from requests to responses.
//
//   POST /whip, /whep      an offer; 201 with the answer, Location and ETag
//   PATCH  /whip/SESSION   candidates (204), or an ICE restart (200 with a fragment)
//   DELETE /whip/SESSION   the end of it
//
// Who knows the address of a session may change it; addresses cannot be guessed. With a token,
// every request needs it, too. Not safe for threads: one thread calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "signalling/http_message.h"
#include "signalling/sdp_answer.h"
#include "signalling/sdp_offer.h"

namespace sfu::signalling {

enum class SessionRole : uint8_t {
  kPublish,  // WHIP: the peer sends
  kWatch,    // WHEP: the peer receives
};

// Who makes the peers' transports, and the pads of their media.
class SessionHost {
 public:
  enum class Fault : uint8_t {
    kUnusable,     // the offer is well-formed, but nothing can come of it
    kNothingYet,   // there is nothing to watch
    kUnavailable,  // we cannot just now
  };
  struct Opened {
    std::optional<Fault> fault;
    Error error;  // with a fault
    // Else: our end, and what becomes of each section.
    SdpLocalTransport local;
    std::vector<std::optional<SdpAnswerMedia>> media;
  };

  virtual ~SessionHost() = default;
  // A new session. `id` is not in use. After a fault there is none.
  virtual Opened Open(const std::string& id, SessionRole role, const SdpOffer& offer) = 0;
  // New ICE credentials of ours, and our candidates. The session exists.
  virtual Result<SdpLocalTransport> RestartIce(const std::string& id) = 0;
  // The session exists.
  virtual void Close(const std::string& id) = 0;
};

class WhipEndpoint {
 public:
  // How long a session may take until its peer has connected.
  static constexpr TimeDelta kConnectTime = TimeDelta::Seconds(15);
  // A session that is not connected after this time gives way to a new one, when there is no room.
  static constexpr TimeDelta kGrace = TimeDelta::Seconds(3);
  // Of the sessions that are not connected one client may have this part of all that there may be,
  // or a few.
  static constexpr size_t kPendingShare = 4;
  static constexpr size_t kMinPending = 4;

  struct Options {
    std::string token;          // empty: everybody may
    size_t max_sessions = 100;  // of both roles
  };
  // A text of letters and digits that nobody can guess, anew each time; empty if there is none.
  using NewId = std::function<std::string()>;

  // `host` outlives this.
  WhipEndpoint(SessionHost* host, Options options, NewId new_id);

  // Also for paths that are not ours: 404 then. Every response allows other origins (CORS).
  HttpResponse Handle(const HttpRequest& request, Timestamp now);

  // The session's peer has connected, and need not hurry any more.
  void SetConnected(const std::string& id);
  // Closes the sessions whose peers have not connected in time. To be called kConnectTime after
  // each that was opened.
  void HandleTimeout(Timestamp now);
  // The session is gone without its peer's doing.
  void Forget(const std::string& id) { sessions_.erase(id); }
  size_t session_count() const { return sessions_.size(); }

 private:
  struct Session {
    SessionRole role = SessionRole::kPublish;
    std::string tag;  // ETag, with quotes; that of the ICE session
    ortc::IceParameters remote;
    std::string mid;  // of the section whose transport is used
    std::string client;
    Timestamp opened;
    bool connected = false;
  };

  HttpResponse Dispatch(const HttpRequest& request, Timestamp now);
  HttpResponse AtEndpoint(const HttpRequest& request, SessionRole role, Timestamp now);
  HttpResponse AtSession(const HttpRequest& request, SessionRole role, const std::string& id);
  HttpResponse Post(const HttpRequest& request, SessionRole role, Timestamp now);
  std::optional<HttpResponse> NoRoom(const std::string& client, Timestamp now);
  HttpResponse Patch(const HttpRequest& request, const std::string& id, Session* session);
  HttpResponse Restart(const std::string& id, const ortc::IceParameters& remote, Session* session);
  bool IsAllowed(const HttpRequest& request) const;

  SessionHost* const host_;
  const Options options_;
  const NewId new_id_;
  std::map<std::string, Session> sessions_;  // at most options_.max_sessions
  uint64_t next_answer_ = 1;
};

}  // namespace sfu::signalling

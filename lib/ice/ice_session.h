// One peer's connectivity, whatever finds it: ICE-lite on a shared port (ice_lite_session.h), or a
// full agent. The user above it (DTLS and RTP of one WebRTC transport) is its observer.
#pragma once

#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/datagram.h"
#include "base/result.h"
#include "base/time.h"
#include "ice/ice_credentials.h"
#include "ice/ice_types.h"

namespace sfu {

// Called on the Worker's thread. Any call may destroy the session that makes it, and others.
class IceObserver {
 public:
  virtual ~IceObserver() = default;

  // Comes after the selected tuple that goes with it. Closing is not told.
  virtual void OnIceState(IceState state, Timestamp now) = 0;
  // Where sender() sends to from now on; nothing: there is no path.
  virtual void OnIceSelectedTuple(const std::optional<IceTuple>& tuple, Timestamp now) = 0;

  // What came on paths that ICE has validated, and only that. The bytes may be modified in place
  // and are valid only during the call.
  //
  // One datagram of DTLS (RFC 7983).
  virtual void OnDtls(MutableBytes datagram, const IceTuple& tuple, Timestamp now) = 0;
  // RTP and RTCP in order of arrival (ClassifyDatagram() tells which), all from one tuple: as many
  // as one wake-up brought, except that DTLS between them divides them.
  virtual void OnMedia(std::span<ReceivedDatagram> datagrams, const IceTuple& tuple,
                       Timestamp now) = 0;
  // That was all of one tuple's OnDtls() and OnMedia() of this wake-up.
  virtual void OnDatagramsDone(Timestamp now) = 0;
};

class IceSession {
 public:
  virtual ~IceSession() = default;

  // Ours, to be told to the peer.
  virtual const IceParameters& local_parameters() const = 0;
  virtual std::span<const IceCandidate> local_candidates() const = 0;

  // The peer's. An error names the field and changes nothing.
  virtual Status SetRemoteParameters(const IceParameters& parameters) = 0;
  virtual Status AddRemoteCandidate(const IceCandidate& candidate) = 0;

  // ICE restart: new local parameters. The old ones are honoured until the peer uses the new; paths
  // and state stay. An error changes nothing.
  virtual Status Restart(const IceCredentials& credentials) = 0;

  virtual IceState state() const = 0;
  virtual std::optional<IceTuple> selected_tuple() const = 0;

  // Sends to the selected tuple, whichever it is at that time; the destination and source given to
  // Commit() are ignored. Without a selected tuple it gives no space.
  virtual DatagramSender& sender() = 0;

  // To be called when authenticated data came on `tuple`: a peer that has not nominated any path
  // yet shows by it which one it uses.
  virtual void OnAuthenticatedData(const IceTuple& tuple, Timestamp now) = 0;

  // When HandleTimeout() is to be called next. It becomes earlier only with OnIceState() or
  // OnIceSelectedTuple(); so a timer may be left armed for what this said then, and asks again when
  // it fires.
  virtual Timestamp NextDeadline() const = 0;
  virtual void HandleTimeout(Timestamp now) = 0;

  // No more events, no more sending; state() is kClosed.
  virtual void Close() = 0;
};

}  // namespace sfu

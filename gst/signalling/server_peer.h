// One browser of an sfuserver: its webrtctransport, and what links it to the router.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "gst_ref.h"
#include "signalling/left_tracks.h"
#include "signalling/sdp_offer.h"
#include "signalling/whip_endpoint.h"

namespace sfu::gst {

// How the transports of all peers are made.
struct PeerSettings {
  std::string address;
  unsigned ice_port = 0;
  std::string announced_address;
  std::string worker;
};

class ServerPeer {
 public:
  // Adds a transport to the bin and connects it as the offer says. Errors name what is wrong.
  static Result<std::unique_ptr<ServerPeer>> Make(GstBin* bin, const PeerSettings& settings,
                                                  const signalling::SdpOffer& offer);
  ServerPeer(const ServerPeer&) = delete;
  ServerPeer& operator=(const ServerPeer&) = delete;
  // Releases the router's pads and takes the transport out of the bin.
  ~ServerPeer();

  GstElement* transport() const { return transport_.get(); }
  // Our end as it is now. `offered_role`: what the peer will be in DTLS.
  Result<signalling::SdpLocalTransport> Local() const;
  Result<signalling::SdpLocalTransport> RestartIce();
  // Media can flow.
  bool IsConnected() const;
  // The peer has gone, or was never who it said.
  bool IsOver() const;
  // Calls it, on whatever thread, whenever one of the two may have changed.
  void Watch(const std::function<void()>& changed);
  // A track goes with this peer.
  void Keep(ServerTrack track) { tracks_.push_back(std::move(track)); }
  const std::vector<ServerTrack>& tracks() const { return tracks_; }
  // From now on the router's pads are the caller's, and the transport feeds them no more.
  std::vector<ServerTrack> TakeTracks();
  void set_role(signalling::SessionRole role) { role_ = role; }
  signalling::SessionRole role() const { return role_; }

 private:
  ServerPeer(GstBin* bin, ElementRef transport, ortc::DtlsRole offered_role);
  std::string Text(const char* property) const;

  GstBin* const bin_;
  const ElementRef transport_;
  const ortc::DtlsRole offered_role_;
  signalling::SessionRole role_ = signalling::SessionRole::kPublish;
  std::vector<ServerTrack> tracks_;
  std::vector<gulong> handlers_;
};

}  // namespace sfu::gst

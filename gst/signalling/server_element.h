// The sfuserver element: a bin with an sfurouter, a webrtctransport for each browser, and the HTTP
// server that they come by.
//
// What browsers ask for is done on the server's thread. That thread calls the application only by
// GstBin's signals about its children.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "gst_ref.h"
#include "signalling/fed_pads.h"
#include "signalling/left_tracks.h"
#include "signalling/published_pads.h"
#include "signalling/server_peer.h"
#include "signalling/server_thread.h"
#include "signalling/whip_endpoint.h"

G_BEGIN_DECLS

GST_ELEMENT_REGISTER_DECLARE(sfuserver)
GType gst_sfu_server_get_type();

G_END_DECLS

namespace sfu::gst {

struct ServerSettings {
  std::string address = "127.0.0.1";
  unsigned port = 8080;
  std::string ice_address;  // empty: see MediaAddress()
  unsigned ice_port = 0;
  std::string announced_address;
  std::string token;
  unsigned max_sessions = 100;
};

// Where media are: at ice_address; else at that of HTTP, but for a loopback address at all of the
// machine, since Firefox sends no media to loopback. Empty: all.
std::string MediaAddress(const ServerSettings& settings);

class ServerElement final : private signalling::SessionHost {
 public:
  explicit ServerElement(GstBin* bin);
  ServerElement(const ServerElement&) = delete;
  ServerElement& operator=(const ServerElement&) = delete;
  ~ServerElement() override = default;

  // --- any thread ---
  GstElement* router() const { return router_.get(); }
  ServerSettings settings() const;
  // They count from READY to PAUSED.
  void Change(const std::function<void(ServerSettings*)>& change);
  // That of the running server, else of the settings.
  unsigned port() const;
  // The caller frees it.
  GstStructure* Stats() const;

  // --- application threads ---
  FedPads& fed_pads() { return fed_pads_; }
  PublishedPads& published_pads() { return published_pads_; }
  // READY to PAUSED: opens the port. The error names the property.
  Status Start();
  // PAUSED to READY: closes the port and ends all sessions.
  void Stop();

 private:
  // SessionHost, on the server's thread.
  Opened Open(const std::string& id, signalling::SessionRole role,
              const signalling::SdpOffer& offer) override;
  Result<signalling::SdpLocalTransport> RestartIce(const std::string& id) override;
  void Close(const std::string& id) override;

  // The endpoint, if this is the thread of the server that runs. It is not when the application,
  // from inside one of the signals, has stopped the server, and perhaps started it anew.
  std::shared_ptr<signalling::WhipEndpoint> endpoint() const;
  Status Publish(const signalling::SdpOffer& offer, ServerPeer* peer, Opened* opened);
  Status PublishTrack(const signalling::SdpMedia& section, ServerPeer* peer,
                      std::optional<signalling::SdpAnswerMedia>* media);
  void Watch(const signalling::SdpOffer& offer, ServerPeer* peer, Opened* opened);
  // False when the server was stopped meanwhile.
  bool Keep(const std::string& id, const std::shared_ptr<ServerPeer>& peer);
  // What the peer has published or watched ends, or is left to the next publisher.
  void Leave(ServerPeer* peer);
  // The Producers that viewers have.
  std::set<std::string> Watched() const;
  // Something has happened to the session's peer: it may have connected, or be gone.
  void Check(const std::string& id);
  std::shared_ptr<ServerPeer> FindPeer(const std::string& id) const;
  std::shared_ptr<ServerPeer> TakePeer(const std::string& id);
  void Later(std::function<void()> task, unsigned delay = 0);

  GstBin* const bin_;
  const ElementRef router_;
  FedPads fed_pads_;
  PublishedPads published_pads_;
  LeftTracks left_tracks_;  // likewise

  mutable std::mutex mutex_;  // guards what follows; never held while calling out
  ServerSettings settings_;
  std::unique_ptr<signalling::ServerThread> thread_;
  std::shared_ptr<signalling::WhipEndpoint> endpoint_;        // the thread's
  std::map<std::string, std::shared_ptr<ServerPeer>> peers_;  // by session
};

}  // namespace sfu::gst

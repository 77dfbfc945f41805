// One person in a room.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "outlet.h"
#include "peer_media.h"
#include "protocol.h"

namespace room {

// What a person sends: one of each source.
struct Producer {
  std::string source;  // mic, cam, screen or screen-audio
  std::string kind;    // audio or video
  bool paused = false;
  std::string codec;  // MIME type
};

struct Peer {
  Peer(std::string peer_id, std::string peer_name, std::string peer_session, Outlet* out,
       Pipeline* pipeline, GstElement* router, const TransportSettings& settings)
      : id(std::move(peer_id)),
        name(std::move(peer_name)),
        session(std::move(peer_session)),
        outlet(out),
        media(pipeline, router, settings) {}

  const std::string id;
  const std::string name;     // nobody else in the room has it
  const std::string session;  // by which the client is known again; may be empty
  Outlet* const outlet;       // outlives this
  PeerMedia media;
  bool hand_raised = false;
  std::map<std::string, Producer> producers;  // by id
  // What it can receive, once it has said so, and by which Consumer it gets which Producer.
  std::optional<Json> capabilities;
  std::map<std::string, std::string> consumers;  // Producer: Consumer
  unsigned score = 10;                           // the worst of its producers that are not paused
};

}  // namespace room

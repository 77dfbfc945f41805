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

// How somebody is in a room. All but the page are guests: they hear nothing of what goes on.
enum class Via {
  kPage,
  kPlain,
  kWhip,
  // These only watch, and nobody sees them.
  kPlainOut,
  kWhep,
};

constexpr const char* TextOf(Via via) {
  switch (via) {
    case Via::kPage:
      return "page";
    case Via::kPlain:
      return "plain";
    case Via::kPlainOut:
      return "plain-out";
    case Via::kWhip:
      return "whip";
    case Via::kWhep:
      return "whep";
  }
  return "";
}

constexpr bool IsSeen(Via via) { return via != Via::kPlainOut && via != Via::kWhep; }

struct Peer {
  Peer(std::string peer_id, std::string peer_name, std::string peer_session, Via peer_via,
       Outlet* out, Pipeline* pipeline, GstElement* router, const TransportSettings& settings)
      : id(std::move(peer_id)),
        name(std::move(peer_name)),
        session(std::move(peer_session)),
        via(peer_via),
        outlet(out),
        media(pipeline, router, settings) {}

  const std::string id;
  const std::string name;     // nobody else who can be seen has it
  const std::string session;  // by which the client is known again; may be empty
  const Via via;
  Outlet* const outlet;  // outlives this
  PeerMedia media;
  bool is_seen() const { return IsSeen(via); }
  bool hand_raised = false;
  std::map<std::string, Producer> producers;  // by id
  // What it can receive, once it has said so, and by which Consumer it gets which Producer.
  std::optional<Json> capabilities;
  std::map<std::string, std::string> consumers;  // Producer: Consumer
  // Which Producers it gets in another codec, or will get as soon as there is one: that codec.
  std::map<std::string, std::string> transcoded;
  unsigned score = 10;  // the worst of its producers that are not paused
};

}  // namespace room

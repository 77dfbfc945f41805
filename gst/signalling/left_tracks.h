// Tracks whose publisher has gone while somebody watches them. The Producer stays, without a
// sender, and so do its Consumers: who publishes such a track next takes the place, and the viewers
// go on at a key frame, in one unbroken stream.
#pragma once

#include <gst/gst.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gst_ref.h"

namespace sfu::gst {

// What a peer publishes or watches.
struct ServerTrack {
  PadRef router_pad;        // of a publisher a sink pad of the router, of a viewer a source pad
  std::string producer_id;  // of the Producer on that pad, or of the one that is watched
  int router_payload_type = -1;  // of a publisher: that of its codec
};

// The server's thread's, while it runs.
class LeftTracks {
 public:
  explicit LeftTracks(GstElement* router) : router_(router) {}

  // A publisher has gone, whose transport feeds the pads no more. Of these and of the tracks left
  // before, those whose Producers are in `watched` stay; the pads of the others are released. Files
  // and others but viewers hear of the end of the stream.
  void Settle(std::vector<ServerTrack> tracks, const std::set<std::string>& watched);
  // The track that was left first of those with this codec of the router. It is no more left.
  std::optional<ServerTrack> Take(int router_payload_type);
  bool Has(const std::string& producer_id) const;
  void Clear() { Settle({}, {}); }

 private:
  GstElement* const router_;
  std::vector<ServerTrack> tracks_;  // each has a viewer
};

}  // namespace sfu::gst

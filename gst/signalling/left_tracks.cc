// Keeping and giving the pads.
#include "signalling/left_tracks.h"

#include <algorithm>
#include <utility>

namespace sfu::gst {

void LeftTracks::Settle(std::vector<ServerTrack> tracks, const std::set<std::string>& watched) {
  const auto release = [&](const ServerTrack& track) {
    if (watched.contains(track.producer_id)) return false;
    gst_element_release_request_pad(router_, track.router_pad.get());
    return true;
  };
  std::erase_if(tracks_, release);
  std::erase_if(tracks, release);
  for (ServerTrack& track : tracks) {
    gst_pad_send_event(track.router_pad.get(), gst_event_new_eos());
    tracks_.push_back(std::move(track));
  }
}

std::optional<ServerTrack> LeftTracks::Take(int router_payload_type) {
  const auto found = std::find_if(tracks_.begin(), tracks_.end(), [&](const ServerTrack& track) {
    return track.router_payload_type == router_payload_type;
  });
  if (found == tracks_.end()) return std::nullopt;
  ServerTrack track = std::move(*found);
  tracks_.erase(found);
  return track;
}

bool LeftTracks::Has(const std::string& producer_id) const {
  return std::any_of(tracks_.begin(), tracks_.end(),
                     [&](const ServerTrack& track) { return track.producer_id == producer_id; });
}

}  // namespace sfu::gst

// What there is in all rooms at one time. Knows no GStreamer and no network.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "protocol.h"

namespace room {

struct Census {
  double rooms = 0;
  double peers = 0;
  double transcoders = 0;
  // Of the peers those who did not come by the page: how they did.
  std::map<std::string, double> guests = {{"plain", 0}, {"plain-out", 0}, {"whep", 0}, {"whip", 0}};
  // By ICE state, and by kind. What there is none of stands there with 0.
  std::map<std::string, double> transports = {{"none", 0},         {"new", 0},
                                              {"connected", 0},    {"completed", 0},
                                              {"disconnected", 0}, {"closed", 0}};
  std::map<std::string, double> producers = {{"audio", 0}, {"video", 0}};
  std::map<std::string, double> consumers = {{"audio", 0}, {"video", 0}};
  double lost_in = 0;   // packets
  double lost_out = 0;  // packets
  double round_trips = 0;
  double round_trip_sum = 0;  // seconds
  double round_trip_max = 0;  // seconds

  // Counts a transport with its streams, by its statistics.
  void AddTransport(const Json& stats) {
    ++transports[stats.value("iceState", "none")];
    for (const Json& pad : stats) {
      if (pad.is_object()) AddStream(pad);
    }
  }

 private:
  void AddStream(const Json& stats) {
    const bool in = stats.value("type", "") == "inbound-rtp";
    ++(in ? producers : consumers)[stats.value("kind", "")];
    (in ? lost_in : lost_out) += stats.value("packetsLost", 0.0);
    const double round_trip = stats.value("roundTripTime", 0.0);
    if (round_trip <= 0) return;
    ++round_trips;
    round_trip_sum += round_trip;
    round_trip_max = std::max(round_trip_max, round_trip);
  }
};

}  // namespace room

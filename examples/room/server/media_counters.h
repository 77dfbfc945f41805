// What all transports together have counted, also those that have ended: sums of their statistics
// that only grow. Knows no GStreamer and no network.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "protocol.h"

namespace room {

// A figure that is made of one field of the statistics (docs/elements/plaintransport.md).
struct MediaFigure {
  const char* type;  // of the statistics that have the field: transport, inbound-rtp, outbound-rtp
  const char* field;
  const char* name;  // of the metric
  const char* help;
};
// Those that are counted. Those of streams are told apart by their kind.
const std::vector<MediaFigure>& MediaFigures();

class MediaCounters {
 public:
  // By `kind` (audio, video), or all under "".
  using Sums = std::map<std::string, double>;

  // Adds what a transport has counted, with its pads.
  void AddTransport(const Json& stats);
  // Adds what one pad has counted, for it goes before its transport does.
  void AddPad(const Json& stats);
  void Add(const MediaCounters& other);

  // The sums of a metric.
  const Sums& Of(const std::string& name) const;
  // Dropped packets by reason.
  const Sums& drops() const { return drops_; }

 private:
  std::map<std::string, Sums> sums_;  // by the metric's name
  Sums drops_;
};

}  // namespace room

// GET /metrics, for Prometheus. No label names a room or a person, so that there are as many series
// on a busy server as on an empty one.
#include <map>

#include "../process_usage.h"
#include "all_routes.h"
#include "prometheus.h"

namespace room {
namespace {

void AddMedia(const MediaCounters& counters, PrometheusText* text) {
  for (const MediaFigure& figure : MediaFigures()) {
    text->Begin(figure.name, "counter", figure.help);
    if (std::string(figure.type) == "transport") {
      const auto& sums = counters.Of(figure.name);
      text->Sample(sums.empty() ? 0 : sums.begin()->second);
      continue;
    }
    for (const char* kind : {"audio", "video"}) {
      const auto& sums = counters.Of(figure.name);
      const auto sum = sums.find(kind);
      text->Sample(sum == sums.end() ? 0 : sum->second, {{"kind", kind}});
    }
  }
  text->Begin("sfu_dropped_packets_total", "counter", "Packets that were dropped, by reason.");
  for (const auto& [reason, sum] : counters.drops()) text->Sample(sum, {{"reason", reason}});
}

void AddCensus(const Census& census, PrometheusText* text) {
  const auto by = [&](const char* name, const char* help, const char* label, const auto& counts) {
    text->Begin(name, "gauge", help);
    for (const auto& [value, count] : counts) {
      text->Sample(static_cast<double>(count), {{label, value}});
    }
  };
  text->Add("sfu_rooms", "gauge", "Rooms that somebody is in.", census.rooms);
  text->Add("sfu_peers", "gauge", "Who is in rooms.", census.peers);
  text->Add("sfu_transcoders", "gauge", "Streams that are made in another codec.",
            census.transcoders);
  by("sfu_guests", "Peers who did not come by the page.", "via", census.guests);
  by("sfu_transports", "Transports, by the state of their ICE.", "ice_state", census.transports);
  by("sfu_producers", "Streams that peers send.", "kind", census.producers);
  by("sfu_consumers", "Streams that peers get.", "kind", census.consumers);
  text->Begin("sfu_lost_packets", "gauge",
              "Packets of the streams that are there now that did not come, by direction. A repair "
              "takes one off.");
  text->Sample(census.lost_in, {{"direction", "in"}});
  text->Sample(census.lost_out, {{"direction", "out"}});
  text->Begin("sfu_round_trip_time_seconds", "gauge",
              "Round trip times of the streams that are there now.");
  text->Sample(census.round_trips == 0 ? 0 : census.round_trip_sum / census.round_trips,
               {{"of", "mean"}});
  text->Sample(census.round_trip_max, {{"of", "max"}});
}

void AddProcess(const ProcessUsage& usage, PrometheusText* text) {
  text->Add("process_cpu_seconds_total", "counter", "CPU time of all threads.", usage.cpu_seconds);
  text->Add("process_resident_memory_bytes", "gauge", "Memory in use.", usage.resident_bytes);
  text->Add("process_virtual_memory_bytes", "gauge", "Addresses in use.", usage.virtual_bytes);
  text->Add("process_start_time_seconds", "gauge", "When it began, since 1970.",
            usage.start_time_seconds);
  text->Add("process_threads", "gauge", "Threads.", usage.threads);
  text->Add("process_open_fds", "gauge", "Open files and sockets.", usage.open_files);
  text->Add("process_max_fds", "gauge", "How many there may be.", usage.max_files);
}

}  // namespace

void AddMetricsRoutes(Routes* routes, Conferences* conferences) {
  routes->Add("GET", "/metrics", Access::kServer, [conferences](const HttpRequest&) {
    PrometheusText text;
    MediaCounters counters;
    const Census census = conferences->Count(&counters);
    AddCensus(census, &text);
    AddMedia(counters, &text);
    AddProcess(ReadProcessUsage(), &text);
    return HttpResponse{200, kPrometheusType, text.text(), {}};
  });
}

}  // namespace room

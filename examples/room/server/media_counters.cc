#include "media_counters.h"

#include <string_view>

namespace room {
namespace {

constexpr std::string_view kDropped = "dropped-";

double NumberOf(const Json& stats, const std::string& field) {
  const auto value = stats.find(field);
  return value == stats.end() || !value->is_number() ? 0 : value->get<double>();
}

void Merge(const MediaCounters::Sums& from, MediaCounters::Sums* to) {
  for (const auto& [label, value] : from) (*to)[label] += value;
}

}  // namespace

const std::vector<MediaFigure>& MediaFigures() {
  static const std::vector<MediaFigure> kFigures = {
      {"transport", "bytesReceived", "sfu_received_bytes_total",
       "Bytes from peers, RTCP included."},
      {"transport", "packetsReceived", "sfu_received_packets_total", "Packets from peers."},
      {"transport", "bytesSent", "sfu_sent_bytes_total", "Bytes to peers, RTCP included."},
      {"transport", "packetsSent", "sfu_sent_packets_total", "Packets to peers."},
      {"inbound-rtp", "bytesReceived", "sfu_inbound_rtp_bytes_total",
       "Bytes of streams that peers send."},
      {"inbound-rtp", "packetsReceived", "sfu_inbound_rtp_packets_total",
       "Packets of streams that peers send."},
      {"inbound-rtp", "retransmittedPacketsReceived", "sfu_inbound_rtp_retransmitted_packets_total",
       "Packets that came again because they were asked for."},
      {"inbound-rtp", "nackCount", "sfu_inbound_rtp_nacks_total", "NACKs sent to who sends."},
      {"inbound-rtp", "pliCount", "sfu_inbound_rtp_plis_total", "PLIs sent to who sends."},
      {"inbound-rtp", "firCount", "sfu_inbound_rtp_firs_total", "FIRs sent to who sends."},
      {"outbound-rtp", "bytesSent", "sfu_outbound_rtp_bytes_total",
       "Payload bytes of streams that peers get."},
      {"outbound-rtp", "packetsSent", "sfu_outbound_rtp_packets_total",
       "Packets of streams that peers get."},
      {"outbound-rtp", "retransmittedPacketsSent", "sfu_outbound_rtp_retransmitted_packets_total",
       "Packets that were sent again because they were asked for."},
      {"outbound-rtp", "nackCount", "sfu_outbound_rtp_nacks_total", "NACKs from who receives."},
      {"outbound-rtp", "pliCount", "sfu_outbound_rtp_plis_total", "PLIs from who receives."},
      {"outbound-rtp", "firCount", "sfu_outbound_rtp_firs_total", "FIRs from who receives."},
  };
  return kFigures;
}

void MediaCounters::AddTransport(const Json& stats) {
  AddPad(stats);
  for (const Json& pad : stats) {
    if (pad.is_object()) AddPad(pad);
  }
}

void MediaCounters::AddPad(const Json& stats) {
  const std::string type = stats.value("type", "");
  const std::string kind = stats.value("kind", "");
  for (const MediaFigure& figure : MediaFigures()) {
    if (type == figure.type) sums_[figure.name][kind] += NumberOf(stats, figure.field);
  }
  for (const auto& [field, value] : stats.items()) {
    if (!field.starts_with(kDropped)) continue;
    drops_[field.substr(kDropped.size())] += NumberOf(stats, field);
  }
}

void MediaCounters::Add(const MediaCounters& other) {
  for (const auto& [name, sums] : other.sums_) Merge(sums, &sums_[name]);
  Merge(other.drops_, &drops_);
}

const MediaCounters::Sums& MediaCounters::Of(const std::string& name) const {
  static const Sums kNone;
  const auto found = sums_.find(name);
  return found == sums_.end() ? kNone : found->second;
}

}  // namespace room

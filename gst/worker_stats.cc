// W3C counts time in seconds.
#include "worker_stats.h"

#include <string>

namespace sfu::gst {

void AddDrops(GstStructure* stats, const DropCounters& drops) {
  for (size_t i = 0; i < static_cast<size_t>(DropReason::kCount); ++i) {
    const auto reason = static_cast<DropReason>(i);
    if (drops[reason] == 0) continue;
    const std::string field = "dropped-" + std::string(DropReasonName(reason));
    gst_structure_set(stats, field.c_str(), G_TYPE_UINT64, static_cast<guint64>(drops[reason]),
                      nullptr);
  }
}

namespace {

void AddStreamStats(GstStructure* stats, const RtpReceiver& receiver, Timestamp now) {
  const RtpReceiverStats s = receiver.Stats(now);
  gst_structure_set(
      stats, "type", G_TYPE_STRING, "inbound-rtp", "ssrc", G_TYPE_UINT, receiver.ssrc(), "kind",
      G_TYPE_STRING, receiver.codec().kind == MediaKind::kVideo ? "video" : "audio",
      "packetsReceived", G_TYPE_UINT64, static_cast<guint64>(s.stream.packets), "bytesReceived",
      G_TYPE_UINT64, static_cast<guint64>(s.stream.bytes), "packetsLost", G_TYPE_INT64,
      static_cast<gint64>(s.stream.lost), "retransmittedPacketsReceived", G_TYPE_UINT64,
      static_cast<guint64>(s.stream.repaired), "packetsDiscarded", G_TYPE_UINT64,
      static_cast<guint64>(s.stream.discarded), "jitter", G_TYPE_DOUBLE, s.stream.jitter.seconds(),
      "nackCount", G_TYPE_UINT64, static_cast<guint64>(s.nacks_sent), "pliCount", G_TYPE_UINT64,
      static_cast<guint64>(s.plis_sent), "firCount", G_TYPE_UINT64,
      static_cast<guint64>(s.firs_sent), "score", G_TYPE_UINT, guint{s.stream.score}, nullptr);
  if (s.stream.round_trip) {
    gst_structure_set(stats, "roundTripTime", G_TYPE_DOUBLE, s.stream.round_trip->seconds(),
                      nullptr);
  }
  if (s.rtx_ssrc != 0) gst_structure_set(stats, "rtxSsrc", G_TYPE_UINT, s.rtx_ssrc, nullptr);
  if (s.orientation) {
    gst_structure_set(stats, "rotation", G_TYPE_UINT, guint{s.orientation->rotation}, nullptr);
  }
  if (!s.rid.empty()) gst_structure_set(stats, "rid", G_TYPE_STRING, s.rid.c_str(), nullptr);
  AddDrops(stats, s.drops);
}

// Counters are 64 bits wide.
gboolean AddCounter(GQuark field, const GValue* value, gpointer data) {
  auto* sums = static_cast<GstStructure*>(data);
  const char* name = g_quark_to_string(field);
  if (G_VALUE_HOLDS_UINT64(value)) {
    guint64 sum = 0;
    gst_structure_get_uint64(sums, name, &sum);
    gst_structure_set(sums, name, G_TYPE_UINT64, sum + g_value_get_uint64(value), nullptr);
  } else if (G_VALUE_HOLDS_INT64(value)) {
    gint64 sum = 0;
    gst_structure_get_int64(sums, name, &sum);
    gst_structure_set(sums, name, G_TYPE_INT64, sum + g_value_get_int64(value), nullptr);
  }
  return TRUE;
}

gboolean Copy(GQuark field, const GValue* value, gpointer data) {
  gst_structure_id_set_value(static_cast<GstStructure*>(data), field, value);
  return TRUE;
}

}  // namespace

void AppendStructure(GValue* array, GstStructure* one) {
  GValue value = G_VALUE_INIT;
  g_value_init(&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed(&value, one);
  gst_value_array_append_and_take_value(array, &value);
}

void AddInboundStats(GstStructure* stats, std::span<RtpReceiver* const> receivers, Timestamp now) {
  if (receivers.size() == 1) AddStreamStats(stats, *receivers[0], now);
  if (receivers.size() < 2) return;
  GstStructure* sums = gst_structure_new("sums", "type", G_TYPE_STRING, "inbound-rtp", "kind",
                                         G_TYPE_STRING, "video", nullptr);
  GValue encodings = G_VALUE_INIT;
  g_value_init(&encodings, GST_TYPE_ARRAY);
  for (const RtpReceiver* receiver : receivers) {
    GstStructure* one = gst_structure_new_empty("application/x-sfu-stream-stats");
    AddStreamStats(one, *receiver, now);
    gst_structure_foreach(one, AddCounter, sums);
    AppendStructure(&encodings, one);
  }
  gst_structure_foreach(sums, Copy, stats);
  gst_structure_free(sums);
  gst_structure_take_value(stats, "encodings", &encodings);
}

void AddOutboundStats(GstStructure* stats, const RtpSender& sender, Timestamp now) {
  const RtpSenderStats s = sender.Stats(now);
  gst_structure_set(
      stats, "type", G_TYPE_STRING, "outbound-rtp", "ssrc", G_TYPE_UINT, sender.ssrc(), "kind",
      G_TYPE_STRING, sender.codec().kind == MediaKind::kVideo ? "video" : "audio", "packetsSent",
      G_TYPE_UINT64, static_cast<guint64>(s.stream.packets_sent), "bytesSent", G_TYPE_UINT64,
      static_cast<guint64>(s.stream.bytes_sent), "headerBytesSent", G_TYPE_UINT64,
      static_cast<guint64>(s.stream.header_bytes_sent), "retransmittedPacketsSent", G_TYPE_UINT64,
      static_cast<guint64>(s.stream.retransmitted_packets_sent), "retransmittedBytesSent",
      G_TYPE_UINT64, static_cast<guint64>(s.stream.retransmitted_bytes_sent), "nackCount",
      G_TYPE_UINT, guint{s.stream.nack_count}, "pliCount", G_TYPE_UINT, guint{s.stream.pli_count},
      "firCount", G_TYPE_UINT, guint{s.stream.fir_count}, "fractionLost", G_TYPE_DOUBLE,
      s.stream.fraction_lost, "packetsLost", G_TYPE_INT, s.stream.packets_lost, "jitter",
      G_TYPE_DOUBLE, s.stream.jitter.seconds(), "score", G_TYPE_UINT, guint{s.stream.score},
      nullptr);
  if (s.stream.round_trip_time) {
    gst_structure_set(stats, "roundTripTime", G_TYPE_DOUBLE, s.stream.round_trip_time->seconds(),
                      nullptr);
  }
  AddDrops(stats, s.drops);
}

namespace {

void SetBitrate(GstStructure* stats, const char* field, DataRate bitrate) {
  gst_structure_set(stats, field, G_TYPE_UINT64, static_cast<guint64>(bitrate.bps()), nullptr);
}

// What goes out, and what the peer says of it.
void AddOutgoingStats(GstStructure* stats, const RtpSessionStats& session) {
  SetBitrate(stats, "availableOutgoingBitrate", session.available_outgoing_bitrate);
  if (session.max_outgoing_bitrate != DataRate()) {
    SetBitrate(stats, "maxOutgoingBitrate", session.max_outgoing_bitrate);
  }
  if (session.min_outgoing_bitrate != DataRate()) {
    SetBitrate(stats, "minOutgoingBitrate", session.min_outgoing_bitrate);
  }
  if (session.remb) SetBitrate(stats, "remb", *session.remb);
  if (session.numbered.fraction_lost) {
    gst_structure_set(stats, "rtpPacketLossSent", G_TYPE_DOUBLE, *session.numbered.fraction_lost,
                      nullptr);
  }
}

}  // namespace

void AddTransportStats(GstStructure* stats, const RtpSessionStats& session) {
  gst_structure_set(stats, "type", G_TYPE_STRING, "transport", "packetsReceived", G_TYPE_UINT64,
                    static_cast<guint64>(session.rtp_packets_received), "rtcpPacketsReceived",
                    G_TYPE_UINT64, static_cast<guint64>(session.rtcp_packets_received),
                    "bytesReceived", G_TYPE_UINT64, static_cast<guint64>(session.bytes_received),
                    "packetsSent", G_TYPE_UINT64, static_cast<guint64>(session.packets_sent),
                    "bytesSent", G_TYPE_UINT64, static_cast<guint64>(session.bytes_sent), nullptr);
  AddOutgoingStats(stats, session);
  AddDrops(stats, session.drops);
}

}  // namespace sfu::gst

#include "examples/room/server/media_counters.h"

#include <gtest/gtest.h>

#include <set>

#include "examples/room/server/census.h"

namespace room {
namespace {

using Sums = MediaCounters::Sums;

Json Transport() {
  return {{"type", "transport"},
          {"iceState", "completed"},
          {"bytesReceived", 1000},
          {"packetsReceived", 10},
          {"dropped-srtp-auth", 2},
          {"src_0",
           {{"type", "inbound-rtp"},
            {"kind", "audio"},
            {"packetsReceived", 4},
            {"packetsLost", 3},
            {"roundTripTime", 0.25},
            {"dropped-duplicate", 1}}},
          {"src_1", {{"type", "inbound-rtp"}, {"kind", "video"}, {"packetsReceived", 6}}},
          {"sink_0",
           {{"type", "outbound-rtp"},
            {"kind", "video"},
            {"packetsSent", 7},
            {"packetsLost", -1},
            {"roundTripTime", 0.75},
            {"dropped-srtp-auth", 5}}}};
}

TEST(MediaCounters, SumTransportsAndTheirStreams) {
  MediaCounters counters;
  counters.AddTransport(Transport());
  counters.AddTransport(Transport());
  EXPECT_EQ(counters.Of("sfu_received_bytes_total"), Sums({{"", 2000}}));
  EXPECT_EQ(counters.Of("sfu_inbound_rtp_packets_total"), Sums({{"audio", 8}, {"video", 12}}));
  EXPECT_EQ(counters.Of("sfu_outbound_rtp_packets_total"), Sums({{"video", 14}}));
  EXPECT_EQ(counters.Of("sfu_outbound_rtp_nacks_total"), Sums({{"video", 0}}));
  EXPECT_EQ(counters.drops(), Sums({{"srtp-auth", 14}, {"duplicate", 2}}));
}

TEST(MediaCounters, AreAddedUp) {
  MediaCounters ended;
  ended.AddPad(Transport().at("src_0"));
  MediaCounters all;
  all.AddTransport(Transport());
  all.Add(ended);
  EXPECT_EQ(all.Of("sfu_inbound_rtp_packets_total"), Sums({{"audio", 8}, {"video", 6}}));
  EXPECT_EQ(all.drops(), Sums({{"srtp-auth", 7}, {"duplicate", 2}}));
  EXPECT_EQ(all.Of("none"), Sums());
}

TEST(MediaCounters, WhatIsMissingIsNothing) {
  MediaCounters counters;
  counters.AddTransport(Json::object());
  counters.AddTransport({{"type", "transport"}, {"bytesReceived", "many"}});
  EXPECT_EQ(counters.Of("sfu_received_bytes_total"), Sums({{"", 0}}));
}

// https://prometheus.io/docs/practices/naming/
TEST(MediaFigures, AreNamedByConvention) {
  std::set<std::string> names;
  for (const MediaFigure& figure : MediaFigures()) {
    const std::string name = figure.name;
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_TRUE(name.starts_with("sfu_") && name.ends_with("_total")) << name;
    EXPECT_TRUE(std::string(figure.help).ends_with('.')) << name;
  }
}

TEST(Census, CountsStatesStreamsAndRoundTrips) {
  Census census;
  census.AddTransport(Transport());
  EXPECT_EQ(census.transports.at("completed"), 1);
  EXPECT_EQ(census.transports.at("new"), 0);
  EXPECT_EQ(census.producers.at("audio"), 1);
  EXPECT_EQ(census.producers.at("video"), 1);
  EXPECT_EQ(census.consumers.at("audio"), 0);
  EXPECT_EQ(census.consumers.at("video"), 1);
  EXPECT_EQ(census.lost_in, 3);
  EXPECT_EQ(census.lost_out, -1);
  EXPECT_EQ(census.round_trips, 2);
  EXPECT_EQ(census.round_trip_sum, 1);
  EXPECT_EQ(census.round_trip_max, 0.75);
}

}  // namespace
}  // namespace room

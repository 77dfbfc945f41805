#include "examples/room/server/api/prometheus.h"

#include <gtest/gtest.h>

#include <limits>

namespace room {
namespace {

TEST(PrometheusText, HasHelpTypeAndSamples) {
  PrometheusText text;
  text.Add("sfu_rooms", "gauge", "Rooms.", 3);
  text.Begin("sfu_bytes_total", "counter", "Bytes.");
  text.Sample(1e15, {{"kind", "audio"}});
  text.Sample(0.25, {{"kind", "video"}, {"way", "in"}});
  EXPECT_EQ(text.text(),
            "# HELP sfu_rooms Rooms.\n"
            "# TYPE sfu_rooms gauge\n"
            "sfu_rooms 3\n"
            "# HELP sfu_bytes_total Bytes.\n"
            "# TYPE sfu_bytes_total counter\n"
            "sfu_bytes_total{kind=\"audio\"} 1e+15\n"
            "sfu_bytes_total{kind=\"video\",way=\"in\"} 0.25\n");
}

TEST(PrometheusText, EscapesWhatWouldEndALineOrALabel) {
  PrometheusText text;
  text.Begin("a", "gauge", "b\\c\nd \"e\"");
  text.Sample(1, {{"f", "g\\h\ni\"j"}});
  EXPECT_EQ(text.text(),
            "# HELP a b\\\\c\\nd \"e\"\n"
            "# TYPE a gauge\n"
            "a{f=\"g\\\\h\\ni\\\"j\"} 1\n");
}

TEST(PrometheusText, NumbersAreExact) {
  PrometheusText text;
  text.Begin("a", "gauge", "");
  text.Sample(9007199254740991);
  text.Sample(0.1);
  text.Sample(std::numeric_limits<double>::infinity());
  text.Sample(-std::numeric_limits<double>::infinity());
  text.Sample(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(text.text().substr(text.text().find("\na ")),
            "\na 9007199254740991\na 0.1\na +Inf\na -Inf\na NaN\n");
}

}  // namespace
}  // namespace room

// The text in which Prometheus reads metrics (exposition format 0.0.4). Knows no GStreamer and no
// network.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace room {

constexpr char kPrometheusType[] = "text/plain; version=0.0.4; charset=utf-8";

class PrometheusText {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  // Begins a metric: the samples that follow are its. `type`: counter or gauge. Each name once.
  void Begin(std::string_view name, std::string_view type, std::string_view help);
  void Sample(double value, const Labels& labels = {});
  // A metric of one sample.
  void Add(std::string_view name, std::string_view type, std::string_view help, double value);

  const std::string& text() const { return text_; }

 private:
  std::string name_;
  std::string text_;
};

}  // namespace room

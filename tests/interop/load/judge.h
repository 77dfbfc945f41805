// What all participants of the load test received: whether each stream is whole, how long its
// frames were under way, and how long it stood still.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <vector>

#include "frames.h"

namespace load {

class Judge {
 public:
  // One stream at one of its receivers. The Judge keeps it.
  class Stream {
   public:
    // A packet with that payload came. Any thread.
    void OnPayload(std::span<const uint8_t> payload, int64_t now);

   private:
    friend class Judge;
    Stream(Judge* judge, bool video) : judge_(judge), video_(video) {}
    Judge* const judge_;
    const bool video_;
    uint64_t packets_ = 0;  // all of them
    // Since the measuring began.
    uint64_t frames_ = 0;
    uint64_t missing_ = 0;  // frames that did not come whole, or not in order
    uint64_t long_gaps_ = 0;
    int64_t worst_gap_ = 0;
    uint32_t assembled_ = 0;        // the number of the frame that is coming
    uint32_t assembled_count_ = 0;  // how many of its packets have come
    uint32_t last_ = 0;             // the last complete frame
    int64_t last_arrival_ = 0;      // of that; 0: there was none
  };

  Judge();
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;

  Stream* Add(bool video);
  // How many streams a whole frame has come of.
  size_t flowing() const;
  void Begin();
  // Nothing that comes from now on counts as measured.
  void End();
  // Of a kind: streams, frames, missing, long_gaps, worst_gap_ms, delay_ms (p50, p99, worst),
  // packets.
  nlohmann::json Report(bool video) const;

 private:
  static constexpr int64_t kLongGap = 100'000'000;  // ns
  static constexpr int64_t kDelayStep = 10'000;     // ns of a bin
  static constexpr size_t kDelayBins = 100'000;     // up to 1 s

  mutable std::mutex mutex_;  // guards all, streams too
  bool measuring_ = false;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::vector<uint32_t> delays_[2];  // how often each; [1]: of video
};

}  // namespace load

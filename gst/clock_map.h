// Between the SFU clock (CLOCK_MONOTONIC) and the running time of a pipeline.
//
// With the system clock both tick alike and the difference is the base time. Another pipeline clock
// (an audio card's, a network clock) is sampled now and then; what it drifts is slewed, never
// jumped.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <mutex>

#include "base/time.h"

namespace sfu::gst {

class ClockMap {
 public:
  // How fast a new measurement of a foreign clock takes effect, and how often one is made.
  static constexpr int64_t kSlewNanosPerSecond = 5'000'000;
  static constexpr TimeDelta kSampleInterval = TimeDelta::Millis(200);

  // Running time of `capture` in the pipeline of `element`; never negative, CLOCK_TIME_NONE without
  // a clock. Any thread that holds no object lock of the element.
  GstClockTime ToRunningTime(GstElement* element, Timestamp capture);
  // The point on the SFU clock at which the pipeline's running time is (was, will be) `running`.
  Timestamp ToSfuTime(GstElement* element, GstClockTime running);

 private:
  int64_t Base(GstElement* element);
  int64_t ClockOffset(GstClock* clock, int64_t now);

  std::mutex mutex_;
  const GstClock* clock_ = nullptr;  // compared only
  int64_t offset_ = 0;               // pipeline clock - SFU clock
  int64_t sampled_at_ = 0;
  int64_t preroll_base_ = 0;  // stands in for the base time until there is one; 0: not needed yet
};

}  // namespace sfu::gst

// The difference is kept as one number: SFU time = running time + Base().
#include "clock_map.h"

#include <algorithm>

#include "net/worker.h"

namespace sfu::gst {
namespace {

bool TicksLikeSfuClock(GstClock* clock) {
  if (!GST_IS_SYSTEM_CLOCK(clock)) return false;
  gint type = GST_CLOCK_TYPE_OTHER;
  g_object_get(clock, "clock-type", &type, nullptr);
  return type == GST_CLOCK_TYPE_MONOTONIC;
}

}  // namespace

int64_t ClockMap::ClockOffset(GstClock* clock, int64_t now) {
  if (clock_ != clock) {
    clock_ = clock;
    sampled_at_ = now;
    offset_ = TicksLikeSfuClock(clock) ? 0 : static_cast<int64_t>(gst_clock_get_time(clock)) - now;
    return offset_;
  }
  if (now - sampled_at_ < kSampleInterval.ns() || TicksLikeSfuClock(clock)) return offset_;
  const int64_t measured = static_cast<int64_t>(gst_clock_get_time(clock)) - now;
  const int64_t limit = (now - sampled_at_) / 1'000'000'000.0 * kSlewNanosPerSecond;
  offset_ += std::clamp(measured - offset_, -limit, limit);
  sampled_at_ = now;
  return offset_;
}

int64_t ClockMap::Base(GstElement* element) {
  GST_OBJECT_LOCK(element);
  GstClock* clock = GST_ELEMENT_CLOCK(element);
  if (clock != nullptr) gst_object_ref(clock);
  const auto base_time = static_cast<int64_t>(GST_ELEMENT_CAST(element)->base_time);
  const bool playing = GST_STATE(element) == GST_STATE_PLAYING ||
                       GST_STATE_NEXT(element) == GST_STATE_PLAYING ||
                       GST_STATE_PENDING(element) == GST_STATE_PLAYING;
  GST_OBJECT_UNLOCK(element);
  const int64_t now = Worker::Now().ns();
  const std::lock_guard lock(mutex_);
  if (clock == nullptr || (!playing && base_time == 0)) {
    // Preroll: running time starts now, whatever the clock will say.
    if (preroll_base_ == 0) preroll_base_ = now;
    if (clock != nullptr) gst_object_unref(clock);
    return preroll_base_;
  }
  const int64_t base = base_time - ClockOffset(clock, now);
  gst_object_unref(clock);
  return base;
}

GstClockTime ClockMap::ToRunningTime(GstElement* element, Timestamp capture) {
  const int64_t running = capture.ns() - Base(element);
  return static_cast<GstClockTime>(std::max<int64_t>(running, 0));
}

Timestamp ClockMap::ToSfuTime(GstElement* element, GstClockTime running) {
  return Timestamp::FromNanos(Base(element) + static_cast<int64_t>(running));
}

}  // namespace sfu::gst

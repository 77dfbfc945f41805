// A wait on the clock is ended by unscheduling it; then the reason is looked at anew.
#include "pace.h"

#include <utility>

namespace sfu::gst {

bool Pace::WaitFor(GstElement* element, GstClockTime running_time) {
  std::unique_lock lock(mutex_);
  if (preroll_end_ == GST_CLOCK_TIME_NONE) preroll_end_ = playing_ ? 0 : running_time + kPreroll;
  while (!flushing_) {
    if (!playing_) {
      if (running_time < preroll_end_) return true;
      changed_.wait(lock);
      continue;
    }
    lock.unlock();
    GstClock* clock = gst_element_get_clock(element);
    const GstClockTime at = gst_element_get_base_time(element) + running_time;
    lock.lock();
    if (clock == nullptr) return !flushing_;
    if (!playing_ || flushing_) {
      gst_object_unref(clock);
      continue;
    }
    const GstClockID id = gst_clock_new_single_shot_id(clock, at);
    gst_object_unref(clock);
    waiting_ = id;
    lock.unlock();
    const GstClockReturn result = gst_clock_id_wait(id, nullptr);
    lock.lock();
    waiting_ = nullptr;
    gst_clock_id_unref(id);
    if (result != GST_CLOCK_UNSCHEDULED) return !flushing_;
  }
  return false;
}

void Pace::SetPlaying(bool playing) {
  const std::lock_guard lock(mutex_);
  playing_ = playing;
  if (waiting_ != nullptr) gst_clock_id_unschedule(waiting_);
  changed_.notify_all();
}

void Pace::SetFlushing(bool flushing) {
  const std::lock_guard lock(mutex_);
  flushing_ = flushing;
  if (flushing) preroll_end_ = GST_CLOCK_TIME_NONE;
  if (waiting_ != nullptr) gst_clock_id_unschedule(waiting_);
  changed_.notify_all();
}

}  // namespace sfu::gst

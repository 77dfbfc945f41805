// A GstTask, which GStreamer's thread pools and debug log know.
#include "streaming_task.h"

#include <atomic>
#include <thread>
#include <utility>

namespace sfu::gst {

struct StreamingTask::State {
  explicit State(std::function<void()> f) : iterate(std::move(f)) { g_rec_mutex_init(&lock); }
  ~State() { g_rec_mutex_clear(&lock); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const std::function<void()> iterate;
  std::atomic<std::thread::id> thread;
  GRecMutex lock;
};

void StreamingTask::Start(GstPad* pad, std::function<void()> iterate) {
  if (task_ != nullptr) return;
  state_ = std::make_shared<State>(std::move(iterate));
  task_ = gst_task_new(
      [](gpointer data) {
        const std::shared_ptr<State> state = *static_cast<std::shared_ptr<State>*>(data);
        state->thread = std::this_thread::get_id();
        state->iterate();
      },
      new std::shared_ptr<State>(state_),
      [](gpointer data) { delete static_cast<std::shared_ptr<State>*>(data); });
  gst_task_set_lock(task_, &state_->lock);
  gchar* name = g_strdup_printf("%s:%s", GST_DEBUG_PAD_NAME(pad));
  gst_object_set_name(GST_OBJECT_CAST(task_), name);
  g_free(name);
  gst_task_start(task_);
}

void StreamingTask::Stop() {
  if (task_ == nullptr) return;
  gst_task_stop(task_);
  if (state_->thread.load() != std::this_thread::get_id()) gst_task_join(task_);
  gst_object_unref(std::exchange(task_, nullptr));
  // What iterates may keep the pad that keeps this. The task itself has it until it ends.
  state_.reset();
}

}  // namespace sfu::gst

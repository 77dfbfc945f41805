// A pipeline under test.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <string>

namespace sfu::test {

class Pipeline {
 public:
  // A description as gst-launch-1.0 takes it. Fails the test when it does not parse.
  explicit Pipeline(const std::string& description);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  GstElement* get() const { return pipeline_; }
  // Borrowed.
  GstElement* Element(const char* name) const;
  bool SetState(GstState state);
  // True when the message came within 10 s. An error message ends the wait and fails the test,
  // unless it is what is waited for.
  bool WaitFor(GstMessageType type);
  bool WaitForElementMessage(const char* structure);
  std::string last_error() const { return error_; }

 private:
  bool Wait(const std::function<bool(GstMessage*)>& wanted);

  GstElement* pipeline_ = nullptr;
  std::string error_;
};

// Calls `probe` for each buffer or list that comes to a pad, with the number of buffers, and notes
// a change.
void OnBuffers(GstElement* element, const char* pad, std::function<void(guint)> probe);

// Something has happened that the condition of a WaitUntil() may be about. From any thread.
void NoteChange();

// Waits at most 10 s, and looks at the condition whenever a change was noted.
bool WaitUntil(const std::function<bool()>& condition);

// A field of a pad's `stats`.
guint64 PadStat(GstElement* element, const char* pad, const char* field);

}  // namespace sfu::test

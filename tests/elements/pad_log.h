// Writes down what goes over a pad, in its order, and waits for it.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <string>
#include <vector>

#include "harness.h"

namespace sfu::test {

// One packet, or one event.
struct PadEntry {
  GstEventType event = GST_EVENT_UNKNOWN;  // unknown: it is a packet
  std::string encoding;                    // of a CAPS event
  SeenPacket packet;                       // empty if it is a batch, which has no bytes
  GstClockTime pts = GST_CLOCK_TIME_NONE;
  bool discont = false;
  int64_t at = 0;  // when it came, in ns of CLOCK_MONOTONIC
};

class PadLog {
 public:
  // Not the sink pad of a harness: it would see a list once more, buffer by buffer.
  explicit PadLog(GstPad* pad);
  ~PadLog();
  PadLog(const PadLog&) = delete;
  PadLog& operator=(const PadLog&) = delete;

  // Waits until as many came in all. False if they did not within kPatience.
  bool WaitForPackets(size_t count) const;
  bool WaitForEvents(GstEventType type, size_t count = 1) const;

  std::vector<PadEntry> entries() const;
  std::vector<PadEntry> packets() const;
  // All of it from the first caps on, but no GAP events, in words: "caps:VP8 segment 96*3 eos" is
  // three packets of payload type 96 between the usual events.
  std::string Story() const;

 private:
  struct Shared;
  static GstPadProbeReturn OnProbe(GstPad* pad, GstPadProbeInfo* info, gpointer data);

  PadRef pad_;
  std::shared_ptr<Shared> shared_;
  gulong probe_;
};

// The sequence numbers that are missing, or come twice or out of order, in words; empty if none.
std::string Unbroken(const std::vector<PadEntry>& packets);

}  // namespace sfu::test

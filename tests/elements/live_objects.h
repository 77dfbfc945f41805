// What GStreamer's leaks tracer knows to be alive: every object, buffer, caps, event and message.
// GST_TRACERS=leaks (see meson.build) has it watch from the start.
#pragma once

#include <string>

namespace sfu::test {

bool HasLeaksTracer();

// One line per object; what GStreamer keeps by intent is not listed. (The signal get-live-objects
// will not do: who takes its list takes the references away from their owners. Nor will a log
// function of our own: GStreamer leaks a little for each.)
std::string LiveObjects();

// What tells of producers and patience holds its element a little longer, on a thread of its own:
// so this looks again for a while.
void ExpectNothingLives();

}  // namespace sfu::test

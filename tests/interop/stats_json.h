// The statistics of a pipeline as JSON, for programs that tests ask for them.
#pragma once

#include <gst/gst.h>

// Writes one line to standard output: an object with the `stats` of every element and pad in `bin`
// that has some, by the names ELEMENT and ELEMENT.PAD. On an application thread.
void PrintStats(GstBin* bin);

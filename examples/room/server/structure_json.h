// GStreamer's structures (statistics, messages) as JSON.
#pragma once

#include <gst/gst.h>

#include "protocol.h"

namespace room {

// An object with the structure's fields. Structures and arrays in it become objects and arrays;
// what JSON has no form for becomes text as GStreamer writes it.
Json ToJson(const GstStructure& structure);

}  // namespace room

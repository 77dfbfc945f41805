// What is to be done on a thread that may wait: application code may be called there.
#pragma once

#include <gst/gst.h>

#include <functional>

#include "base/result.h"

namespace sfu::gst {

// Runs `call` there. The element, and the bins that it is in by then, stay that long.
void CallLater(GstElement* element, std::function<void()> call);
// Posts the message, which is taken over: application code may stand behind the bus.
void PostLater(GstElement* element, GstMessage* message);
// Posts a warning. `pad`: its name; "" if it is about the whole.
void WarnLater(GstElement* element, const char* pad, const Error& error);

}  // namespace sfu::gst

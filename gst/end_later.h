// Ends of threads that cannot be waited for where they are asked for.
#pragma once

#include <functional>

namespace sfu::gst {

// Calls `end` on a thread of its own. Any thread, also while the process exits; does not wait.
void EndLater(std::function<void()> end);

// Waits for all that was asked for so far, and what that asks for. Not on such a thread.
void AwaitEnds();

}  // namespace sfu::gst

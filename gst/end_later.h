// Ends of threads that cannot be waited for where they are asked for.
#pragma once

#include <functional>

namespace sfu::gst {

// Calls `end` on a thread of its own. Any thread; does not wait. The process waits, when it exits,
// for all that have been asked for till then, before it tears down what the libraries below have
// made.
void EndLater(std::function<void()> end);

}  // namespace sfu::gst

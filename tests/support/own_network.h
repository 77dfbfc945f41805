// A network namespace for the thread that makes it and the threads and processes that this one
// starts.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace sfu::test {

class OwnNetwork {
 public:
  // `commands` run in the new namespace, whose loopback interface is up.
  explicit OwnNetwork(const std::string& commands = "true")
      : before_(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
    entered_ = before_ >= 0 && unshare(CLONE_NEWNET) == 0;
    usable_ = entered_ && std::system(("ip link set lo up && " + commands).c_str()) == 0;
  }
  ~OwnNetwork() {
    EXPECT_TRUE(!entered_ || setns(before_, CLONE_NEWNET) == 0);
    if (before_ >= 0) close(before_);
  }
  OwnNetwork(const OwnNetwork&) = delete;
  OwnNetwork& operator=(const OwnNetwork&) = delete;

  // False where namespaces may not be made.
  bool usable() const { return usable_; }

 private:
  const int before_;
  bool entered_ = false;
  bool usable_ = false;
};

}  // namespace sfu::test

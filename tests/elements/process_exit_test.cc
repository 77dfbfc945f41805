// A process that exits waits for Workers that end, and for no others.
#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include <cstdlib>
#include <semaphore>
#include <string_view>

#include "shared_worker.h"

namespace sfu::gst {
namespace {

// Opened when the process exits, before it waits for anything.
std::binary_semaphore& ExitGate() {
  static auto* const gate = new std::binary_semaphore(0);
  return *gate;
}

void Say(std::string_view words) {
  [[maybe_unused]] const auto written = write(STDERR_FILENO, words.data(), words.size());
}

// False once the process has torn OpenSSL down.
bool UseOpenSsl() { return OPENSSL_init_crypto(OPENSSL_INIT_ADD_ALL_DIGESTS, nullptr) == 1; }

// What a task leaves to another one, and that to the next.
void PostLast(SharedWorkerRef last, int left) {
  Worker* const worker = last->worker.get();
  worker->Post([last = std::move(last), left]() mutable {
    if (left > 0) return PostLast(std::move(last), left - 1);
    last.reset();
    Say(UseOpenSsl() ? "the last task has run" : "too late");
  });
}

// A Worker whose last users are tasks that have not run yet.
void LeaveWorkToDo() {
  auto shared = AcquireWorker("exit");
  ASSERT_TRUE(shared);
  EXPECT_TRUE(UseOpenSsl());
  std::atexit([] { ExitGate().release(); });
  shared.value()->worker->Post([last = shared.value()] {
    ExitGate().acquire();
    PostLast(last, 50);
  });
}

TEST(ProcessExitTest, WaitsForTheLastTasks) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        LeaveWorkToDo();
        std::exit(0);
      },
      testing::ExitedWithCode(0), "the last task has run");
}

TEST(ProcessExitTest, WaitsForNoUserThatStays) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        static const auto kept = new SharedWorkerRef(AcquireWorker("kept").value());
        Say((*kept)->name);
        std::exit(0);
      },
      testing::ExitedWithCode(0), "kept");
}

TEST(ProcessExitTest, AWorkersThreadMayExitTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const auto shared = AcquireWorker("exit").value();
        shared->worker->PostAndWait([] { std::exit(3); });
      },
      testing::ExitedWithCode(3), "");
}

}  // namespace
}  // namespace sfu::gst

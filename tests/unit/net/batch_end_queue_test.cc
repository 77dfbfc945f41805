// Hooks at the end of a batch: once each, in order, and never an endless run.
#include "net/batch_end_queue.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

namespace sfu {
namespace {

class Handler : public BatchEndHandler {
 public:
  Handler(BatchEndQueue& queue, std::function<void()> function)
      : hook(std::make_unique<BatchEndHook>(queue, *this)), function_(std::move(function)) {}
  void OnBatchEnd(Timestamp) override { function_(); }

  std::unique_ptr<BatchEndHook> hook;

 private:
  std::function<void()> function_;
};

constexpr Timestamp kNow = Timestamp::FromMillis(1);

TEST(BatchEndQueue, CallsEachOnceInOrderOfRequests) {
  BatchEndQueue queue;
  std::string called;
  Handler a(queue, [&] { called += 'a'; });
  Handler b(queue, [&] { called += 'b'; });
  b.hook->Request();
  a.hook->Request();
  b.hook->Request();
  EXPECT_FALSE(queue.empty());
  queue.Run(kNow);
  EXPECT_EQ(called, "ba");
  EXPECT_TRUE(queue.empty());
  queue.Run(kNow);
  EXPECT_EQ(called, "ba");
  a.hook->Request();
  queue.Run(kNow);
  EXPECT_EQ(called, "baa");
}

TEST(BatchEndQueue, RequestsMadeMeanwhileJoinTheRunOnce) {
  BatchEndQueue queue;
  std::string called;
  Handler b(queue, [&] { called += 'b'; });
  Handler a(queue, [&] {
    called += 'a';
    b.hook->Request();
    if (called.size() < 10) a.hook->Request();
  });
  a.hook->Request();
  queue.Run(kNow);
  EXPECT_EQ(called, "ab");
  EXPECT_FALSE(queue.empty());
  queue.Run(kNow);
  EXPECT_EQ(called, "abab");
}

TEST(BatchEndQueue, HooksMayGoAtAnyTime) {
  BatchEndQueue queue;
  std::string called;
  Handler b(queue, [&] { called += 'b'; });
  Handler c(queue, [&] { called += 'c'; });
  Handler a(queue, [&] {
    called += 'a';
    a.hook->Request();
    a.hook.reset();
    b.hook.reset();
  });
  a.hook->Request();
  b.hook->Request();
  c.hook->Request();
  queue.Run(kNow);
  EXPECT_EQ(called, "ac");
  queue.Run(kNow);
  EXPECT_EQ(called, "ac");
}

}  // namespace
}  // namespace sfu

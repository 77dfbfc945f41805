// A function to be run once on another thread. Unlike std::function it may own things that can
// only be moved, so a packet batch or a promise can travel inside it.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace sfu {

class Task {
 public:
  Task() = default;
  // `function` is called at most once, as function().
  template <typename F, typename = std::enable_if_t<!std::is_same_v<std::decay_t<F>, Task>>>
  Task(F&& function)  // NOLINT(google-explicit-constructor)
      : body_(std::make_unique<Body<std::decay_t<F>>>(std::forward<F>(function))) {}

  explicit operator bool() const { return body_ != nullptr; }
  void operator()() { body_->Run(); }

 private:
  struct BodyBase {
    virtual ~BodyBase() = default;
    virtual void Run() = 0;
  };
  template <typename F>
  struct Body final : BodyBase {
    explicit Body(F&& f) : function(std::move(f)) {}
    explicit Body(const F& f) : function(f) {}
    void Run() override { function(); }
    F function;
  };

  std::unique_ptr<BodyBase> body_;
};

}  // namespace sfu

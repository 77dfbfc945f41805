// Watches how loud Producers are (mediasoup's RtpObserver): what the two kinds of observers share.
// Made by a Router, lives on its Worker.
//
// Listeners are called from Router::HandleTimeout() only, so they may close anything, the observer
// that calls them too.
#pragma once

#include <functional>

#include "base/result.h"
#include "base/time.h"
#include "router/producer.h"

namespace sfu {

class RtpObserver {
 public:
  // Called when NextDeadline() may have become earlier; see Router::Wakeup.
  using Wakeup = Producer::Wakeup;

  RtpObserver(const RtpObserver&) = delete;
  RtpObserver& operator=(const RtpObserver&) = delete;
  virtual ~RtpObserver() = default;

  // From now on that Producer of the same Router is watched. One whose packets carry no audio level
  // counts as silent. Errors: it is no audio, or is watched already.
  Status AddProducer(Producer* producer, Timestamp now);
  // Ignored for one that is not watched. The Router does it when a Producer closes.
  void RemoveProducer(const Producer* producer);
  virtual size_t producer_count() const = 0;

  // While paused nothing is heard, and nothing found.
  void Pause();
  void Resume(Timestamp now);
  bool paused() const { return paused_; }

  Timestamp NextDeadline() const { return deadline_; }
  // Ignored before the deadline.
  void HandleTimeout(Timestamp now);

 protected:
  RtpObserver(TimeDelta interval, const Wakeup& wakeup) : interval_(interval), wakeup_(wakeup) {}

  virtual bool Watches(const Producer* producer) const = 0;
  virtual void Watch(Producer* producer) = 0;
  virtual void Unwatch(const Producer* producer) = 0;
  // Forgets what was heard so far.
  virtual void Forget() = 0;
  // True when the listener must hear of something before the next interval is over.
  virtual bool HasNews() const = 0;
  // An interval is over, or there was news. Calls the listener last.
  virtual void Evaluate(Timestamp now) = 0;

 private:
  bool running() const { return !paused_ && producer_count() > 0; }
  void SetDeadline(Timestamp deadline);
  void TellNews();

  const TimeDelta interval_;
  const Wakeup wakeup_;
  bool paused_ = false;
  Timestamp deadline_ = Timestamp::Never();
};

}  // namespace sfu

// The observers' common side: whom they watch, and when they look.
#include "router/rtp_observer.h"

#include <utility>

namespace sfu {

Status RtpObserver::AddProducer(Producer* producer, Timestamp now) {
  if (producer->codec().kind != MediaKind::kAudio) {
    return Error{"producer", "'" + producer->id() + "' is no audio"};
  }
  if (Watches(producer)) return Error{"producer", "'" + producer->id() + "' is watched already"};
  Watch(producer);
  if (!paused_ && deadline_.is_never()) SetDeadline(now + interval_);
  return OkStatus();
}

void RtpObserver::RemoveProducer(const Producer* producer) {
  if (!Watches(producer)) return;
  Unwatch(producer);
  TellNews();
}

void RtpObserver::Pause() {
  if (std::exchange(paused_, true)) return;
  Forget();
  TellNews();
}

void RtpObserver::Resume(Timestamp now) {
  if (!std::exchange(paused_, false)) return;
  if (running()) SetDeadline(now + interval_);
}

void RtpObserver::HandleTimeout(Timestamp now) {
  if (now < deadline_) return;
  deadline_ = running() ? now + interval_ : Timestamp::Never();
  Evaluate(now);
}

// There is no `now` to say when: as soon as it can be.
void RtpObserver::TellNews() {
  if (HasNews()) {
    SetDeadline(Timestamp());
  } else if (!running()) {
    deadline_ = Timestamp::Never();
  }
}

void RtpObserver::SetDeadline(Timestamp deadline) {
  deadline_ = deadline;
  if (wakeup_) wakeup_(deadline);
}

}  // namespace sfu

// Deduplication of key-frame requests.
#include "router/key_frame_requester.h"

namespace sfu {

bool KeyFrameRequester::Request(Timestamp now) {
  attempts_ = 0;
  if (!last_sent_ || now >= *last_sent_ + interval_) return Send(now);
  wanted_again_ = true;
  deadline_ = *last_sent_ + interval_;
  return false;
}

void KeyFrameRequester::OnKeyFrame(Timestamp) {
  wanted_again_ = false;
  attempts_ = 0;
  deadline_ = Timestamp::Never();
}

bool KeyFrameRequester::HandleTimeout(Timestamp now) {
  if (now < deadline_) return false;
  if (!wanted_again_ && attempts_ >= kMaxAttempts) {
    deadline_ = Timestamp::Never();
    return false;
  }
  return Send(now);
}

bool KeyFrameRequester::Send(Timestamp now) {
  last_sent_ = now;
  wanted_again_ = false;
  ++attempts_;
  deadline_ = now + interval_;
  return true;
}

}  // namespace sfu

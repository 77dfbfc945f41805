// How well the streams arrive, told to those who get them here and to those who feed them.
//
// Scores change with RTCP reports, about once a second; they are looked at as often, so that no
// flood of reports can make a flood of events.
#include "element_pads.h"
#include "pad_events.h"
#include "transport_element.h"

namespace sfu::gst {
namespace {

GstStructure* NewScore(uint8_t score) {
  return gst_structure_new(kScoreEvent, "score", G_TYPE_UINT, guint{score}, nullptr);
}

void TellReceived(GstSfuReceiverPad* pad, Timestamp now) {
  ReceiverPadState& state = *pad->state;
  if (state.receivers.empty()) return;
  const uint8_t score = ReceivedScore(state, now);
  if (state.told_score == score || !PortOf(&pad->parent).TellDownstream(NewScore(score))) return;
  state.told_score = score;
  NotifyLater(GST_PAD_CAST(pad), "score");
}

void TellSent(GstSfuSenderPad* pad, Timestamp now) {
  SenderPadState& state = *pad->state;
  if (state.sender == nullptr) return;
  const uint8_t score = state.sender->Stats(now).stream.score;
  const auto peer = PadRef::Adopt(gst_pad_get_peer(GST_PAD_CAST(pad)));
  if (state.told_score == score && state.told_to == peer.get()) return;
  state.told_score = score;
  state.told_to = peer.get();
  PortOf(&pad->parent).TellUpstream(NewScore(score));
  NotifyLater(GST_PAD_CAST(pad), "score");
}

}  // namespace

void TransportElement::StartScores() {
  score_timer_ =
      std::make_unique<Timer>(worker_->worker->timers(), [this](Timestamp) { TellScores(); });
  score_timer_->Arm(Worker::Now() + kScoreInterval);
}

void TransportElement::TellScores() {
  const Timestamp now = Worker::Now();
  score_timer_->Arm(now + kScoreInterval);
  SnapshotInto(receivers_, &scored_receivers_);
  SnapshotInto(senders_, &scored_senders_);
  for (const auto& pad : scored_receivers_) TellReceived(pad.get(), now);
  for (const auto& pad : scored_senders_) TellSent(pad.get(), now);
  scored_receivers_.clear();
  scored_senders_.clear();
}

}  // namespace sfu::gst

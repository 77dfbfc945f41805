// Finds the packets that are missing from one received stream and says when to ask for which of
// them again (generic NACK, RFC 4585, section 6.2.1).
//
// A gap is asked for once reordering is ruled out: kReorderWait later, or as soon as the newest
// packet is kReorderPackets ahead (more, where more reordering was seen). Then again whenever the
// answer is overdue: after the response time that was measured and its spread. What has been asked
// for in vain is asked for twice in that time, for the request may be what gets lost, and a reader
// waits for few round trips only; then ever less often. A sender of sense does not answer twice
// within a round trip; where one does, there is no hurry (OnDuplicate).
// Sans-I/O; belongs to one Worker; allocates only when more is missing than ever before.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"
#include "rtp/sequence.h"

namespace sfu {

class NackGenerator {
 public:
  // The bound on the list: more than a second's loss of a 10 Mb/s stream. When it overflows, the
  // oldest entries are given up and a key frame is wanted.
  static constexpr size_t kMaxMissing = 1000;
  static constexpr TimeDelta kReorderWait = TimeDelta::Millis(10);
  static constexpr int64_t kReorderPackets = 2;
  static constexpr int64_t kMaxReorderPackets = 100;
  // A room waits no longer than this for a packet, and asks no more often: then a key frame is
  // wanted. More patient receivers (SetPatience) may still want the packet itself.
  static constexpr TimeDelta kLiveDeadline = TimeDelta::Seconds(1);
  static constexpr int kLiveTries = 12;
  static constexpr TimeDelta kMaxPatience = TimeDelta::Seconds(60);
  // Assumed until anything is known about the path.
  static constexpr TimeDelta kDefaultRtt = TimeDelta::Millis(100);

  // A packet was accepted, new or repaired, in any order; `index` as in ArrivalResult. The first
  // one sets where the stream begins.
  void OnReceived(int64_t index, Timestamp now);
  // Packet `index` came though it was there already. If it had been asked for more than once,
  // repeats come too early: the peer answers each request, or takes longer than assumed. What was
  // not asked for tells nothing: networks double packets, and browsers send old ones again, as RTX,
  // to probe the path.
  void OnDuplicate(int64_t index, Timestamp now);
  // The stream's numbering starts anew at `first_index`: forgets all that is missing. To be called
  // when ArrivalResult::restarted, before OnReceived.
  void Restart(int64_t first_index);

  // The sequence numbers to be asked for now, ascending, at most kMaxMissing; valid until the next
  // call. Sent in one go, they cost the fewest bytes.
  std::span<const SeqNum> Poll(Timestamp now);
  // When Poll has something to do next.
  Timestamp NextDeadline() const { return next_; }
  // True once after packets were given up, as far as live receivers are concerned.
  bool TakeKeyFrameWanted();

  // The round-trip time measured otherwise, for example by XR; clamped to 0..kMaxRoundTripTime.
  void SetRtt(TimeDelta rtt);
  // Ask for packets until they are this late, if that is longer than the live deadline; clamped to
  // 0..kMaxPatience.
  void SetPatience(TimeDelta patience);

  // Whether the packet is missing and was asked for: if it arrives now, it is (likely) the answer.
  bool WasRequested(int64_t index) const;

  size_t missing_count() const { return missing_.size(); }
  uint64_t nack_messages() const { return nacks_; }                 // NACK messages
  uint64_t requested_packets() const { return requested_; }         // repeats included
  uint64_t given_up_packets() const { return given_up_; }           // never came
  TimeDelta repeat_interval() const { return Interval(0, false); }  // the first one, at present

 private:
  struct Missing {
    int64_t index = 0;
    Timestamp due;
    Timestamp since;      // when the gap was seen
    Timestamp requested;  // last
    uint16_t tries = 0;
    bool live = true;  // not yet given up by live receivers
  };

  void AddGap(int64_t first, int64_t end, Timestamp now);
  void Found(int64_t index, Timestamp now);
  void LearnReordering(int64_t distance);
  void LearnResponse(TimeDelta response);
  void HurryReordered(Timestamp now);
  Timestamp NextEvent(const Missing& missing) const;
  bool GiveUp(Missing& missing, Timestamp now);
  TimeDelta UsualResponse() const;
  TimeDelta Interval(int tries, bool hurry) const;
  bool WasRepeated(int64_t index) const;
  std::vector<Missing>::const_iterator Find(int64_t index) const;

  bool started_ = false;
  bool key_frame_wanted_ = false;
  bool responses_known_ = false;
  bool rtt_known_ = false;
  int64_t newest_ = 0;
  int64_t reorder_packets_ = kReorderPackets;
  int64_t in_order_ = 0;  // packets since reorder_packets_ changed
  TimeDelta rtt_ = kDefaultRtt;
  TimeDelta response_;         // smoothed time from the first request to the answer
  TimeDelta response_spread_;  // its smoothed deviation
  TimeDelta patience_;
  Timestamp careful_until_;  // no hurry before
  Timestamp next_lesson_;    // of OnDuplicate
  // The sequence numbers that came last of those that had been asked for more than once.
  std::array<uint16_t, 128> repeated_{};
  size_t next_repeated_ = 0;
  double waste_ = 0;  // the share of them that came twice, smoothed
  Timestamp next_ = Timestamp::Never();
  std::vector<Missing> missing_;  // ascending by index
  std::vector<SeqNum> due_;       // what Poll returned
  uint64_t nacks_ = 0;
  uint64_t requested_ = 0;
  uint64_t given_up_ = 0;
};

}  // namespace sfu

// A table small enough to be searched from end to end.
#include "transport/unknown_streams.h"

#include <algorithm>

namespace sfu {

UnknownStreams::Stream& UnknownStreams::Find(Ssrc ssrc, uint8_t payload_type, Timestamp now) {
  Stream* oldest = streams_.data();
  for (Stream& stream : streams_) {
    if (stream.packets > 0 && stream.ssrc == ssrc && stream.payload_type == payload_type) {
      if (now - stream.last < kForget) return stream;
      oldest = &stream;
      break;
    }
    if (stream.packets == 0 ? oldest->packets > 0 : stream.last < oldest->last) oldest = &stream;
  }
  *oldest = {ssrc, payload_type, 0, now, now, now};
  return *oldest;
}

bool UnknownStreams::MayTell(Timestamp now) {
  if (now >= told_until_) {
    told_until_ = now + TimeDelta::Seconds(1);
    told_ = 0;
  }
  return told_ < kMaxTold;
}

bool UnknownStreams::OnPacket(Ssrc ssrc, uint8_t payload_type, bool rival, Timestamp now) {
  Stream& stream = Find(ssrc, payload_type, now);
  ++stream.packets;
  stream.last = now;
  if (stream.packets < kMinPackets || now < stream.tell_next) return false;
  if (rival && now - stream.first < kRivalTime) return false;
  if (!MayTell(now)) return false;
  ++told_;
  stream.tell_next = now + kTellAgain;
  return true;
}

}  // namespace sfu

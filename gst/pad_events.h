// The custom events that pads of ours exchange, also through elements between them. Each is a
// structure of that name.
#pragma once

namespace sfu::gst {

// Upstream: how long a receiver waits for repairs. "latency" (uint64, nanoseconds).
inline constexpr char kPatienceEvent[] = "GstSfuPatience";

// How well a stream arrives where RTCP measures it: downstream (sticky) from the transport that
// receives it, upstream from the transport that sends it. "score" (uint, 0 to 10). Sent when it has
// changed, at most once a second.
inline constexpr char kScoreEvent[] = "sfu-score";

}  // namespace sfu::gst

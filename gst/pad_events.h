// The custom events that pads of ours exchange, also through elements between them. Each is a
// structure of that name.
#pragma once

namespace sfu::gst {

// Upstream: how long a receiver waits for repairs. "latency" (uint64, nanoseconds).
inline constexpr char kPatienceEvent[] = "GstSfuPatience";

// In GstForceKeyUnit, upstream between pads of ours: which of several encodings is to have the key
// frame (uint, see RtpBatch::encoding). Without it, the one that is being forwarded.
inline constexpr char kEncodingField[] = "sfu-encoding";

// How well a stream arrives where RTCP measures it: downstream (sticky) from the transport that
// receives it, upstream from the transport that sends it. "score" (uint, 0 to 10). Sent when it has
// changed, at most once a second.
inline constexpr char kScoreEvent[] = "sfu-score";

// Downstream, sticky: what a router's consumer pad could send. "bitrates" (array of uint64, bits
// per second of each layer; a simple Consumer has one), "priority" (uint, 1 to 255), "wanted"
// (uint: how many of the layers are wanted; 0 while paused). At most 10 per second.
inline constexpr char kLayersEvent[] = "sfu-layers";

// Upstream: what a receiver lets a consumer pad send. "bitrate" (uint64, bits per second), "epoch"
// (uint64, whole seconds of CLOCK_MONOTONIC). To be said in every epoch; of several receivers the
// least counts.
inline constexpr char kBudgetEvent[] = "sfu-budget";

}  // namespace sfu::gst

// Statistics of the core as GstStructure fields, named as W3C's webrtc-stats names them.
#pragma once

#include <gst/gst.h>

#include <span>

#include "base/time.h"
#include "transport/rtp_receiver.h"
#include "transport/rtp_sender.h"
#include "transport/rtp_session.h"

namespace sfu::gst {

// All on the Worker.
// Of several encodings: the sums of all, and each in the array "encodings".
void AddInboundStats(GstStructure* stats, std::span<RtpReceiver* const> receivers, Timestamp now);
void AddOutboundStats(GstStructure* stats, const RtpSender& sender, Timestamp now);
void AddTransportStats(GstStructure* stats, const RtpSessionStats& session);
// Adds a structure, which it takes over, to an array.
void AppendStructure(GValue* array, GstStructure* one);
// One field per reason that occurred: "dropped-srtp-auth".
void AddDrops(GstStructure* stats, const DropCounters& drops);

}  // namespace sfu::gst

// Statistics of the core as GstStructure fields, named as W3C's webrtc-stats names them.
#pragma once

#include <gst/gst.h>

#include "base/time.h"
#include "transport/rtp_receiver.h"
#include "transport/rtp_sender.h"
#include "transport/rtp_session.h"

namespace sfu::gst {

// All on the Worker.
void AddInboundStats(GstStructure* stats, const RtpReceiver& receiver, Timestamp now);
void AddOutboundStats(GstStructure* stats, const RtpSender& sender, Timestamp now);
void AddTransportStats(GstStructure* stats, const RtpSessionStats& session);
// One field per reason that occurred: "dropped-srtp-auth".
void AddDrops(GstStructure* stats, const DropCounters& drops);

}  // namespace sfu::gst

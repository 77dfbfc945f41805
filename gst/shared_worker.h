// Named Workers: elements that name the same one share its thread.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "net/worker.h"
#include "rtp/ntp_time.h"
#include "rtp/rtp_packet.h"
#include "rtp_batch_memory.h"
#include "stream/far_rings.h"
#include "webrtc_share.h"

namespace sfu::gst {

inline constexpr char kDefaultWorker[] = "default";

// A running Worker and what its occupants share.
struct SharedWorker {
  std::string name;
  std::unique_ptr<Worker> worker;
  // What sender reports on this Worker say of the time of day.
  NtpClock ntp;
  // For packets that foreign elements bring; Worker's thread only.
  RtpPacketPool pool;
  // Of streams that come from other Workers; Worker's thread only.
  FarRings far_rings;
  // For all pads on this Worker; its thread only.
  LentBatchBuffers lent;
  // What the WebRTC transports on this Worker share.
  WebRtcShare webrtc;
};

using SharedWorkerRef = std::shared_ptr<SharedWorker>;

// The running Worker of that name; it is made when nobody uses it yet, and ends when the last user
// lets go of it, on whatever thread. Any thread. Fails when threads or descriptors have run out.
Result<SharedWorkerRef> AcquireWorker(const std::string& name);

// Lets go of it behind the tasks that wait there and keep it, so that it has ended when this
// returns, if nobody else uses it: the application may call gst_deinit() next. Any thread; on the
// Worker's own it ends later. Null is nothing.
void LeaveWorker(SharedWorkerRef worker);

}  // namespace sfu::gst

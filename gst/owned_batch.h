// A batch that keeps its packets: what crosses threads, waits in queues, or is held on to by a
// probe.
#pragma once

#include <vector>

#include "stream/rtp_batch.h"

namespace sfu::gst {

struct OwnedBatch {
  OwnedBatch() = default;
  // Takes a reference to every packet of `borrowed`, on the thread to which it is lent.
  explicit OwnedBatch(const RtpBatch& borrowed) : batch(borrowed) {
    packets.reserve(batch.entries.size());
    for (const RtpBatchEntry& entry : batch.entries) packets.emplace_back(entry.packet);
  }
  OwnedBatch(OwnedBatch&&) = default;
  OwnedBatch& operator=(OwnedBatch&&) = default;
  OwnedBatch(const OwnedBatch&) = delete;
  OwnedBatch& operator=(const OwnedBatch&) = delete;

  RtpBatch batch;
  std::vector<RtpPacketRef> packets;  // packets[i] keeps batch.entries[i].packet alive
};

}  // namespace sfu::gst

// Lays out batches as plain RTP for elements that know nothing of us: per packet one GstBuffer with
// a small header memory of its own and the payload shared with the core's packet, not copied.
//
// CSRCs and the block of header extensions are handed on as they came; the caps say (extmap-N) what
// is in it.
#pragma once

#include <gst/gst.h>

#include "stream/rtp_batch.h"

namespace sfu::gst {

// One packet as the receiver of `batch` is to see it, without timestamps. The buffer keeps a
// reference to the packet; the caller owns the buffer.
GstBuffer* WritePlain(const RtpBatch& batch, const RtpBatchEntry& entry);

}  // namespace sfu::gst

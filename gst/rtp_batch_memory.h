// The memory behind the caps feature `memory:RtpBatch`: a GstBuffer with one such memory carries
// one RtpBatch from pad to pad.
//
// Between our own elements on one Worker the batch is only lent for the length of the push, and no
// packet's count is touched. A buffer that somebody keeps (a probe, an element in between) is given
// references of its own before the loan ends.
//
// Such memory has no bytes: mapping it fails. Whoever wants bytes negotiates plain
// application/x-rtp. The RTP packets of a batch differ per receiver only by an overlay, and are
// laid out nowhere.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <vector>

#include "owned_batch.h"

namespace sfu::gst {

inline constexpr char kRtpBatchFeature[] = "memory:RtpBatch";

// A buffer that owns its packets; it may go to any thread. The caller owns it. `worker` is an
// opaque mark of the Worker on which batch.ring may be used.
GstBuffer* NewOwnedBatchBuffer(OwnedBatch batch, const void* worker);

// The batch in `buffer`, as long as the buffer lives (lent: as long as the push lasts). Null if
// there is none, or if it is lent and this is not the thread to which it is lent.
const RtpBatch* BatchOfBuffer(GstBuffer* buffer);

// The mark given when the buffer was made; null for a lent batch, which never leaves its Worker.
const void* WorkerOfBuffer(GstBuffer* buffer);

// A reusable buffer for lent batches. Belongs to one thread.
class LentBatchBuffer {
 public:
  LentBatchBuffer() = default;
  ~LentBatchBuffer();
  LentBatchBuffer(const LentBatchBuffer&) = delete;
  LentBatchBuffer& operator=(const LentBatchBuffer&) = delete;

  // A reference to the buffer, for one gst_pad_push(), that carries `batch` until EndLoan().
  GstBuffer* Lend(const RtpBatch& batch);
  // To be called when the push has returned, `batch` still being valid: if somebody kept the buffer
  // or its memory, these get references of their own, and the next loan is a new buffer.
  void EndLoan(const void* worker);

 private:
  GstBuffer* buffer_ = nullptr;
};

// The buffers for lent batches of all pads of one Worker: as many as pushes are nested. So a batch
// that goes to hundreds of pads, one after the other, goes in one buffer that stays in the cache.
// Worker's thread only.
class LentBatchBuffers {
 public:
  // Pushes `batch` on `pad`. `worker` marks what is kept, see WorkerOfBuffer().
  void Push(GstPad* pad, const RtpBatch& batch, const void* worker);

 private:
  std::vector<std::unique_ptr<LentBatchBuffer>> free_;
};

}  // namespace sfu::gst

// The sticky events of one source pad: stream-start, caps, segment. Whoever pushes on the pad calls
// Announce() first, so no data overtakes them.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "gst_ref.h"

namespace sfu::gst {

class Announcer {
 public:
  // How the pad carries its stream once it is announced.
  enum class Carriage : uint8_t { kUnknown, kPlain, kBatch };

  // `caps`: plain application/x-rtp, fixed. For what is pushed from now on: so it is for the thread
  // that pushes to call this, or for another while nothing is pushed.
  void SetCaps(CapsRef caps);
  // All is to be announced anew: the pad was activated, or a stream begins after the end of one.
  // By the same thread as SetCaps().
  void Restart(guint group_id);
  // Caps are to be negotiated anew: the peer is another one. Any thread.
  void Renegotiate() { dirty_ = true; }

  // On the thread that pushes on `pad`: sends what is due. With `own_peer`, the peer is one of our
  // pads and takes batches; else the peer's caps decide. kUnknown: there are no caps yet.
  Carriage Announce(GstPad* pad, bool own_peer);
  Carriage carriage() const { return carriage_; }

 private:
  bool AcceptsBatches(GstPad* pad, const GstCaps* batch_caps) const;
  void SendStreamStart(GstPad* pad, guint group_id) const;

  mutable std::mutex mutex_;
  CapsRef caps_;
  guint group_id_ = 0;
  bool started_ = false;  // stream-start went out
  bool segment_sent_ = false;
  std::atomic<bool> dirty_{true};
  std::atomic<Carriage> carriage_{Carriage::kUnknown};
};

}  // namespace sfu::gst

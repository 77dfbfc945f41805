// The streaming thread of a source pad whose peer is not ours (or which is blocked by a probe): it
// takes what the Worker queued and pushes it, as slowly as the peer likes.
#pragma once

#include <gst/gst.h>

#include <memory>

#include "announcer.h"
#include "branch_queue.h"
#include "clock_map.h"
#include "streaming_task.h"

namespace sfu::gst {

class ForeignBranch {
 public:
  // `pad` and `announcer` belong together; the branch keeps the pad (and with it the announcer)
  // alive until Stop(). `worker` is the mark for buffers with batches.
  ForeignBranch(GstPad* pad, Announcer* announcer, const void* worker);
  ~ForeignBranch();
  ForeignBranch(const ForeignBranch&) = delete;
  ForeignBranch& operator=(const ForeignBranch&) = delete;

  // The peer is one of ours after all (the branch exists because of a blocking probe).
  void SetOwnPeer(bool own_peer);
  // Starts the thread.
  void Start();
  // Empties the queue, ends the thread and waits for it; on the branch's own thread (a downstream
  // element stops the pipeline) it does not wait: the thread ends when it comes back. The pad must
  // be flushing, or the push may take long to return.
  void Stop();
  // Caps or peer changed: has the thread announce them though there are no packets.
  void Wake();

  // What goes through it: packets, and events. CAPS (plain) and STREAM_START say that the stream is
  // another one from here on, and begins anew; the announcer then says so to the peer, in its own
  // words.
  BranchQueue& queue();
  // Nothing is queued or being pushed.
  bool idle() const;

 private:
  struct Shared;

  std::shared_ptr<Shared> shared_;
  StreamingTask task_;
};

}  // namespace sfu::gst

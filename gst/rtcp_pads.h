// The RTCP pads of a transport, for neighbours that exchange RTCP by pads (rtpbin):
// GstSfuRtcpSrcPad (rtcp_src_%u) tells what the peer says of the streams of the same number,
// GstSfuRtcpSinkPad (rtcp_sink_%u) takes what the neighbour wants of them.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

#include "base/bytes.h"
#include "clock_map.h"
#include "gst_ref.h"
#include "streaming_task.h"

namespace sfu::gst {

inline constexpr char kRtcpCaps[] = "application/x-rtcp";

// What stands behind a source pad: a bounded queue and a thread, for any peer may block.
class RtcpSrcPort {
 public:
  // When so many wait, the oldest is dropped: a newer report says more.
  static constexpr size_t kMaxQueued = 64;

  explicit RtcpSrcPort(GstPad* pad);

  // A copy of `compound` is pushed soon. Any thread; never waits.
  void Push(ByteView compound);
  void SetActive(bool active, guint group_id);

 private:
  struct Shared;
  const std::shared_ptr<Shared> shared_;
  GstPad* const pad_;
  StreamingTask task_;
};

// What a sink pad hands on, on the thread that feeds it.
class RtcpTaker {
 public:
  virtual ~RtcpTaker() = default;
  // `number`: of the pad.
  virtual void OnRtcp(unsigned number, ByteView compound) = 0;
};

struct RtcpSinkState {
  unsigned number = 0;
  RtcpTaker* taker = nullptr;  // outlives the pad's use
};

}  // namespace sfu::gst

G_BEGIN_DECLS

struct GstSfuRtcpSrcPad {
  GstPad parent;
  unsigned number;
  sfu::gst::RtcpSrcPort* port;
};
struct GstSfuRtcpSrcPadClass {
  GstPadClass parent_class;
};

struct GstSfuRtcpSinkPad {
  GstPad parent;
  sfu::gst::RtcpSinkState* state;
};
struct GstSfuRtcpSinkPadClass {
  GstPadClass parent_class;
};

GType gst_sfu_rtcp_src_pad_get_type();
GType gst_sfu_rtcp_sink_pad_get_type();

G_END_DECLS

#define GST_TYPE_SFU_RTCP_SRC_PAD (gst_sfu_rtcp_src_pad_get_type())
#define GST_SFU_RTCP_SRC_PAD(obj) (reinterpret_cast<GstSfuRtcpSrcPad*>(obj))
#define GST_TYPE_SFU_RTCP_SINK_PAD (gst_sfu_rtcp_sink_pad_get_type())
#define GST_SFU_RTCP_SINK_PAD(obj) (reinterpret_cast<GstSfuRtcpSinkPad*>(obj))

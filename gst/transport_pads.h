// The pads of a transport: GstSfuReceiverPad (src_%u: one stream of the peer) and
// GstSfuSenderPad (sink_%u: one stream to the peer).
#pragma once

#include <gst/gst.h>

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "encoding_choice.h"
#include "negotiated_stream.h"
#include "rtp_caps.h"
#include "sink_pad.h"
#include "src_pad.h"
#include "transport/encoding_group.h"
#include "transport/rtp_receiver.h"
#include "transport/rtp_sender.h"

namespace sfu::gst {

class TransportElement;

struct ReceiverPadState {
  std::mutex mutex;       // guards caps, offered, trace_types
  guint trace_types = 0;  // bits 1 << TraceType
  CapsRef caps;           // the property
  bool offered = false;   // a stream that came by itself gives it its caps
  unsigned number = 0;
  bool found = false;          // constant: the element added the pad itself, for a stream that came
  ProducedStreamRef produced;  // constant: by produce(); null: the caps say it all
  TransportElement* owner = nullptr;      // constant; outlives the pad's use
  std::unique_ptr<EncodingGroup> source;  // of `receivers`; the Worker's, as are the next
  std::vector<RtpReceiver*> receivers;    // by encoding; empty: none are there
  std::optional<uint8_t> told_score;
  std::optional<VideoOrientation> told_orientation;
};

struct SenderPadState {
  std::mutex mutex;                   // guards info, repair_share, trace_types
  guint trace_types = 0;              // bits 1 << TraceType
  TransportElement* owner = nullptr;  // constant; outlives the pad's use
  std::optional<CapsInfo> info;       // of the last caps
  double repair_share = RtpSenderOptions().repair_share;
  unsigned number = 0;
  ConsumedStreamRef consumed;  // constant: by consume(); null: the caps say it all
  bool ended = false;          // the Worker's, as is the rest
  RtpSender* sender = nullptr;
  RtpCodec source;                         // what `sender` gets
  std::unique_ptr<EncodingChoice> choice;  // before `sender`, if several encodings come; else null
  std::optional<uint8_t> told_score;
  const GstPad* told_to = nullptr;  // compared only
};

}  // namespace sfu::gst

G_BEGIN_DECLS

struct GstSfuReceiverPad {
  GstSfuSrcPad parent;
  sfu::gst::ReceiverPadState* state;
};
struct GstSfuReceiverPadClass {
  GstSfuSrcPadClass parent_class;
};

struct GstSfuSenderPad {
  GstSfuSinkPad parent;
  sfu::gst::SenderPadState* state;
};
struct GstSfuSenderPadClass {
  GstSfuSinkPadClass parent_class;
};

GType gst_sfu_receiver_pad_get_type();
GType gst_sfu_sender_pad_get_type();

G_END_DECLS

namespace sfu::gst {

// The property `trace-types`, in transport_trace.cc.
void InstallTraceTypes(GObjectClass* klass, guint id);

// How well the best encoding that comes arrives; 0: nothing is received. Worker.
uint8_t ReceivedScore(const ReceiverPadState& state, Timestamp now);

// The stream of the pad is described by `caps` from now on. The error names what is wrong with
// them; then nothing has changed. Any thread.
Status SetReceiverCaps(GstSfuReceiverPad* pad, const GstCaps* caps);

}  // namespace sfu::gst

#define GST_TYPE_SFU_RECEIVER_PAD (gst_sfu_receiver_pad_get_type())
#define GST_SFU_RECEIVER_PAD(obj) (reinterpret_cast<GstSfuReceiverPad*>(obj))
#define GST_TYPE_SFU_SENDER_PAD (gst_sfu_sender_pad_get_type())
#define GST_SFU_SENDER_PAD(obj) (reinterpret_cast<GstSfuSenderPad*>(obj))

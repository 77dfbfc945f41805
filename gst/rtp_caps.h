// Between caps (application/x-rtp) and the core's RtpCodec.
#pragma once

#include <gst/gst.h>

#include <string>

#include "base/result.h"
#include "gst_ref.h"
#include "rtp/codec.h"
#include "rtp/sequence.h"

namespace sfu::gst {

// What every pad of ours takes: batches of our own, or plain RTP.
inline constexpr char kPadCaps[] = "application/x-rtp(memory:RtpBatch); application/x-rtp";

// What plain caps say about a stream.
struct CapsInfo {
  RtpCodec codec;
  Ssrc ssrc = 0;  // 0: the caps name none
  // Of how many encodings (RtpBatch::encoding) batches come; plain packets are always of one.
  int encodings = 1;
};

// Reads media, encoding-name, payload, clock-rate, encoding-params (or channels), ssrc, rtcp-fb-*
// and extmap-*. The error names the field. Without `media`, encoding-name decides; without
// `encoding-name`, a static payload type does (RFC 3551).
Result<CapsInfo> ReadCaps(const GstCaps* caps);

// What RFC 3551 says of a static payload type; null for others.
CapsRef StaticCaps(uint8_t payload_type);

// The caps of a pad that hands out a stream described by `described` (fixed or not) with this
// payload type and SSRC (0: none is named): its fields, and always the feedback that stock
// depayloaders look for before they ask for a key frame.
CapsRef OutputCaps(const GstCaps* described, const RtpCodec& codec, Ssrc ssrc);

// The stream comes as so many encodings to whoever takes batches. The field stands in caps with the
// feature memory:RtpBatch only.
inline constexpr char kEncodingsField[] = "encodings";

// The same caps with or without the feature memory:RtpBatch.
CapsRef WithBatchFeature(const GstCaps* caps, bool batch);
bool HasBatchFeature(const GstCaps* caps);

// Answers a CAPS query with what of `caps` its filter lets through.
void AnswerCapsQuery(GstQuery* query, CapsRef caps);

// Whether two descriptions of a stream can be the same one, whichever way it is carried.
bool CapsMeet(const GstCaps* a, const GstCaps* b);

}  // namespace sfu::gst

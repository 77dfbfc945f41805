// Offers, from golden/: recorded from Chromium 156, Firefox 153 (ESR) and webrtcbin 1.22, each as a
// publisher and as a viewer of one camera and microphone. answer_*.sdp are our answers to them, as
// all three have accepted them. Those of OBS, FFmpeg, whipclientsink, Safari and Pion are written
// line for line as these programs write theirs, with names and keys of our own.
#pragma once

#include <string>
#include <vector>

#include "ortc/rtp_capabilities.h"
#include "signalling/sdp_answer.h"
#include "signalling/sdp_offer.h"

namespace sfu::signalling {

// The text of golden/NAME.sdp; a test failure if there is none.
std::string GoldenSdp(const std::string& name);
SdpOffer GoldenOffer(const std::string& name);
// Replaces the first `from` in the text; a test failure if there is none.
std::string Replaced(std::string text, const std::string& from, const std::string& to);
// "sdp.line[2]: must be …", or "none".
std::string ErrorOfOffer(const std::string& text);

// A router with Opus, VP8 and H264.
ortc::RtpCapabilities TestRouter();
SdpLocalTransport TestTransport();

}  // namespace sfu::signalling

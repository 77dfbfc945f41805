// The text of a session description (RFC 8866) from a stranger: what is looked at before anything
// is made of it, and small helpers to read its values.
//
// An error names the place as "sdp.line[12]", counted from 1 as editors do.
#pragma once

#include <gst/sdp/sdp.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sfu::signalling {

// A description or a fragment of one. What browsers send is below 10 KiB.
inline constexpr size_t kMaxSdpBytes = 64 * 1024;
// Browsers' longest lines have some 300 bytes.
inline constexpr size_t kMaxSdpLine = 2048;
// Sections ("m=") of one description.
inline constexpr size_t kMaxSdpSections = 32;

// The lines without their ends, in order. Errors: too long, no UTF-8, a null byte, a line that is
// not "x=…", too many sections, a port beyond 65535.
Result<std::vector<std::string_view>> ReadSdpLines(std::string_view text);

struct SdpMessageDeleter {
  void operator()(GstSDPMessage* message) const { gst_sdp_message_free(message); }
};
using SdpMessage = std::unique_ptr<GstSDPMessage, SdpMessageDeleter>;

// A whole description, beginning with "v=0". Errors: those of ReadSdpLines(), and what GstSDP
// refuses.
Result<SdpMessage> ParseSdpMessage(std::string_view text);

// The parts between the separators, without empty ones.
std::vector<std::string_view> SplitSdp(std::string_view text, char separator = ' ');
// Cuts the part before the separator off `rest`; all of it, if there is no separator.
std::string_view CutSdp(std::string_view* rest, char separator);
// A decimal number from 0 to `max`, and nothing else.
std::optional<uint64_t> SdpNumber(std::string_view text, uint64_t max);
// A name that can stand in an answer, in JSON and in caps.
bool IsSdpToken(std::string_view text, size_t max_size);
// What GStreamer gives for a text, which may be null.
inline std::string_view SdpView(const char* text) { return text == nullptr ? "" : text; }

}  // namespace sfu::signalling

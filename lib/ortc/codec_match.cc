// What must be equal, codec by codec. A parameter that is not given has its default.
#include "ortc/codec_match.h"

#include <string_view>

#include "base/ascii.h"
#include "ortc/h264_profile.h"

namespace sfu::ortc {
namespace {

bool SameInteger(const CodecDescription& a, const CodecDescription& b, std::string_view name,
                 int64_t by_default) {
  return a.parameters.Integer(name).value_or(by_default) ==
         b.parameters.Integer(name).value_or(by_default);
}

bool SameText(const CodecDescription& a, const CodecDescription& b, std::string_view name,
              std::string_view by_default) {
  const std::string standard(by_default);
  return EqualsIgnoringAsciiCase(a.parameters.Text(name).value_or(standard),
                                 b.parameters.Text(name).value_or(standard));
}

bool SameFormat(const CodecDescription& a, const CodecDescription& b) {
  switch (CodecIdFromName(a.name)) {
    case CodecId::kH264:
      return SameH264Format(a.parameters, b.parameters);
    case CodecId::kVp9:
      return SameInteger(a, b, "profile-id", 0);  // RFC 9628, section 6
    case CodecId::kAv1:
      return SameInteger(a, b, "profile", 0);  // AV1 RTP specification, section 7
    case CodecId::kH265:
      // RFC 7798, section 7.1. The level may differ, as with H264.
      return SameInteger(a, b, "profile-id", 1) && SameInteger(a, b, "tier-flag", 0) &&
             SameText(a, b, "tx-mode", "SRST");
    default:
      return true;
  }
}

}  // namespace

bool CodecsMatch(const CodecDescription& a, const CodecDescription& b, CodecMatch match) {
  if (a.kind != b.kind || !EqualsIgnoringAsciiCase(a.name, b.name)) return false;
  if (a.clock_rate != b.clock_rate || a.channels != b.channels) return false;
  if (EqualsIgnoringAsciiCase(a.name, "multiopus") &&
      (!SameInteger(a, b, "num_streams", 0) || !SameInteger(a, b, "coupled_streams", 0))) {
    return false;
  }
  return match == CodecMatch::kCodec || SameFormat(a, b);
}

}  // namespace sfu::ortc

// Chooses the payload parser of a codec.
#include "rtp/codecs/payload_info.h"

#include "rtp/codecs/av1.h"
#include "rtp/codecs/h264.h"
#include "rtp/codecs/h265.h"
#include "rtp/codecs/opus.h"
#include "rtp/codecs/vp8.h"
#include "rtp/codecs/vp9.h"

namespace sfu {

PayloadInfo ParsePayload(CodecId codec, ByteView payload) {
  switch (codec) {
    case CodecId::kVp8:
      return ParseVp8(payload);
    case CodecId::kVp9:
      return ParseVp9(payload);
    case CodecId::kH264:
      return ParseH264(payload);
    case CodecId::kH265:
      return ParseH265(payload);
    case CodecId::kAv1:
      return ParseAv1(payload);
    case CodecId::kOpus:
      return ParseOpus(payload);
    case CodecId::kOther:
      break;
  }
  return {};
}

}  // namespace sfu

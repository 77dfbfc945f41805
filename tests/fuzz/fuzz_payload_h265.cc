// H265 payloads.
#include "fuzz_payload.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sfu::CheckPayload(sfu::CodecId::kH265, sfu::ByteView(data, size));
  return 0;
}

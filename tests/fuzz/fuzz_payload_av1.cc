// AV1 payloads.
#include "fuzz_payload.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sfu::CheckPayload(sfu::CodecId::kAv1, sfu::ByteView(data, size));
  return 0;
}

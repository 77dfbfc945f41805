// Header extension blocks: bytes 0 and 1 are the profile, the rest is the block. What is read must
// lie inside the block, and must come out the same after it was written again.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "fuzz_check.h"
#include "rtp/header_extension.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const sfu::ByteView block(data + 2, size - 2);
  const sfu::HeaderExtensionView view(sfu::LoadBe16(data), block);

  std::array<uint8_t, 4096> out;
  sfu::HeaderExtensionWriter writer(out, view.form());
  bool all_fit = true;
  for (const sfu::HeaderExtension& element : view) {
    FUZZ_CHECK(element.id != 0);
    FUZZ_CHECK(element.data.data() >= data + 2);
    FUZZ_CHECK(element.data.data() + element.data.size() <= data + size);
    all_fit = writer.Add(element.id, element.data) && all_fit;
  }
  const size_t written = writer.Finish();
  FUZZ_CHECK(written % 4 == 0 && written <= out.size());
  if (!all_fit) return 0;

  const sfu::HeaderExtensionView again(writer.profile(), sfu::ByteView(out).first(written));
  auto copy = again.begin();
  for (const sfu::HeaderExtension& element : view) {
    FUZZ_CHECK(copy != again.end() && copy->id == element.id);
    FUZZ_CHECK(
        std::equal(copy->data.begin(), copy->data.end(), element.data.begin(), element.data.end()));
    ++copy;
  }
  FUZZ_CHECK(copy == again.end());
  return 0;
}

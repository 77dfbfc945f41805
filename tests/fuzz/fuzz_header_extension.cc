// Header extension blocks: bytes 0 and 1 are the profile, the rest is the block. What is read must
// lie inside the block, and must come out the same after it was written again.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "fuzz_check.h"
#include "rtp/extension_places.h"
#include "rtp/header_extension.h"

namespace {

// What the table of places says is what the walk finds.
void CheckPlaces(const uint8_t* data, size_t size, const sfu::HeaderExtensionView& view) {
  sfu::RtpHeader header;
  header.extension_profile = sfu::LoadBe16(data);
  header.extension_offset = 2;
  header.extension_size = static_cast<uint16_t>(std::min<size_t>(size - 2, UINT16_MAX - 2));
  if (header.extension_size != size - 2) return;
  sfu::ExtensionIds ids;
  for (size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<uint8_t>(i + 5);
  const sfu::ExtensionPlaces places(header, {data, size}, ids);
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto walked = view.Find(ids[i]);
    const auto found = places.Find(static_cast<sfu::ExtensionType>(i), header, {data, size});
    FUZZ_CHECK(walked.has_value() == found.has_value());
    if (walked) FUZZ_CHECK(walked->data() == found->data() && walked->size() == found->size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const sfu::ByteView block(data + 2, size - 2);
  const sfu::HeaderExtensionView view(sfu::LoadBe16(data), block);

  CheckPlaces(data, size, view);

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

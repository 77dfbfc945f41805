// Dependency descriptors: the input is a row of them, each behind its length in one byte, so that
// later ones are read by the structures of earlier ones. What parses must survive a change of its
// active decode targets.
#include <array>

#include "fuzz_check.h"
#include "rtp/codecs/dependency_descriptor.h"

namespace {

void CheckRewrite(sfu::ByteView bytes, const sfu::DependencyDescriptor& descriptor,
                  const sfu::DependencyDescriptorReader& structure_holder) {
  std::array<uint8_t, 260> out;
  const size_t size = sfu::RewriteActiveDecodeTargets(bytes, descriptor, 1, out);
  FUZZ_CHECK(size > 0 && size <= bytes.size() + 5);
  if (!descriptor.has_structure) return;  // only those can be read by a fresh reader
  FUZZ_CHECK(structure_holder.structure() != nullptr);
  sfu::DependencyDescriptorReader fresh;
  sfu::DependencyDescriptor again;
  FUZZ_CHECK(fresh.Read(sfu::ByteView(out).first(size), &again));
  FUZZ_CHECK(again.has_active_targets && again.active_targets == 1);
  FUZZ_CHECK(again.frame.indications == descriptor.frame.indications);
  FUZZ_CHECK(again.frame.frame_diffs == descriptor.frame.frame_diffs);
  FUZZ_CHECK(again.frame.chain_diffs == descriptor.frame.chain_diffs);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sfu::DependencyDescriptorReader reader;
  sfu::ByteReader input(sfu::ByteView(data, size));
  while (input.remaining() > 0) {
    const sfu::ByteView bytes = input.Bytes(input.U8());
    sfu::DependencyDescriptor descriptor;
    if (!reader.Read(bytes, &descriptor)) continue;
    FUZZ_CHECK(descriptor.end_bit <= bytes.size() * 8);
    FUZZ_CHECK(descriptor.decode_target_count >= 1 && descriptor.decode_target_count <= 32);
    FUZZ_CHECK(descriptor.frame.spatial_layer < 4 && descriptor.frame.temporal_layer < 8);
    CheckRewrite(bytes, descriptor, reader);
    sfu::PayloadInfo info;
    sfu::ApplyDependencyDescriptor(descriptor, &info);
    FUZZ_CHECK(info.valid);
  }
  return 0;
}

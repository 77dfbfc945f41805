// Parses the template structure of a dependency descriptor (AV1 RTP specification, section A.4.1);
// used by dependency_descriptor.cc only.
#pragma once

#include "rtp/codecs/bit_reader.h"
#include "rtp/codecs/dependency_descriptor.h"

namespace sfu {

// template_dependency_structure(): fills `*out`, reading from `bits`. False when it is malformed or
// truncated; `*out` is then unspecified.
bool ParseDependencyStructure(BitReader& bits, DependencyStructure* out);

// frame_dtis(): two bits per decode target.
uint64_t ReadIndications(BitReader& bits, size_t decode_target_count);

}  // namespace sfu

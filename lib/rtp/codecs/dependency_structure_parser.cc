#include "rtp/codecs/dependency_structure_parser.h"

#include <algorithm>

namespace sfu {
namespace {

// template_layers(): templates come sorted by spatial, then by temporal layer.
bool ReadLayers(BitReader& bits, DependencyStructure* out) {
  enum NextLayer : uint32_t { kSame, kNextTemporal, kNextSpatial, kNoMore };
  size_t spatial = 0, temporal = 0, highest_temporal = 0, count = 0;
  uint32_t next = kSame;
  while (next != kNoMore) {
    if (count == DependencyStructure::kMaxTemplates ||
        spatial >= DependencyStructure::kMaxSpatialLayers ||
        temporal >= DependencyStructure::kMaxTemporalLayers) {
      return false;
    }
    FrameDependencies& entry = out->templates[count++];
    entry = {};
    entry.spatial_layer = static_cast<uint8_t>(spatial);
    entry.temporal_layer = static_cast<uint8_t>(temporal);
    highest_temporal = std::max(highest_temporal, temporal);
    next = bits.Bits(2);
    if (!bits.ok()) return false;
    if (next == kNextTemporal) ++temporal;
    if (next == kNextSpatial) {
      ++spatial;
      temporal = 0;
    }
  }
  out->template_count = static_cast<uint8_t>(count);
  out->spatial_layer_count = static_cast<uint8_t>(spatial + 1);
  out->temporal_layer_count = static_cast<uint8_t>(highest_temporal + 1);
  return true;
}

// template_fdiffs() of one template.
bool ReadFrameDiffs(BitReader& bits, FrameDependencies* entry) {
  while (bits.Flag()) {
    if (entry->frame_diff_count == FrameDependencies::kMaxFrameDiffs) return false;
    entry->frame_diffs[entry->frame_diff_count++] = static_cast<uint16_t>(bits.Bits(4) + 1);
  }
  return bits.ok();
}

// template_chains()
bool ReadChains(BitReader& bits, DependencyStructure* out) {
  const uint32_t chains = bits.NonSymmetric(out->decode_target_count + 1U);
  // ns(n) stays below n for every input, so this guards only the arrays below.
  if (!bits.ok() || chains > FrameDependencies::kMaxChains) return false;
  out->chain_count = static_cast<uint8_t>(chains);
  for (size_t i = 0; i < out->decode_target_count; ++i) {
    out->decode_targets[i].protected_by =
        static_cast<uint8_t>(chains == 0 ? 0 : bits.NonSymmetric(chains));
  }
  for (size_t t = 0; t < out->template_count; ++t) {
    for (size_t c = 0; c < chains; ++c) {
      out->templates[t].chain_diffs[c] = static_cast<uint8_t>(bits.Bits(4));
    }
  }
  return bits.ok();
}

// decode_target_layers(): a decode target reaches as high as the templates present in it.
void FindDecodeTargetLayers(DependencyStructure* out) {
  for (size_t i = 0; i < out->decode_target_count; ++i) {
    DependencyStructure::DecodeTarget& target = out->decode_targets[i];
    target.spatial_layer = target.temporal_layer = 0;
    for (size_t t = 0; t < out->template_count; ++t) {
      const FrameDependencies& entry = out->templates[t];
      if (entry.indication(i) == DecodeTargetIndication::kNotPresent) continue;
      target.spatial_layer = std::max(target.spatial_layer, entry.spatial_layer);
      target.temporal_layer = std::max(target.temporal_layer, entry.temporal_layer);
    }
  }
}

// render_resolutions()
void ReadResolutions(BitReader& bits, DependencyStructure* out) {
  out->has_resolutions = bits.Flag();
  for (size_t i = 0; i < out->resolutions.size(); ++i) {
    const bool present = out->has_resolutions && i < out->spatial_layer_count;
    out->resolutions[i] = {};
    if (present) out->resolutions[i].width = bits.Bits(16) + 1;
    if (present) out->resolutions[i].height = bits.Bits(16) + 1;
  }
}

}  // namespace

uint64_t ReadIndications(BitReader& bits, size_t decode_target_count) {
  uint64_t indications = 0;
  for (size_t i = 0; i < decode_target_count; ++i) {
    indications |= static_cast<uint64_t>(bits.Bits(2)) << (2 * i);
  }
  return indications;
}

bool ParseDependencyStructure(BitReader& bits, DependencyStructure* out) {
  out->template_id_offset = static_cast<uint8_t>(bits.Bits(6));
  out->decode_target_count = static_cast<uint8_t>(bits.Bits(5) + 1);
  if (!ReadLayers(bits, out)) return false;
  for (size_t t = 0; t < out->template_count; ++t) {
    out->templates[t].indications = ReadIndications(bits, out->decode_target_count);
  }
  for (size_t t = 0; t < out->template_count; ++t) {
    if (!ReadFrameDiffs(bits, &out->templates[t])) return false;
  }
  if (!ReadChains(bits, out)) return false;
  FindDecodeTargetLayers(out);
  ReadResolutions(bits, out);
  return bits.ok();
}

}  // namespace sfu

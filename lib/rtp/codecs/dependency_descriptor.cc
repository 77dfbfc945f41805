#include "rtp/codecs/dependency_descriptor.h"

#include <algorithm>
#include <utility>

#include "rtp/codecs/bit_reader.h"
#include "rtp/codecs/dependency_structure_parser.h"

namespace sfu {
namespace {

constexpr size_t kMandatoryBits = 24;
constexpr size_t kMandatorySize = 3;  // bytes
constexpr int kFlagBits = 5;
constexpr uint32_t kActiveTargetsFlag = 0x08;  // among the five flags
// How many frames a packet may be behind and still count as late. More is a sender that began anew:
// without this bound a restart with a lower frame number would be taken for a late packet for long.
constexpr int64_t kMaxLateFrames = 1000;

// True when `frame` is a little older than `reference`.
bool IsLate(int64_t frame, int64_t reference) {
  return frame < reference && frame >= reference - kMaxLateFrames;
}

struct Flags {
  bool structure = false, active_targets = false, dtis = false, fdiffs = false, chains = false;
};

Flags ReadFlags(BitReader& bits) {
  Flags flags;
  flags.structure = bits.Flag();
  flags.active_targets = bits.Flag();
  flags.dtis = bits.Flag();
  flags.fdiffs = bits.Flag();
  flags.chains = bits.Flag();
  return flags;
}

// frame_fdiffs()
bool ReadFrameDiffs(BitReader& bits, FrameDependencies* frame) {
  frame->frame_diff_count = 0;
  for (uint32_t size = bits.Bits(2); size != 0; size = bits.Bits(2)) {
    if (frame->frame_diff_count == FrameDependencies::kMaxFrameDiffs) return false;
    frame->frame_diffs[frame->frame_diff_count++] =
        static_cast<uint16_t>(bits.Bits(4 * static_cast<int>(size)) + 1);
  }
  return bits.ok();
}

// frame_dependency_definition()
bool ReadFrame(BitReader& bits, const Flags& flags, uint8_t template_id,
               const DependencyStructure& structure, FrameDependencies* frame) {
  const size_t index = (template_id - structure.template_id_offset) & 0x3f;
  if (index >= structure.template_count) return false;
  *frame = structure.templates[index];
  if (flags.dtis) frame->indications = ReadIndications(bits, structure.decode_target_count);
  if (flags.fdiffs && !ReadFrameDiffs(bits, frame)) return false;
  for (size_t i = 0; flags.chains && i < structure.chain_count; ++i) {
    frame->chain_diffs[i] = static_cast<uint8_t>(bits.Bits(8));
  }
  return bits.ok();
}

// True when the frame is a switch for just the decode target that ends with its layers.
bool IsLayerSwitch(const FrameDependencies& frame, const DependencyStructure& structure) {
  for (size_t i = 0; i < structure.decode_target_count; ++i) {
    const DependencyStructure::DecodeTarget& target = structure.decode_targets[i];
    if (frame.indication(i) == DecodeTargetIndication::kSwitch &&
        target.spatial_layer == frame.spatial_layer &&
        target.temporal_layer == frame.temporal_layer) {
      return true;
    }
  }
  return false;
}

void CopyBits(BitReader& from, size_t end, BitWriter& to) {
  while (from.ok() && from.position() < end) {
    const int count = static_cast<int>(std::min<size_t>(32, end - from.position()));
    to.Bits(from.Bits(count), count);
  }
}

}  // namespace

DependencyDescriptorReader::DependencyDescriptorReader()
    : current_(std::make_unique<DependencyStructure>()),
      parsed_(std::make_unique<DependencyStructure>()) {}

bool DependencyDescriptorReader::Read(ByteView bytes, DependencyDescriptor* out) {
  BitReader bits(bytes);
  out->start_of_frame = bits.Flag();
  out->end_of_frame = bits.Flag();
  const uint8_t template_id = static_cast<uint8_t>(bits.Bits(6));
  out->frame_number = static_cast<uint16_t>(bits.Bits(16));
  out->is_extended = bytes.size() > kMandatorySize;
  const Flags flags = out->is_extended ? ReadFlags(bits) : Flags();
  if (flags.structure && !ParseDependencyStructure(bits, parsed_.get())) return false;
  if (!bits.ok() || (!flags.structure && !has_structure_)) return false;
  const DependencyStructure& structure = flags.structure ? *parsed_ : *current_;

  out->has_structure = flags.structure;
  out->decode_target_count = structure.decode_target_count;
  out->has_active_targets = flags.active_targets;
  out->active_targets_bit = static_cast<uint16_t>(bits.position());
  out->active_targets = flags.structure ? structure.AllDecodeTargets() : active_targets_;
  if (flags.active_targets) out->active_targets = bits.Bits(structure.decode_target_count);
  if (!ReadFrame(bits, flags, template_id, structure, &out->frame)) return false;
  out->end_bit = static_cast<uint16_t>(bits.position());

  out->layer_switch = IsLayerSwitch(out->frame, structure);
  Remember(*out);
  return true;
}

void DependencyDescriptorReader::Remember(const DependencyDescriptor& descriptor) {
  const int64_t frame = frames_.Unwrap(descriptor.frame_number);
  if (has_structure_ && IsLate(frame, structure_frame_)) return;
  if (descriptor.has_structure) {
    std::swap(current_, parsed_);
    has_structure_ = true;
    structure_frame_ = frame;
  } else if (!descriptor.has_active_targets || IsLate(frame, active_targets_frame_)) {
    return;
  }
  active_targets_ = descriptor.active_targets;
  active_targets_frame_ = frame;
}

size_t RewriteActiveDecodeTargets(ByteView descriptor, const DependencyDescriptor& parsed,
                                  uint32_t active_targets, MutableBytes out) {
  const size_t mask_bits = parsed.decode_target_count;
  const size_t mask_end = parsed.active_targets_bit + (parsed.has_active_targets ? mask_bits : 0);
  if (parsed.end_bit > descriptor.size() * 8 || mask_end > parsed.end_bit) return 0;
  BitReader from(descriptor);
  BitWriter to(out);
  CopyBits(from, kMandatoryBits, to);
  const uint32_t flags = parsed.is_extended ? from.Bits(kFlagBits) : 0;
  to.Bits(flags | kActiveTargetsFlag, kFlagBits);
  CopyBits(from, parsed.active_targets_bit, to);
  to.Bits(active_targets, static_cast<int>(mask_bits));
  from.Bits(static_cast<int>(mask_end - parsed.active_targets_bit));
  CopyBits(from, parsed.end_bit, to);
  return from.ok() && to.ok() ? to.size_bytes() : 0;
}

void ApplyDependencyDescriptor(const DependencyDescriptor& descriptor, PayloadInfo* info) {
  const FrameDependencies& frame = descriptor.frame;
  info->valid = true;
  info->key_frame = descriptor.has_structure;
  info->frame_start = descriptor.start_of_frame;
  info->end_of_frame = descriptor.end_of_frame;
  info->has_spatial = info->has_temporal = true;
  info->spatial_layer = frame.spatial_layer;
  info->temporal_layer = frame.temporal_layer;
  info->layer_sync = descriptor.layer_switch;
  info->discardable = true;
  for (size_t i = 0; i < descriptor.decode_target_count; ++i) {
    if (frame.indication(i) > DecodeTargetIndication::kDiscardable) info->discardable = false;
  }
}

}  // namespace sfu

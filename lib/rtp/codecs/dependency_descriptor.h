// The dependency descriptor header extension (AOMedia's RTP Payload Format For AV1, appendix A):
// what frame a packet is of, on which frames it depends, and which decode targets (operation
// points: up to this spatial and this temporal layer) need it. For AV1, and any codec whose sender
// adds it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "rtp/codecs/payload_info.h"
#include "rtp/sequence.h"

namespace sfu {

// What a frame is to a decode target (table A.2).
enum class DecodeTargetIndication : uint8_t { kNotPresent, kDiscardable, kSwitch, kRequired };

// The dependencies of one frame, as a template describes them or as a packet itself does.
struct FrameDependencies {
  static constexpr size_t kMaxDecodeTargets = 32;  // 5 bits of syntax
  static constexpr size_t kMaxChains = 32;         // at most one per decode target
  // More references than any codec has buffers for (H264: 16). The syntax itself sets no bound.
  static constexpr size_t kMaxFrameDiffs = 16;

  uint8_t spatial_layer = 0;   // 0..3
  uint8_t temporal_layer = 0;  // 0..7
  uint8_t frame_diff_count = 0;
  std::array<uint16_t, kMaxFrameDiffs> frame_diffs{};  // 1..4096: how many frames back it refers
  std::array<uint8_t, kMaxChains> chain_diffs{};  // 0: no previous frame in the chain is needed
  uint64_t indications = 0;                       // two bits per decode target

  DecodeTargetIndication indication(size_t target) const {
    return static_cast<DecodeTargetIndication>((indications >> (2 * target)) & 3);
  }
};

// The structure that a key frame announces, and by which later descriptors are understood.
struct DependencyStructure {
  static constexpr size_t kMaxTemplates = 64;      // 6 bits of template id
  static constexpr size_t kMaxSpatialLayers = 4;   // MAX_SPATIAL_ID + 1
  static constexpr size_t kMaxTemporalLayers = 8;  // MAX_TEMPORAL_ID + 1

  struct DecodeTarget {
    uint8_t spatial_layer = 0;  // the highest layers that belong to it
    uint8_t temporal_layer = 0;
    uint8_t protected_by = 0;  // its chain; chain_count when there is none
  };
  struct Resolution {
    uint32_t width = 0;  // pixels, 1..65536
    uint32_t height = 0;
  };

  uint8_t template_id_offset = 0;
  uint8_t template_count = 0;
  uint8_t decode_target_count = 0;  // 1..32
  uint8_t chain_count = 0;          // 0..32
  uint8_t spatial_layer_count = 0;  // 1..4
  uint8_t temporal_layer_count = 0;
  bool has_resolutions = false;
  std::array<FrameDependencies, kMaxTemplates> templates{};
  std::array<DecodeTarget, FrameDependencies::kMaxDecodeTargets> decode_targets{};
  std::array<Resolution, kMaxSpatialLayers> resolutions{};

  // Bit i set: decode target i is active. All of them.
  uint32_t AllDecodeTargets() const {
    return static_cast<uint32_t>((uint64_t{1} << decode_target_count) - 1);
  }
};

// The descriptor of one packet.
struct DependencyDescriptor {
  bool start_of_frame = false;
  bool end_of_frame = false;
  bool has_structure = false;  // it announces a structure: the packet begins a key frame
  uint16_t frame_number = 0;   // counts frames (layer frames, for SVC) in decoding order
  FrameDependencies frame;
  bool layer_switch = false;  // a receiver may switch up to the layers of this frame here
  // The decode targets that are active: as this packet says, or as last said.
  bool has_active_targets = false;
  uint32_t active_targets = 0;
  // Where the bits stand, for RewriteActiveDecodeTargets.
  uint8_t decode_target_count = 0;
  bool is_extended = false;         // more than the three mandatory bytes
  uint16_t active_targets_bit = 0;  // where the bit mask stands, or would
  uint16_t end_bit = 0;
};

// Reads the descriptors of one stream and remembers the last structure. The 6 KiB that takes are
// allocated once, with the reader. Not thread-safe.
class DependencyDescriptorReader {
 public:
  DependencyDescriptorReader();

  // Parses the bytes of a header extension element. False when it is malformed, or refers to a
  // structure that has not been seen; then nothing is remembered of it and `*out` is unspecified.
  // Packets may come late or twice: a structure older than the one in force is used for its own
  // packet only.
  [[nodiscard]] bool Read(ByteView bytes, DependencyDescriptor* out);

  // The structure in force; nullptr before the first.
  const DependencyStructure* structure() const { return has_structure_ ? current_.get() : nullptr; }

  // Forgets the structure, when the stream is known to begin anew.
  void Reset() { has_structure_ = false; }

 private:
  void Remember(const DependencyDescriptor& descriptor);

  std::unique_ptr<DependencyStructure> current_;
  std::unique_ptr<DependencyStructure> parsed_;  // filled while reading, swapped in when it is good
  bool has_structure_ = false;
  SeqUnwrapper frames_;
  int64_t structure_frame_ = 0;  // the frame that announced it
  uint32_t active_targets_ = 0;
  int64_t active_targets_frame_ = 0;  // the frame that last set them
};

// Writes `descriptor` to `out` with `active_targets` (bit i: decode target i) in place of the mask
// that it has, or added to it. `parsed` is what a reader made of the same bytes. Returns the size,
// which is that of `descriptor` when it has a mask and at most 5 bytes more when not; 0 when `out`
// is too small or `parsed` does not belong to `descriptor`.
size_t RewriteActiveDecodeTargets(ByteView descriptor, const DependencyDescriptor& parsed,
                                  uint32_t active_targets, MutableBytes out);

// Lets the descriptor of a packet say what its payload does not (AV1 without OBU extensions, or
// payload that is encrypted end to end).
void ApplyDependencyDescriptor(const DependencyDescriptor& descriptor, PayloadInfo* info);

}  // namespace sfu

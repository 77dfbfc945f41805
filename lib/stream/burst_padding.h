// Chooses how much padding each packet of a burst gets, so that UDP segmentation offload can send
// long runs of equal size with one system call.
//
// A segmented send needs datagrams of one size, of which only the last may be shorter. An encoder
// cuts a frame into pieces that differ by a byte or two, and then every packet would be a send of
// its own. Measured on one core to loopback: 0.6-0.7 million packets/s one per send, 0.72 in runs
// of 2, 1.09 in runs of 5, 1.36 in runs of 10. A send costs about as much as copying several
// kilobytes, so a few bytes of padding per packet are cheap, and 3 % is where the network would
// begin to notice.
#pragma once

#include <cstdint>
#include <span>

namespace sfu {

// A packet is padded by at most this share of the run's size, or by kFreePadding where that is
// more, but never by more than 1/kSmallestShare of it: small packets are not blown up.
inline constexpr uint32_t kMaxPaddingPercent = 3;
inline constexpr uint32_t kFreePadding = 24;
inline constexpr uint32_t kSmallestShare = 8;

// `sizes` are those of the packets of one burst to one destination, in order, in bytes before
// padding; `padding` (as long) receives the padding of each, 0..255. The padded size never exceeds
// the largest size of the burst, so what fits unpadded still fits. Does not allocate.
void ChooseBurstPadding(std::span<const uint16_t> sizes, std::span<uint8_t> padding);

}  // namespace sfu

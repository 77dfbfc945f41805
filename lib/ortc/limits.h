// How large an ORTC object may be. What goes beyond is an error that names the field.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sfu::ortc {

// A whole JSON text. What a browser sends is below 32 KiB.
inline constexpr size_t kMaxJsonBytes = 256 * 1024;
// Nesting of objects and arrays; the deepest object of ORTC has 5 levels.
inline constexpr size_t kMaxJsonDepth = 16;
// Objects, arrays, strings, numbers, booleans and nulls in one text. A browser's capabilities have
// about 1500.
inline constexpr size_t kMaxJsonValues = 16 * 1024;

// There are no more payload types than these.
inline constexpr size_t kMaxCodecs = 128;
inline constexpr size_t kMaxHeaderExtensions = 128;
// Simulcast streams of one Producer.
inline constexpr size_t kMaxEncodings = 8;
// Spatial and temporal layers of one stream, each (VP9 and AV1 have 3 bits for them).
inline constexpr int kMaxLayers = 8;
inline constexpr size_t kMaxRtcpFeedback = 32;  // per codec
inline constexpr size_t kMaxParameters = 64;    // "fmtp" parameters per codec or extension
inline constexpr size_t kMaxFingerprints = 8;
inline constexpr size_t kMaxIceCandidates = 64;

// Bytes of one text, if nothing smaller is said.
inline constexpr size_t kMaxTextSize = 256;
inline constexpr size_t kMaxNameSize = 64;    // codec names, parameter names, feedback types
inline constexpr size_t kMaxMidSize = 32;     // browsers and mediasoup use 1 to 8
inline constexpr size_t kMaxRidSize = 32;     // browsers use 1 to 16
inline constexpr size_t kMaxCnameSize = 255;  // the length field of SDES (RFC 3550, section 6.5)

inline constexpr int kMaxPayloadType = 127;
inline constexpr uint32_t kMaxClockRate = 1'000'000;  // Hz
inline constexpr int kMaxChannels = 255;

}  // namespace sfu::ortc

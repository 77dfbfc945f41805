// The beginnings of real payloads, one list per codec: what Chromium sends (libvpx, libaom,
// OpenH264; scalable modes where it has them) and what GStreamer's encoders and payloaders make
// (x264, x265, libvpx, Opus). Cut short; the tail of a frame says nothing to a forwarder.
#pragma once

#include <string_view>
#include <vector>

#include "rtp/codec.h"

namespace sfu {

struct GoldenList {
  CodecId codec;
  std::vector<std::string_view> payloads;
};

inline const std::vector<GoldenList>& GoldenPayloads() {
  static const std::vector<GoldenList> kLists = {
      {CodecId::kVp8,
       {"90e0ac8ced203013009d012a4001b400396100241c240c2c", "b0e0ac8deda0910b000d1c240c2c2c44",
        "90e0ac8eed60511000171c240c2c2c44", "b0e0ac8fed80511000151c240c2c2c44",
        "90e0ac90ee00d11000e3b3085bb7af10", "9080273021009d012a4001f000004708",
        "908028110500371160001800185847f4", "10f011009d012a4001b400396100371c"}},
      {CodecId::kVp9,
       {"be8e1a1010014000b4834983420013f00b30", "fc8e1b500287100800027e0167027f01",
        "fc8e1c300487040400027e0167027f01", "fe8e1e100830014000b40280016887010000",
        "bd8e1e138702020004fe02ceb201c120", "fd8e1f53028700280004fe02ce33a1c1",
        "f18e203304a8ce126552b13a4ac580f3", "8e955a18014000f0010401b124c1a148009f8077",
        "cc955bb30020494e4025200001807000"}},
      {CodecId::kH264,
       {"7800136742c0158c8d40a0cbcf37010d010784423500000468ce3c800003658880", "0910",
        "67f4000d90d9640507ec05a830303200", "68ebcc448440", "1c8605ffffb8dc45e9bde6d948b7962c",
        "65888407effa7fdfd6ffc0f9e4ea5cff", "65014222101fbffa7fdfd6ffc0f9e4ea",
        "419a3b1020bffedaa6580098ff24780e", "41014268ec4082fffeda86f8c7b57730",
        "7c8501422208026bfffef7c0ff029bef", "01e00040be400a78670db4bf1be55a7a"}},
      {CodecId::kH265,
       {"40010c01ffff04080000030098080000", "420101040800000300980800000300003c",
        "4401c172860c4624", "2801af0ac820634a2623d41bfffdcacd", "0201d0097e10c617904035e5a4f463c2",
        "620181d0189ffdc430182710487dd350", "620195ac184d5c14c8244236fe404a03",
        "6201a705fffffffffffffffffd2ca2de", "6001000740010c01ffff0400054201010408 00044401c172"}},
      {CodecId::kAv1,
       {"280f0800210700818040410f3fb3006802340010477008208204821100c1bbdb",
        "281608005307098184c04220e11030880866 27fb38034010340012",
        "103440300000000001240034d34d1488", "103420300040000001238034d34d1488",
        "10340830e0400200013400ffffff16a2", "5034483400040000026801fffffe2d44",
        "9095a14feac2ae6afa9a81a85f5acf3a"}},
      {CodecId::kOpus, {"fcb50d6698c3398ebc70b61e6292368c", "f8fffe", "f8"}},
  };
  return kLists;
}

}  // namespace sfu

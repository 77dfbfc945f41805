// RFC 4571: the first byte is the length of the pieces in which the rest, a stream, comes. However
// it is cut, the same datagrams come out; put into a queue, they make a stream that gives them
// again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fuzz_check.h"
#include "ice/tcp_framing.h"

namespace {

using namespace sfu;  // NOLINT: a program, not a library

using Datagrams = std::vector<std::vector<uint8_t>>;

Datagrams Deframe(ByteView bytes, size_t piece) {
  std::vector<uint8_t> stream(bytes.begin(), bytes.end());
  StreamDeframer deframer;
  Datagrams datagrams;
  for (size_t at = 0; at < stream.size(); at += piece) {
    std::vector<MutableBytes> frames;
    deframer.Push(MutableBytes(stream).subspan(at, std::min(piece, stream.size() - at)), &frames);
    for (const MutableBytes frame : frames) {
      FUZZ_CHECK(!frame.empty() && frame.size() <= StreamDeframer::kMaxFrame);
      datagrams.emplace_back(frame.begin(), frame.end());
    }
  }
  return datagrams;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const ByteView stream(data + 1, size - 1);
  const Datagrams whole = Deframe(stream, std::max<size_t>(stream.size(), 1));
  FUZZ_CHECK(Deframe(stream, size_t{data[0]} + 1) == whole);
  FrameQueue queue;
  Datagrams taken;
  for (const auto& datagram : whole) {
    if (queue.Push(datagram)) taken.push_back(datagram);
  }
  FUZZ_CHECK(queue.bytes().size() <= FrameQueue::kMaxBytes);
  FUZZ_CHECK(Deframe(queue.bytes(), 1000) == taken);
  return 0;
}

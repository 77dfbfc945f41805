// RFC 4571: any cut of the stream gives the same datagrams, and nothing grows.
#include "ice/tcp_framing.h"

#include <gtest/gtest.h>

#include <string>

namespace sfu {
namespace {

std::vector<uint8_t> Stream(const std::vector<std::string>& datagrams) {
  FrameQueue queue;
  for (const std::string& datagram : datagrams) {
    EXPECT_TRUE(queue.Push({reinterpret_cast<const uint8_t*>(datagram.data()), datagram.size()}));
  }
  return {queue.bytes().begin(), queue.bytes().end()};
}

// Pushes the stream in pieces of `step` bytes.
std::vector<std::string> Deframe(StreamDeframer* deframer, std::vector<uint8_t> stream,
                                 size_t step) {
  std::vector<std::string> datagrams;
  for (size_t at = 0; at < stream.size(); at += step) {
    std::vector<MutableBytes> frames;
    deframer->Push(MutableBytes(stream).subspan(at, std::min(step, stream.size() - at)), &frames);
    for (const MutableBytes frame : frames) datagrams.emplace_back(frame.begin(), frame.end());
  }
  return datagrams;
}

TEST(StreamDeframer, GivesTheSameDatagramsHoweverTheStreamIsCut) {
  const std::vector<std::string> datagrams = {"a", std::string(1500, 'b'), "cc",
                                              std::string(300, 'd'), "e"};
  const std::vector<uint8_t> stream = Stream(datagrams);
  for (size_t step = 1; step <= stream.size(); ++step) {
    StreamDeframer deframer;
    ASSERT_EQ(Deframe(&deframer, stream, step), datagrams) << step;
  }
}

TEST(StreamDeframer, PassesOverFramesThatAreTooBigOrEmpty) {
  const std::vector<uint8_t> stream =
      Stream({"one", std::string(1501, 'x'), "", "two", std::string(65535, 'y'), "three"});
  for (const size_t step : {size_t{1}, size_t{2}, size_t{3}, size_t{1000}, stream.size()}) {
    StreamDeframer deframer;
    EXPECT_EQ(Deframe(&deframer, stream, step), (std::vector<std::string>{"one", "two", "three"}));
    EXPECT_EQ(deframer.too_big(), 2u);
    EXPECT_EQ(deframer.empty(), 1u);
  }
}

TEST(FrameQueue, KeepsOrderWhileItIsWrittenInParts) {
  FrameQueue queue;
  std::vector<uint8_t> written;
  std::vector<std::string> expected;
  for (int i = 0; i < 3000; ++i) {
    expected.push_back(std::string(500, static_cast<char>('a' + i % 26)));
    ASSERT_TRUE(queue.Push({reinterpret_cast<const uint8_t*>(expected.back().data()), 500}));
    const size_t part = std::min<size_t>(queue.bytes().size(), 100 + i % 800);
    written.insert(written.end(), queue.bytes().begin(), queue.bytes().begin() + part);
    queue.Consume(part);
  }
  written.insert(written.end(), queue.bytes().begin(), queue.bytes().end());
  queue.Consume(queue.bytes().size());
  EXPECT_TRUE(queue.empty());
  StreamDeframer deframer;
  EXPECT_EQ(Deframe(&deframer, written, 777), expected);
}

TEST(FrameQueue, RefusesWhatDoesNotFit) {
  FrameQueue queue;
  const std::vector<uint8_t> datagram(1400);
  size_t taken = 0;
  while (queue.Push(datagram)) ++taken;
  EXPECT_EQ(taken, FrameQueue::kMaxBytes / 1402);
  EXPECT_LE(queue.bytes().size(), FrameQueue::kMaxBytes);
  queue.Consume(1402);
  EXPECT_TRUE(queue.Push(datagram));
  EXPECT_FALSE(queue.Push(datagram));
  EXPECT_FALSE(FrameQueue().Push(std::vector<uint8_t>(65536)));
}

}  // namespace
}  // namespace sfu

// The table against a std::map that does the same.
#include "ice/tuple_table.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "base/random.h"

namespace sfu {
namespace {

IceTuple Tuple(uint32_t n) {
  const auto byte = [n](int shift) { return static_cast<uint8_t>(n >> shift); };
  return {(n & 1) != 0 ? IceProtocol::kTcp : IceProtocol::kUdp,
          SocketAddress::Ipv4({192, 0, 2, 1}, 4000),
          SocketAddress::Ipv4({10, 0, byte(8), byte(0)}, static_cast<uint16_t>(1000 + n % 7))};
}

TEST(TupleTable, FindsWhatWasAddedAndNothingElse) {
  TupleTable table(SipKey{3, 4});
  std::map<uint32_t, std::unique_ptr<IceTupleEntry>> model;
  Random random(5);
  for (int i = 0; i < 20'000; ++i) {
    const uint32_t n = random.U32() % 600;
    const auto found = model.find(n);
    const IceTuple tuple = Tuple(n);
    ASSERT_EQ(table.Find(tuple), found == model.end() ? nullptr : found->second.get());
    if (found != model.end()) {
      table.Remove(found->second.get());
      model.erase(found);
    } else {
      auto entry = std::make_unique<IceTupleEntry>();
      entry->tuple = tuple;
      entry->hash = table.Hash(tuple);
      table.Add(entry.get());
      model.emplace(n, std::move(entry));
    }
    ASSERT_EQ(table.size(), model.size());
  }
  for (const auto& [n, entry] : model) EXPECT_EQ(table.Find(Tuple(n)), entry.get());
}

TEST(TupleTable, EveryPartOfATupleAndTheKeyCount) {
  const TupleTable table(SipKey{3, 4});
  const IceTuple base = Tuple(2);
  const uint64_t hash = table.Hash(base);
  IceTuple other = base;
  other.protocol = IceProtocol::kTcp;
  EXPECT_NE(table.Hash(other), hash);
  other = base;
  other.local.set_port(4001);
  EXPECT_NE(table.Hash(other), hash);
  other = base;
  other.remote.set_port(1);
  EXPECT_NE(table.Hash(other), hash);
  other = base;
  std::swap(other.local, other.remote);
  EXPECT_NE(table.Hash(other), hash);
  EXPECT_NE(TupleTable(SipKey{3, 5}).Hash(base), hash);
}

}  // namespace
}  // namespace sfu

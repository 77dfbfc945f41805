// Serialising into the send arena: what is patched, what stays, what is left out, what is refused.
#include "stream/packet_writer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/packet_builder.h"

namespace sfu {
namespace {

using test::Bytes;

class PacketWriterTest : public testing::Test {
 protected:
  PacketWriterTest() {
    spec_.csrcs = {0xAAAA'0001, 0xAAAA'0002};
    spec_.extension = {0x10, 0x55, 0x21, 0x01, 0x02};
    spec_.payload = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    spec_.padding = 6;
    spec_.sequence_number = 11;
    options_.ssrc = 0xCAFE'F00D;
    options_.payload_type = 101;
  }
  RtpBatchEntry Entry(const PayloadInfo& info = {}) {
    packet_ = test::PoolPacket(pool_, test::BuildRtpPacket(spec_), 0, Timestamp(), info);
    RtpBatchEntry entry;
    entry.packet = packet_.get();
    entry.sequence_number = 4321;
    entry.timestamp = 0x8765'4321;
    entry.marker = true;
    return entry;
  }
  // Writes into a fresh buffer; empty when refused.
  Bytes Write(const RtpBatchEntry& entry, size_t padding = 0) {
    Bytes out(kMaxDatagramSize + 100, 0xEE);
    const size_t size = WritePacket(entry, options_, padding, out);
    EXPECT_TRUE(std::all_of(out.begin() + static_cast<int64_t>(size), out.end(),
                            [](uint8_t b) { return b == 0xEE; }));
    out.resize(size);
    return out;
  }
  static Bytes PayloadOf(const Bytes& packet) {
    const auto header = ParseRtpHeader(packet);
    if (!header) return {};
    return Bytes(packet.begin() + header->header_size,
                 packet.begin() + header->header_size + header->payload_size);
  }

  static ExtensionIds AllIds() {
    ExtensionIds ids;
    for (size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<uint8_t>(ids.size() - i);
    return ids;
  }

  const NtpClock ntp_{Timestamp(), NtpTime(1)};
  const ExtensionLayout none_{{}, "", "", ntp_};
  const ExtensionLayout all_{AllIds(), "mid", "", ntp_};
  RtpPacketPool pool_;
  RtpPacketRef packet_;
  test::PacketSpec spec_;
  PacketWriteOptions options_;
};

TEST_F(PacketWriterTest, PatchesTheReceiversValuesAndKeepsTheRest) {
  const Bytes out = Write(Entry());
  test::PacketSpec expected = spec_;
  expected.ssrc = 0xCAFE'F00D;
  expected.payload_type = 101;
  expected.sequence_number = 4321;
  expected.timestamp = 0x8765'4321;
  expected.marker = true;
  expected.padding = 0;
  EXPECT_EQ(out, test::BuildRtpPacket(expected));
  // The shared packet is as it was.
  EXPECT_EQ(Bytes(packet_->bytes().begin(), packet_->bytes().end()), test::BuildRtpPacket(spec_));
}

TEST_F(PacketWriterTest, StripsTheExtensionBlock) {
  options_.layout = &none_;
  const RtpBatchEntry entry = Entry();
  const Bytes out = Write(entry);
  ASSERT_EQ(out.size(), 12u + 8 + 10);
  EXPECT_EQ(out.size(), WrittenSize(entry, &none_));
  const auto header = ParseRtpHeader(out);
  ASSERT_TRUE(header);
  EXPECT_EQ(out[0] & 0x10, 0);
  EXPECT_EQ(header->csrc_count, 2);
  EXPECT_EQ(LoadBe32(&out[16]), 0xAAAA'0002u);
  EXPECT_EQ(PayloadOf(out), spec_.payload);
}

TEST_F(PacketWriterTest, PutsTheReceiversBlockInPlaceOfThatOfThePacket) {
  options_.layout = &all_;
  options_.stamp = {0xABCD, {0x12'3456}};
  for (const bool had_block : {true, false}) {
    if (!had_block) spec_.extension.clear();
    const RtpBatchEntry entry = Entry();
    const Bytes out = Write(entry, 3);
    EXPECT_EQ(out.size(), WrittenSize(entry, &all_) + 3);
    RtpPacketRef again = test::PoolPacket(pool_, out, 0, Timestamp());
    ASSERT_TRUE(again);
    again->FindExtensions(AllIds());
    EXPECT_EQ(ParseMid(*again->extension(ExtensionType::kMid)), "mid");
    const auto number =
        TransportSequence::Parse(*again->extension(ExtensionType::kTransportSequence));
    EXPECT_EQ(number->value, 0xABCD);
    EXPECT_EQ(AbsSendTime::Parse(*again->extension(ExtensionType::kAbsSendTime))->value,
              0x12'3456U);
    EXPECT_EQ(LoadBe32(&out[16]), 0xAAAA'0002U);
    EXPECT_EQ(PayloadOf(out), spec_.payload);
  }
}

TEST_F(PacketWriterTest, AddsPaddingThatParsesAway) {
  for (const size_t padding : {size_t{1}, size_t{2}, size_t{255}}) {
    const Bytes out = Write(Entry(), padding);
    const auto header = ParseRtpHeader(out);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->padding_size, padding);
    EXPECT_EQ(PayloadOf(out), spec_.payload);
    EXPECT_EQ(out.size(), 12u + 8 + 12 + 10 + padding);
  }
  EXPECT_TRUE(Write(Entry(), 256).empty());
}

TEST_F(PacketWriterTest, PaddingOnlyPacketsBecomeEmptyOnes) {
  spec_.payload.clear();
  spec_.padding = 200;
  const Bytes out = Write(Entry());
  const auto header = ParseRtpHeader(out);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->payload_size, 0);
  EXPECT_EQ(header->padding_size, 0);
}

TEST_F(PacketWriterTest, RefusesWhatDoesNotFit) {
  const RtpBatchEntry entry = Entry();
  const size_t size = WrittenSize(entry, options_.layout);
  options_.max_size = size;
  EXPECT_EQ(Write(entry).size(), size);
  EXPECT_TRUE(Write(entry, 1).empty());
  options_.max_size = size - 1;
  EXPECT_TRUE(Write(entry).empty());
  options_.max_size = kMaxDatagramSize;
  for (size_t room = 0; room < size; ++room) {
    Bytes out(room);
    EXPECT_EQ(WritePacket(entry, options_, 0, out), 0u);
    EXPECT_EQ(WriteRtxPacket(entry, options_, {}, out), 0u);
  }
}

TEST_F(PacketWriterTest, RewritesVp8) {
  test::Vp8Source source;
  const test::BuiltPacket built = source.NextFrame(Timestamp()).front();
  packet_ = test::PoolPacket(pool_, built, Timestamp());
  RtpBatchEntry entry;
  entry.packet = packet_.get();
  entry.rewrite_vp8 = true;
  entry.picture_id = 0x1234;
  entry.tl0_pic_idx = 0x99;
  Bytes expected(packet_->payload().begin(), packet_->payload().end());
  expected[2] = 0x92;
  expected[3] = 0x34;
  expected[4] = 0x99;
  EXPECT_EQ(PayloadOf(Write(entry)), expected);
  for (const ExtensionLayout* layout : {&none_, &all_}) {
    options_.layout = layout;
    EXPECT_EQ(PayloadOf(Write(entry)), expected);
  }
}

TEST_F(PacketWriterTest, RtxCarriesTheOriginalSequenceNumber) {
  for (const ExtensionLayout* layout :
       {static_cast<const ExtensionLayout*>(nullptr), &none_, &all_}) {
    options_.layout = layout;
    const RtpBatchEntry entry = Entry();
    Bytes out(kMaxDatagramSize);
    out.resize(WriteRtxPacket(entry, options_, {0xBEEF'0001, 97, 555}, out));
    ASSERT_EQ(out.size(), WrittenSize(entry, layout) + 2);
    const auto header = ParseRtpHeader(out);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->ssrc, 0xBEEF'0001u);
    EXPECT_EQ(header->payload_type, 97);
    EXPECT_EQ(header->sequence_number, 555);
    EXPECT_EQ(header->timestamp, entry.timestamp);
    EXPECT_TRUE(header->marker);
    const Bytes payload = PayloadOf(out);
    EXPECT_EQ(LoadBe16(payload.data()), 4321);
    EXPECT_EQ(Bytes(payload.begin() + 2, payload.end()), spec_.payload);
  }
}

TEST_F(PacketWriterTest, DescriptorOffsetsThatDoNotFitTouchNothing) {
  PayloadInfo info;
  info.picture_id_offset = 9;  // two bytes at the end of ten
  info.picture_id_is_15_bit = true;
  info.tl0_pic_idx_offset = 10;
  RtpBatchEntry entry = Entry(info);
  entry.rewrite_vp8 = true;
  EXPECT_EQ(PayloadOf(Write(entry)), spec_.payload);
}

}  // namespace
}  // namespace sfu

// A whole RTP datagram: the parts that the header names lie inside it and fill it, and what it
// holds as RTX and as a packet to forward stays inside its bounds.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "fuzz_check.h"
#include "rtp/header_extension.h"
#include "rtp/rtp_header.h"
#include "rtp/rtp_packet.h"
#include "stream/packet_writer.h"
#include "stream/rtx.h"

namespace {

void CheckWriting(const sfu::RtpPacket& packet) {
  sfu::RtpBatchEntry entry;
  entry.packet = &packet;
  entry.sequence_number = 7;
  sfu::ExtensionIds ids;
  for (size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<uint8_t>(ids.size() - i);
  const sfu::NtpClock ntp(sfu::Timestamp(), sfu::NtpTime(1));
  const sfu::ExtensionLayout none({}, "", "", ntp);
  const sfu::ExtensionLayout all(ids, "mid", "rid", ntp);
  for (const sfu::ExtensionLayout* layout :
       {static_cast<const sfu::ExtensionLayout*>(nullptr), &none, &all}) {
    sfu::PacketWriteOptions options;
    options.ssrc = 1;
    options.payload_type = 96;
    options.layout = layout;
    std::array<uint8_t, sfu::kMaxDatagramSize + sfu::kMaxRtpPadding> out;
    const size_t written = sfu::WritePacket(entry, options, 0, out);
    if (written == 0) continue;
    const auto again = sfu::ParseRtpHeader(sfu::ByteView(out).first(written));
    FUZZ_CHECK(again && again->payload_size == packet.header.payload_size);
    FUZZ_CHECK(again->sequence_number == 7 && again->ssrc == 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const sfu::ByteView bytes(data, size);
  (void)sfu::ClassifyDatagram(bytes);
  const auto header = sfu::ParseRtpHeader(bytes);
  if (!header) return 0;
  FUZZ_CHECK(size_t{header->header_size} + header->payload_size + header->padding_size == size);
  FUZZ_CHECK(header->extension_offset + header->extension_size <= header->header_size);
  sfu::RtpPacketPool pool;
  sfu::RtpPacketRef packet = pool.Allocate(size);
  if (!packet) return 0;
  std::memcpy(packet->mutable_bytes().data(), data, size);
  packet->header = *header;
  sfu::ExtensionIds ids;
  for (size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<uint8_t>(i + 1);
  packet->FindExtensions(ids);
  const sfu::RtpPacketRef original = sfu::DecodeRtx(bytes, *header, 5, 96, pool);
  if (original) {
    FUZZ_CHECK(original->header.ssrc == 5);
    FUZZ_CHECK(original->header.payload_size + sfu::kRtxOverhead == header->payload_size);
  }
  CheckWriting(*packet);
  return 0;
}

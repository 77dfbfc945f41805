// Keys and packets for the SRTP tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "rtp/rtp_header.h"
#include "srtp/srtp.h"

namespace sfu {

inline std::vector<uint8_t> FromHex(std::string_view hex) {
  std::vector<uint8_t> bytes;
  int high = -1;
  for (const char c : hex) {
    if (c == ' ') continue;
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high >= 0) bytes.push_back(static_cast<uint8_t>(high * 16 + digit));
    high = high < 0 ? digit : -1;
  }
  return bytes;
}

// A key whose bytes are known but not regular.
inline SrtpKey TestKey(SrtpSuite suite, uint8_t variant = 0) {
  std::vector<uint8_t> keying(GetSrtpSuiteInfo(suite).keying_size());
  for (size_t i = 0; i < keying.size(); ++i) {
    keying[i] = static_cast<uint8_t>(i * 37 + 11 + variant);
  }
  return MakeSrtpKey(suite, keying).value();
}

// A 12-byte header and `payload_size` bytes that depend on the sequence number.
inline std::vector<uint8_t> RtpPacketOf(Ssrc ssrc, uint16_t seq, size_t payload_size = 100) {
  std::vector<uint8_t> packet(kRtpFixedHeaderSize + payload_size);
  RtpHeader header;
  header.payload_type = 96;
  header.sequence_number = seq;
  header.timestamp = seq * 3000U;
  header.ssrc = ssrc;
  WriteRtpFixedHeader(packet, header);
  for (size_t i = 0; i < payload_size; ++i) {
    packet[kRtpFixedHeaderSize + i] = static_cast<uint8_t>(seq + i * 7);
  }
  return packet;
}

// A receiver report without blocks and an SDES-like tail of `extra` bytes.
inline std::vector<uint8_t> RtcpPacketOf(Ssrc ssrc, size_t extra = 24) {
  std::vector<uint8_t> packet(8 + extra);
  packet[0] = 0x80;
  packet[1] = 201;
  StoreBe16(&packet[2], static_cast<uint16_t>(packet.size() / 4 - 1));
  StoreBe32(&packet[4], ssrc);
  for (size_t i = 0; i < extra; ++i) packet[8 + i] = static_cast<uint8_t>(i * 3 + 1);
  return packet;
}

// The packet as `stream` protects it; empty if it refuses.
inline std::vector<uint8_t> Protect(SrtpSendStream* stream, std::vector<uint8_t> packet,
                                    size_t header_size = kRtpFixedHeaderSize) {
  const size_t plain_size = packet.size();
  packet.resize(plain_size + kMaxSrtpOverhead);
  packet.resize(stream->Protect(packet, plain_size, header_size));
  return packet;
}

inline std::vector<uint8_t> ProtectRtcp(SrtpSender* sender, std::vector<uint8_t> packet) {
  const size_t plain_size = packet.size();
  packet.resize(plain_size + kMaxSrtcpOverhead);
  packet.resize(sender->ProtectRtcp(packet, plain_size));
  return packet;
}

inline std::unique_ptr<SrtpSender> TestSender(const SrtpKey& key) {
  return NewSrtpSender(key).value();
}
inline std::unique_ptr<SrtpReceiver> TestReceiver(const SrtpKey& key,
                                                  size_t max_streams = kDefaultMaxSrtpStreams) {
  return NewSrtpReceiver(key, max_streams).value();
}

// What a receiver makes of a packet, out of place: the plain packet or the reason, "srtp-auth".
struct Opened {
  std::vector<uint8_t> packet;
  std::string reason;  // empty if it passed
};
inline Opened MakeOpened(const UnprotectResult& result, std::vector<uint8_t> out) {
  if (!result.ok()) return {{}, std::string(DropReasonName(result.reason()))};
  out.resize(result.size());
  return {std::move(out), ""};
}
inline Opened Unprotect(SrtpReceiver* receiver, ByteView in) {
  std::vector<uint8_t> out(in.size());
  const UnprotectResult result = receiver->Unprotect(in, out);
  return MakeOpened(result, std::move(out));
}
inline Opened UnprotectRtcp(SrtpReceiver* receiver, ByteView in) {
  std::vector<uint8_t> out(in.size());
  const UnprotectResult result = receiver->UnprotectRtcp(in, out);
  return MakeOpened(result, std::move(out));
}

// Tests that run once per suite.
class EverySuite : public ::testing::TestWithParam<SrtpSuite> {
 protected:
  const SrtpSuiteInfo& info() const { return GetSrtpSuiteInfo(GetParam()); }
  SrtpKey key_ = TestKey(GetParam());
  std::unique_ptr<SrtpSender> sender_ = TestSender(key_);
  std::unique_ptr<SrtpReceiver> receiver_ = TestReceiver(key_);
};
inline std::string SuiteName(const ::testing::TestParamInfo<SrtpSuite>& param) {
  return std::string(GetSrtpSuiteInfo(param.param).name);
}

}  // namespace sfu

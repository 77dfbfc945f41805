// What the whole-transport targets share: the streams of a call, and the peer's SRTP.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "fuzz_check.h"
#include "router/router.h"
#include "rtp/rtp_header.h"
#include "srtp/srtp.h"
#include "transport/rtp_transport.h"

namespace sfu::fuzz {

// A stream that comes from the peer and goes back to it.
inline void AddEcho(RtpTransport& transport, Router& router, MediaKind kind, CodecId id,
                    uint8_t payload_type, int rtx, Timestamp now) {
  RtpCodec codec;
  codec.kind = kind;
  codec.id = id;
  codec.payload_type = payload_type;
  codec.rtx_payload_type = rtx;
  codec.feedback.nack = codec.feedback.nack_pli = true;
  codec.feedback.transport_cc = codec.feedback.goog_remb = true;
  for (size_t i = 0; i < codec.extensions.size(); ++i) {
    codec.extensions[i] = static_cast<uint8_t>(i + 1);
  }
  RtpReceiver* receiver =
      transport.AddReceiver({.codec = codec, .mid = codec.rtx_payload_type >= 0 ? "v" : ""})
          .value();
  Producer* producer =
      router.CreateProducer({.id = std::to_string(payload_type), .codec = codec}).value();
  receiver->SetSink(producer);
  producer->SetUpstream(receiver);
  Consumer* consumer =
      router.CreateConsumer({.producer_id = producer->id(), .ssrc = payload_type}).value();
  // Video goes out with extensions of its own, and numbers that feedback may be about.
  RtpSenderOptions options{.codec = codec};
  if (kind == MediaKind::kVideo) options.extensions = ExtensionBlock::kNegotiated;
  RtpSender* sender = transport.AddSender(options).value();
  sender->SetSource(consumer);
  consumer->SetSink(sender, now);
}

// A video and an audio stream.
inline void AddCall(RtpTransport& transport, Router& router, Timestamp now) {
  AddEcho(transport, router, MediaKind::kVideo, CodecId::kVp8, 96, 97, now);
  AddEcho(transport, router, MediaKind::kAudio, CodecId::kOpus, 111, -1, now);
}

// A socket that has memory to write into.
class MemorySocket : public DatagramSender {
 public:
  MutableBytes Reserve(size_t size) override {
    return size > space_.size() ? MutableBytes() : MutableBytes(space_).first(size);
  }
  bool PrefersEqualSizes() const override { return true; }

 protected:
  ByteView space() const { return space_; }

 private:
  std::vector<uint8_t> space_ = std::vector<uint8_t>(kMaxReserve);
};

// Time passes: what is due within `ms` from *now happens in its turn, and `after` follows each.
template <typename Transport, typename After>
void Advance(int ms, Transport& transport, Router& router, Timestamp* now, After after) {
  const Timestamp end = *now + TimeDelta::Millis(ms);
  for (int rounds = 0; transport.NextDeadline() <= end; ++rounds) {
    FUZZ_CHECK(rounds < 1000);
    *now = std::max(*now, transport.NextDeadline());
    transport.HandleTimeout(*now);
    after();
  }
  *now = end;
  if (router.NextDeadline() <= *now) router.HandleTimeout(*now);
}

// Protects RTP and RTCP as the peer would; what cannot be protected stays as it is.
inline void ProtectAsPeer(SrtpSender& srtp, std::vector<uint8_t>* bytes) {
  const size_t size = bytes->size();
  if (size < kRtpFixedHeaderSize || size > kMaxDatagramSize) return;
  std::vector<uint8_t> out = *bytes;
  out.resize(size + kMaxSrtcpOverhead);
  size_t wire = 0;
  if (ClassifyDatagram(*bytes) == DatagramKind::kRtcp) {
    wire = srtp.ProtectRtcp(out, size);
  } else if (const auto header = ParseRtpHeader(*bytes)) {
    wire = srtp.AddStream(header->ssrc)->Protect(out, size, header->header_size);
  }
  if (wire == 0) return;
  out.resize(wire);
  *bytes = std::move(out);
}

}  // namespace sfu::fuzz

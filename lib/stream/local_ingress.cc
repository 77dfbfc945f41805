// Packets from the same process.
#include "stream/local_ingress.h"

#include <cstring>

namespace sfu {

LocalIngress::LocalIngress(RtpPacketPool* pool, const RtpCodec& codec)
    : pool_(pool),
      codec_(codec.id),
      extensions_(codec.extensions),
      assembler_(codec.kind == MediaKind::kVideo ? PacketRing::kVideoRetention
                                                 : PacketRing::kAudioRetention) {}

void LocalIngress::SetCodec(const RtpCodec& codec) {
  codec_ = codec.id;
  extensions_ = codec.extensions;
}

bool LocalIngress::Push(ByteView packet, Timestamp capture, Timestamp now) {
  if (packet.size() > kMaxDatagramSize) {
    drops_.Add(DropReason::kTooBig);
    return false;
  }
  const auto header = ParseRtpHeader(packet);
  if (!header) {
    drops_.Add(packet.size() < kRtpFixedHeaderSize ? DropReason::kTooShort
                                                   : DropReason::kBadHeader);
    return false;
  }
  RtpPacketRef kept = pool_->Allocate(packet.size());
  if (!kept) {
    drops_.Add(DropReason::kPoolExhausted);
    return false;
  }
  // Another SSRC is another stream: its numbers have nothing to do with those before.
  if (ssrc_ && *ssrc_ != header->ssrc) BeginAnew(now);
  // All packets of a frame have one capture time, whatever each came with.
  if (ssrc_ == header->ssrc && timestamp_ == header->timestamp) capture = capture_;
  ssrc_ = header->ssrc;
  timestamp_ = header->timestamp;
  capture_ = capture;
  std::memcpy(kept->mutable_bytes().data(), packet.data(), packet.size());
  kept->header = *header;
  kept->info = ParsePayload(codec_, kept->payload());
  kept->FindExtensions(extensions_);
  kept->index = unwrapper_.Unwrap(header->sequence_number);
  kept->arrival = now;
  kept->capture = capture;
  assembler_.Add(std::move(kept));
  return true;
}

void LocalIngress::BeginAnew(Timestamp now) {
  assembler_.Flush(now);
  unwrapper_.Reset();
  assembler_.ring()->Clear();
  ssrc_.reset();
}

}  // namespace sfu

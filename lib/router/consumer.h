// Station "Select" for one stream to one receiver.
//
// It forwards its Producer's stream with one unbroken run of sequence numbers and timestamps,
// begins (and resumes) video at a key frame, and passes on what its receiver asks for. Of a
// simulcast Producer it forwards the best encoding that is alive, and changes over at a key frame
// of the other one; nobody downstream notices.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/drop_counters.h"
#include "base/time.h"
#include "router/sequence_map.h"
#include "router/trace.h"
#include "rtp/codec.h"
#include "rtp/codecs/vp8_rewriter.h"
#include "rtp/sequence.h"
#include "stream/rtp_batch.h"

namespace sfu {

class Producer;

struct ConsumerOptions {
  std::string id;           // empty: the Router makes one
  std::string producer_id;  // required
  bool paused = false;
  Ssrc ssrc = 0;          // 0: the Router draws one
  int payload_type = -1;  // -1: the Producer's; else 0..127
};

struct ConsumerStats {
  uint64_t packets_sent = 0;  // handed to the receiver's transport or branch
  uint64_t bytes_sent = 0;    // payload bytes (W3C bytesSent)
  uint64_t key_frames_sent = 0;
  uint64_t key_frame_requests = 0;  // asked by this Consumer's receiver or by itself
  uint64_t encoding_changes = 0;    // from one encoding to another, while it was running
  DropCounters drops;
};

class Consumer : public RtpSource {
 public:
  // A packet that a live receiver gets later than this after its successors is of no use to it; it
  // stays in the ring, from which the receiver may still ask for it.
  static constexpr TimeDelta kLiveDeadline = TimeDelta::Seconds(1);

  // A larger step of the Producer's numbers is none of packets that were lost.
  static constexpr int64_t kMaxGap = 3000;

  // A key frame of the encoding that it waits for is asked for again after this time, though the
  // Producer has given up.
  static constexpr TimeDelta kAskAgain = TimeDelta::Seconds(5);
  static constexpr uint8_t kNoEncoding = 0xFF;

  // Made by Router::CreateConsumer().
  Consumer(Producer* producer, const ConsumerOptions& options, uint8_t payload_type);
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;
  ~Consumer() override = default;

  const std::string& id() const { return id_; }
  Producer* producer() const { return producer_; }
  Ssrc ssrc() const { return ssrc_; }
  uint8_t payload_type() const { return payload_type_; }
  bool paused() const { return paused_; }

  // Where batches go. Not owned; null stops the flow. A receiver that is new gets a key frame: one
  // is requested here.
  void SetSink(RtpBatchSink* sink, Timestamp now);
  RtpBatchSink* sink() const { return sink_; }

  void Pause() { paused_ = true; }
  // Goes on at the next key frame, which is requested.
  void Resume(Timestamp now);

  // From the receiver.
  void RequestKeyFrame(Timestamp now) override;
  void SetPatience(TimeDelta patience) override;
  TimeDelta patience() const { return patience_; }

  // From the Producer. `out` is scratch, lent for the call so that hundreds of Consumers need one
  // between them, and find it in the cache; it must not be `batch`.
  void OnProducerBatch(const RtpBatch& batch, RtpBatch* out, Timestamp now);
  // Has the memory fetched that the next OnProducerBatch() needs: the Consumer's own, and its
  // sink's once the former has come.
  void Prefetch() const;
  void PrefetchSink() const {
    if (sink_ != nullptr) sink_->Prefetch();
  }
  // The Producer was paused or its stream broke off: the next packet begins anew, at a key frame.
  void Desync() {
    synced_ = false;
    encoding_ = kNoEncoding;
  }
  // Which of the Producer's encodings is being forwarded; kNoEncoding: none yet.
  uint8_t encoding() const { return encoding_; }

  Tracer& tracer() { return tracer_; }
  const ConsumerStats& stats() const { return stats_; }

 private:
  size_t SelectFrom(const RtpBatch& batch, Timestamp now);
  void AskFor(uint8_t encoding, Timestamp now);
  bool MayBegin(const RtpPacket& packet) const;
  void Begin(const RtpPacket& packet);
  void AlignTimestamp(const RtpPacket& packet);
  void Append(const RtpBatchEntry& in, int64_t output, RtpBatch* out, Timestamp now);
  bool TooLate(const RtpPacket& packet) const;
  void ForwardOne(const RtpBatchEntry& in, RtpBatch* out, Timestamp now);

  // What every batch needs comes first, close together: with hundreds of Consumers each line of it
  // has left the cache since the last batch.
  Producer* const producer_;
  RtpBatchSink* sink_ = nullptr;
  const Ssrc ssrc_;
  const uint8_t payload_type_;
  bool paused_ = false;
  bool synced_ = false;
  bool waiting_told_ = false;  // the key-frame request of this wait has gone out
  uint8_t encoding_ = kNoEncoding;
  bool moved_ = false;  // to another encoding; its first packet is still to come
  std::optional<Ssrc> source_ssrc_;
  uint32_t timestamp_shift_ = 0;  // output = input - shift
  uint32_t last_timestamp_ = 0;   // the newest sent
  int64_t ahead_ = 0;  // ticks by which timestamps run ahead of captures since a change-over
  Timestamp last_capture_;
  Timestamp newest_arrival_;
  bool sent_any_ = false;
  bool sync_point_ = false;  // the next packet is the first of its span
  Vp8Rewriter vp8_;
  SequenceMap map_;
  ConsumerStats stats_;
  TimeDelta patience_ = TimeDelta::Zero();
  uint8_t asked_for_ = kNoEncoding;  // the encoding whose key frame is waited for
  Timestamp asked_at_;
  Tracer tracer_;
  const std::string id_;
};

}  // namespace sfu

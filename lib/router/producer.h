// Station "Route": one stream that somebody sends into the room, and the Consumers that get it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/drop_counters.h"
#include "base/time.h"
#include "router/audio_level_sink.h"
#include "router/consumer.h"
#include "router/key_frame_requester.h"
#include "router/trace.h"
#include "rtp/codec.h"
#include "rtp/extension_values.h"
#include "stream/rtp_batch.h"

namespace sfu {

struct ProducerOptions {
  std::string id;  // empty: the Router makes one
  RtpCodec codec;
  bool paused = false;
  // The least time between two key-frame requests to the sender, 0 (mediasoup's
  // keyFrameRequestDelay semantics: the default below) or more.
  TimeDelta key_frame_request_delay = KeyFrameRequester::kDefaultInterval;
};

struct ProducerStats {
  uint64_t packets_received = 0;
  uint64_t bytes_received = 0;  // payload bytes (W3C bytesReceived)
  uint64_t key_frames = 0;
  uint64_t key_frame_requests = 0;  // that went upstream
  // Of the newest packet that said it (RFC 6464).
  std::optional<AudioLevel> audio_level;
  DropCounters drops;
};

class Producer : public RtpBatchSink {
 public:
  // Called when NextDeadline() may have become earlier; see Router::Wakeup.
  using Wakeup = std::function<void(Timestamp)>;

  // Made by Router::CreateProducer().
  Producer(const ProducerOptions& options, const Wakeup& wakeup);
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  ~Producer() override = default;

  const std::string& id() const { return id_; }
  const RtpCodec& codec() const { return codec_; }
  bool paused() const { return paused_; }
  const std::vector<std::unique_ptr<Consumer>>& consumers() const { return consumers_; }

  // Whom to ask for key frames and repair. Not owned; may be null.
  void SetUpstream(RtpSource* upstream);

  // Station input.
  void OnRtpBatch(const RtpBatch& batch, Timestamp now) override;

  // The stream broke off: what comes next has other numbers. Consumers go on at a key frame.
  void BeginAnew();
  // While paused, what arrives is counted and dropped. Consumers go on at a key frame.
  void Pause();
  void Resume(Timestamp now);

  // From Consumers. Deduplicated.
  void RequestKeyFrame(Timestamp now);
  void UpdatePatience();

  // Requests that were held back go out in HandleTimeout().
  Timestamp NextDeadline() const { return requester_.next_deadline(); }
  void HandleTimeout(Timestamp now);

  // Whom to tell how loud it is. Not owned.
  void AddLevelSink(AudioLevelSink* sink) { level_sinks_.push_back(sink); }
  void RemoveLevelSink(AudioLevelSink* sink) { std::erase(level_sinks_, sink); }

  // For the Router. Both may be called from inside a Consumer's sink: what is being run is freed
  // after it returned.
  Consumer* AddConsumer(const ConsumerOptions& options);
  void RemoveConsumer(Consumer* consumer);
  bool dispatching() const { return dispatching_; }

  Tracer& tracer() { return tracer_; }
  const ProducerStats& stats() const { return stats_; }

 private:
  void Count(const RtpBatch& batch, Timestamp now);
  void NoteAudioLevel(const RtpPacket& packet, Timestamp now);
  void Dispatch(const RtpBatch& batch, RtpBatch* scratch, Timestamp now);
  void SendRequestUpstream(Timestamp now);
  void TellDeadline() const;
  void Sweep();

  const std::string id_;
  const RtpCodec codec_;
  const Wakeup wakeup_;
  RtpSource* upstream_ = nullptr;
  bool paused_ = false;
  bool dispatching_ = false;
  std::optional<uint32_t> last_key_frame_;  // RTP timestamp
  TimeDelta patience_ = TimeDelta::Zero();
  KeyFrameRequester requester_;
  std::vector<std::unique_ptr<Consumer>> consumers_;  // null: removed while dispatching
  std::vector<std::unique_ptr<Consumer>> removed_;
  std::vector<AudioLevelSink*> level_sinks_;
  RtpBatch scratch_;  // what each Consumer in turn makes of a batch
  Tracer tracer_;
  ProducerStats stats_;
};

}  // namespace sfu

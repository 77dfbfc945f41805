// Station "Route": what somebody sends into the room, and the Consumers that get it. It comes as
// one stream or, with simulcast, as several encodings of the same picture.
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
#include "stream/orientation_watch.h"
#include "stream/rate_counter.h"
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

// One encoding of a Producer. Scores, losses and RIDs are its RtpReceiver's to tell.
struct ProducerEncodingStats {
  Ssrc ssrc = 0;  // 0: nothing came yet
  uint64_t packets_received = 0;
  uint64_t bytes_received = 0;  // payload bytes
  uint64_t key_frames = 0;
  uint64_t key_frame_requests = 0;  // that went upstream
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
  // What would be more encodings is dropped.
  static constexpr size_t kMaxEncodings = kMaxBatchEncodings;
  // An encoding that is silent for so long is not alive, if another one is. Time is left to get a
  // key frame of that one within 2 s.
  static constexpr TimeDelta kEncodingTimeout = TimeDelta::Millis(1200);

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

  // From Consumers. Deduplicated per encoding; the first form asks for the best one.
  void RequestKeyFrame(Timestamp now) { RequestKeyFrameOf(best_encoding_, now); }
  void RequestKeyFrameOf(uint8_t encoding, Timestamp now);
  void UpdatePatience();

  // As many as have come, gaps included; at least one.
  size_t encoding_count() const { return encodings_.size(); }
  bool is_simulcast() const { return encodings_.size() > 1; }
  // The highest one that is alive; while all are silent, the one that was it last.
  uint8_t best_encoding() const { return best_encoding_; }
  bool IsAlive(size_t encoding, Timestamp now) const;
  DataRate EncodingBitrate(size_t encoding, Timestamp now) const;
  const ProducerEncodingStats& encoding_stats(size_t encoding) const {
    return encodings_[encoding].stats;
  }

  // Hears how the picture is to be turned, first and whenever it changes. It may close the
  // Producer.
  void SetOrientationListener(OrientationWatch::Listener listener) {
    orientation_.SetListener(std::move(listener));
  }
  const std::optional<VideoOrientation>& orientation() const { return orientation_.value(); }

  // Requests that were held back go out in HandleTimeout().
  Timestamp NextDeadline() const;
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
  struct Encoding {
    explicit Encoding(TimeDelta key_frame_request_delay) : requester(key_frame_request_delay) {}
    ProducerEncodingStats stats;
    std::optional<Timestamp> last_media;     // when the last packet with a payload came
    std::optional<uint32_t> last_key_frame;  // RTP timestamp
    KeyFrameRequester requester;
    RateCounter rate;
  };

  void Take(const RtpBatch& batch, RtpBatch* scratch, Timestamp now);
  uint8_t FindBest(Timestamp now) const;
  void Count(const RtpBatch& batch, Encoding* encoding, Timestamp now);
  void NoteAudioLevel(const RtpPacket& packet, Timestamp now);
  void Dispatch(const RtpBatch& batch, RtpBatch* scratch, Timestamp now);
  void SendRequestUpstream(uint8_t encoding, Timestamp now);
  void TellDeadline() const;
  void Sweep();

  const std::string id_;
  const RtpCodec codec_;
  const Wakeup wakeup_;
  RtpSource* upstream_ = nullptr;
  bool paused_ = false;
  bool dispatching_ = false;
  uint8_t best_encoding_ = 0;
  TimeDelta patience_ = TimeDelta::Zero();
  const TimeDelta key_frame_request_delay_;
  std::vector<Encoding> encodings_;
  OrientationWatch orientation_;
  std::vector<std::unique_ptr<Consumer>> consumers_;  // null: removed while dispatching
  std::vector<std::unique_ptr<Consumer>> removed_;
  std::vector<AudioLevelSink*> level_sinks_;
  RtpBatch scratch_;  // what each Consumer in turn makes of a batch
  Tracer tracer_;
  ProducerStats stats_;
};

}  // namespace sfu

// The inside of plaintransport: its settings, its sockets on the Worker, and its pads' streams.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gst_ref.h"
#include "net/plain_transport_host.h"
#include "plain_transport_pads.h"
#include "plain_transport_settings.h"
#include "request_pads.h"
#include "rtcp_pads.h"
#include "shared_worker.h"

G_BEGIN_DECLS

GST_ELEMENT_REGISTER_DECLARE(plaintransport)
GType gst_sfu_plain_transport_get_type();

G_END_DECLS

namespace sfu::gst {

class PlainTransportElement final : public SinkPort::Owner, private RtcpTaker {
 public:
  // Source pads that one run adds by itself.
  static constexpr size_t kMaxFoundPads = 32;
  // RTCP datagrams from neighbours that may wait for the Worker; more are dropped.
  static constexpr size_t kMaxRtcpUnderWay = 64;
  // How often changed scores are told.
  static constexpr TimeDelta kScoreInterval = TimeDelta::Seconds(1);

  explicit PlainTransportElement(GstElement* element) : element_(element) {}
  PlainTransportElement(const PlainTransportElement&) = delete;
  PlainTransportElement& operator=(const PlainTransportElement&) = delete;
  ~PlainTransportElement() override = default;

  // Properties. A new peer takes effect at once; the rest when the sockets are bound.
  bool SetSetting(guint id, const GValue* value);
  bool GetSetting(guint id, GValue* value) const;
  // False once there are pads.
  bool SetWorkerName(const std::string& name);
  std::string worker_name() const;
  // 0 while the sockets are not bound.
  guint local_port() const;
  guint local_rtcp_port() const;

  GstPad* RequestPad(GstPadTemplate* templ, const char* name);
  void ReleasePad(GstPad* pad);

  // READY to PAUSED: binds the sockets and adds the pads' streams. False after a message.
  bool Open();
  // PAUSED to READY. Waits for the Worker, except on it.
  void Close();
  void SetPlaying(bool playing);
  // Ends the streams of all source pads.
  void EndStreams();
  bool AnswerLatency(GstQuery* query);
  GstStructure* Stats();

  // Posts a warning. On application threads.
  void Warn(const Error& error);

  // The `caps` of a source pad changed.
  void ApplyReceiverCaps(GstSfuReceiverPad* pad);

  // SinkPort::Owner
  void OnCaps(SinkPort& port, const CapsInfo& info, const GstCaps* caps) override;
  void OnEos(SinkPort& port) override;
  void OnStreamStart(SinkPort& port) override;

 private:
  bool AcquireWorkerLocked(std::string* error);
  GstPad* AddReceiverPad(GstPadTemplate* templ, const char* name);
  GstSfuReceiverPad* NewReceiverPadLocked(GstPadTemplate* templ, const char* name, bool found);
  // Scores, in plain_transport_scores.cc.
  void StartScores();
  void TellScores();
  // RTCP pads, in plain_transport_rtcp.cc.
  GstPad* AddRtcpPad(GstPadTemplate* templ, const char* name);
  void ReleaseRtcpPad(GstPad* pad);
  void OnRtcp(unsigned number, ByteView compound) override;
  void HandleNeighbourRtcp(unsigned number, ByteView compound);
  void TellNeighbour(unsigned number, ByteView compound) const;
  // Streams that come by themselves, in plain_transport_found.cc.
  void OfferStream(guint8 payload_type, unsigned run);
  CapsRef DescribePayload(guint8 payload_type) const;
  ObjectRef<GstSfuReceiverPad> TakeWaitingPad(const GstCaps* caps);
  void AddFoundPad(const GstCaps* caps, unsigned run);
  void RemoveFoundPads();
  GstPad* AddSenderPad(GstPadTemplate* templ, const char* name);
  bool Post(Task task);
  void Reconnect();
  // Worker.
  Status Bind(const PlainTransportHostOptions& options,
              const std::optional<PlainConnectOptions>& peer);
  void AddReceiver(GstSfuReceiverPad* pad);
  void RemoveReceiver(GstSfuReceiverPad* pad);
  void AddSender(GstSfuSenderPad* pad);
  void RemoveSender(GstSfuSenderPad* pad);
  void CheckEos();

  template <typename T>
  std::vector<ObjectRef<T>> Snapshot(const std::vector<T*>& pads) const {
    std::vector<ObjectRef<T>> refs;
    SnapshotInto(pads, &refs);
    return refs;
  }
  // The same into a vector whose memory is used again.
  template <typename T>
  void SnapshotInto(const std::vector<T*>& pads, std::vector<ObjectRef<T>>* refs) const {
    const std::lock_guard lock(mutex_);
    for (T* pad : pads) refs->emplace_back(pad);
  }

  GstElement* const element_;
  mutable std::mutex mutex_;  // guards all but host_; never held while calling out
  PlainTransportSettings settings_;
  std::string worker_name_ = kDefaultWorker;
  SharedWorkerRef worker_;
  PadNumbers sink_numbers_{"sink_"};
  PadNumbers src_numbers_{"src_"};
  std::vector<GstSfuReceiverPad*> receivers_;
  std::vector<GstSfuSenderPad*> senders_;
  PadNumbers rtcp_sink_numbers_{"rtcp_sink_"};
  PadNumbers rtcp_src_numbers_{"rtcp_src_"};
  std::vector<GstSfuRtcpSrcPad*> rtcp_srcs_;
  std::atomic<size_t> rtcp_under_way_{0};  // to the Worker
  bool playing_ = false;
  bool open_ = false;
  unsigned run_ = 0;  // counts Close(): a pad found in one run is not for the next
  std::vector<GstSfuReceiverPad*> found_;  // those of receivers_ that the element added itself
  SocketAddress local_rtp_;
  SocketAddress local_rtcp_;

  std::unique_ptr<PlainTransportHost> host_;  // the Worker's, as are the next
  std::unique_ptr<Timer> score_timer_;
  // TellScores()'s, empty between its calls: nothing is allocated each second.
  std::vector<ObjectRef<GstSfuReceiverPad>> scored_receivers_;
  std::vector<ObjectRef<GstSfuSenderPad>> scored_senders_;
};

}  // namespace sfu::gst

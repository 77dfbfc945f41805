// The sfurouter element: GObject outside, RouterElement inside.
#pragma once

#include <gst/gst.h>

#include <mutex>
#include <string>
#include <vector>

#include "gst_ref.h"
#include "request_pads.h"
#include "router_hub.h"
#include "router_observers.h"
#include "router_pads.h"

G_BEGIN_DECLS

GST_ELEMENT_REGISTER_DECLARE(sfurouter)
GType gst_sfu_router_get_type();

G_END_DECLS

namespace sfu::gst {

// One face of a Router: its pads, and which consumer is bound to which producer.
class RouterElement final : public SinkPort::Owner, private RouterHub::Face {
 public:
  explicit RouterElement(GstElement* element) : element_(element), observers_(element) {}
  RouterElement(const RouterElement&) = delete;
  RouterElement& operator=(const RouterElement&) = delete;
  ~RouterElement() override;

  // Properties. Setting fails (false) once there is a Router.
  bool SetRouterName(const std::string& name);
  bool SetWorkerName(const std::string& name);
  std::string router_name() const;
  std::string worker_name() const;

  // Of RouterObservers; false if `id` is none of its properties.
  bool SetObserverProperty(guint id, const GValue* value);
  bool GetObserverProperty(guint id, GValue* value) const {
    return observers_.GetProperty(id, value);
  }

  // The codecs of the Router, as JSON. The error names the field; then nothing has changed.
  Status SetMediaCodecs(const std::string& media_codecs);
  std::string media_codecs() const;
  ortc::RtpCapabilities rtp_capabilities() const;

  // The Router, made if it is not there yet. The error says why it cannot be had.
  Result<RouterHubRef> TakeHub();

  // Pads. Null when the name does not fit or the Router cannot be had (then a message says why).
  GstPad* RequestPad(GstPadTemplate* templ, const char* name);
  void ReleasePad(GstPad* pad);

  // Finds the Router. False when it cannot be had; a message says why.
  bool Open();
  // From READY to PAUSED: from now on consumer pads are bound as soon as they can be.
  void StartBinding();
  // A consumer pad got a peer.
  void OnLinked(GstSfuConsumerPad* pad) { BindConsumer(pad); }
  void UnbindConsumers();
  // Waits until the Worker has done what was asked of it so far. On the Worker it does not wait.
  void WaitForWorker();
  void Close();
  void SetPlaying(bool playing);
  // EOS for the pads that no EOS of this pipeline reaches.
  void EndUnreachable();
  GstStructure* Stats();

  // SinkPort::Owner
  void OnCaps(SinkPort& port, const CapsInfo& info, const GstCaps* caps) override;
  void OnTold(SinkPort& port, const GstStructure& what) override;
  void OnEos(SinkPort& port) override;
  void OnStreamStart(SinkPort& port) override;

 private:
  Result<RouterHubRef> TakeHubLocked();
  static void LeaveHub(RouterHubRef hub);
  GstPad* AddProducerPad(GstPadTemplate* templ, const char* name);
  GstPad* AddConsumerPad(GstPadTemplate* templ, const char* name);
  void ReleaseProducerPad(GstSfuProducerPad* pad);
  void ReleaseConsumerPad(GstSfuConsumerPad* pad);
  // Router binding, in router_binding.cc.
  void BindConsumers();
  void BindConsumer(GstSfuConsumerPad* pad);
  void TellUnknownProducer(GstSfuConsumerPad* pad, const std::string& spec);
  static ProducerSlotRef SlotOf(SinkPort& port);
  ProducerSlotRef ChooseProducer(GstSfuConsumerPad* pad);
  std::vector<ProducerSlotRef> HeldByNeighbours(GstSfuConsumerPad* pad, GstElement* receiver);
  void Unbind(GstSfuConsumerPad* pad);

  // RouterHub::Face
  void OnProducerAdded(const ProducerSlot& slot) override;
  void OnProducerRemoved(const ProducerSlot& slot) override;
  void OnProducerObserved(const ProducerSlot& slot) override { observers_.ProducerChanged(slot); }
  void PostEvent(const char* what, const ProducerSlot& slot, bool bind);

  template <typename T>
  std::vector<ObjectRef<T>> Snapshot(const std::vector<T*>& pads) const {
    const std::lock_guard lock(mutex_);
    std::vector<ObjectRef<T>> refs;
    refs.reserve(pads.size());
    for (T* pad : pads) refs.emplace_back(pad);
    return refs;
  }

  GstElement* const element_;
  RouterObservers observers_;
  mutable std::mutex mutex_;  // guards all below; never held while calling out
  std::string router_name_;
  std::string worker_name_ = kDefaultWorker;
  std::string media_codecs_;  // for the Router to come; empty: the default
  RouterHubRef hub_;
  bool open_ = false;
  PadNumbers sink_numbers_{"sink_"};
  PadNumbers src_numbers_{"src_"};
  std::vector<GstSfuProducerPad*> producers_;
  std::vector<GstSfuConsumerPad*> consumers_;  // by number
  bool playing_ = false;
  bool paused_or_playing_ = false;
};

// The inside of an sfurouter.
RouterElement& RouterElementOf(GstElement* element);

}  // namespace sfu::gst

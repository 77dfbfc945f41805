// RTCP with neighbours in the pipeline: the pads of one number belong together.
#include <algorithm>
#include <utility>
#include <vector>

#include "element_pads.h"
#include "transport/neighbour_rtcp.h"
#include "transport_element.h"

namespace sfu::gst {
namespace {

// What the neighbour wants of a stream is done as its pad does it for events.
class PadWishes final : public NeighbourWishes {
 public:
  explicit PadWishes(SrcPort* port) : port_(port) {}
  void OnKeyFrameWanted() override { port_->RequestKeyFrame(); }
  void OnPacketWanted(uint16_t sequence_number) override { port_->Resend(sequence_number); }

 private:
  SrcPort* const port_;
};

}  // namespace

GstPad* TransportElement::AddRtcpPad(GstPadTemplate* templ, const char* name) {
  const GstPadDirection direction = GST_PAD_TEMPLATE_DIRECTION(templ);
  const bool sink = direction == GST_PAD_SINK;
  GstPad* pad = nullptr;
  {
    const std::lock_guard lock(mutex_);
    PadNumbers& numbers = sink ? rtcp_sink_numbers_ : rtcp_src_numbers_;
    const auto number = numbers.Take(name);
    if (!number) return nullptr;
    pad = GST_PAD_CAST(g_object_new(sink ? GST_TYPE_SFU_RTCP_SINK_PAD : GST_TYPE_SFU_RTCP_SRC_PAD,
                                    "name", numbers.NameOf(*number).c_str(), "direction", direction,
                                    "template", templ, nullptr));
    if (sink) {
      *GST_SFU_RTCP_SINK_PAD(pad)->state = {*number, this};
    } else {
      GST_SFU_RTCP_SRC_PAD(pad)->number = *number;
      rtcp_srcs_.push_back(GST_SFU_RTCP_SRC_PAD(pad));
    }
  }
  AddElementPad(element_, pad);
  return pad;
}

void TransportElement::ReleaseRtcpPad(GstPad* pad) {
  const PadRef keep(pad);
  gst_pad_set_active(pad, FALSE);
  {
    const std::lock_guard lock(mutex_);
    if (GST_PAD_IS_SINK(pad)) {
      rtcp_sink_numbers_.GiveBack(GST_SFU_RTCP_SINK_PAD(pad)->state->number);
    } else {
      std::erase(rtcp_srcs_, GST_SFU_RTCP_SRC_PAD(pad));
      rtcp_src_numbers_.GiveBack(GST_SFU_RTCP_SRC_PAD(pad)->number);
    }
  }
  RemoveElementPad(element_, pad);
}

// On the Worker.
void TransportElement::TellNeighbour(unsigned number, ByteView compound) const {
  const std::lock_guard lock(mutex_);
  for (const GstSfuRtcpSrcPad* pad : rtcp_srcs_) {
    if (pad->number == number) pad->port->Push(compound);
  }
}

// On the neighbour's thread.
void TransportElement::OnRtcp(unsigned number, ByteView compound) {
  if (rtcp_under_way_.fetch_add(1) >= kMaxRtcpUnderWay) {
    --rtcp_under_way_;
    return;
  }
  const bool posted =
      Post([this, number, bytes = std::vector<uint8_t>(compound.begin(), compound.end())] {
        --rtcp_under_way_;
        HandleNeighbourRtcp(number, bytes);
      });
  if (!posted) --rtcp_under_way_;
}

// On the Worker. Reports about the stream change nothing: how it arrives is measured where it does.
void TransportElement::HandleNeighbourRtcp(unsigned number, ByteView compound) {
  for (const auto& pad : Snapshot(receivers_)) {
    const ReceiverPadState& state = *pad.get()->state;
    if (state.number != number || state.receivers.empty()) continue;
    PadWishes wishes(&PortOf(&pad.get()->parent));
    const Ssrc ssrc =
        state.receivers.size() == 1 ? state.receivers[0]->ssrc() : ChosenSsrc(*state.produced);
    if (!ReadNeighbourRtcp(compound, ssrc, &wishes)) {
      GST_DEBUG_OBJECT(pad.get(), "the neighbour sent what is no RTCP");
    }
  }
}

}  // namespace sfu::gst

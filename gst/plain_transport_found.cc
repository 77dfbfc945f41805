// With comedia, streams that come by themselves: what they are, and which source pad gets them.
//
// All of it runs on threads that may wait, for the application is asked. The Worker only tells that
// there is such a stream.
#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "element_pads.h"
#include "plain_transport_element.h"

namespace sfu::gst {
namespace {

// `caps` as one stream of that payload type, whatever SSRC it has.
CapsRef AnyStreamOf(const GstCaps* caps, guint8 payload_type) {
  GstCaps* copy = gst_caps_truncate(gst_caps_copy(caps));
  GstStructure* s = gst_caps_get_structure(copy, 0);
  gst_structure_remove_field(s, "ssrc");
  gst_structure_set(s, "payload", G_TYPE_INT, static_cast<int>(payload_type), nullptr);
  return CapsRef::Adopt(copy);
}

// Repair and protection of other streams are none of their own.
bool IsStreamOfItsOwn(const CapsInfo& info) {
  constexpr std::array kHelpers = {"RTX", "RED", "ULPFEC", "FLEXFEC-03"};
  return std::none_of(kHelpers.begin(), kHelpers.end(), [&](const char* name) {
    return g_ascii_strcasecmp(name, info.codec.encoding_name.c_str()) == 0;
  });
}

}  // namespace

// The caps of a source pad say it, the application, or RFC 3551.
CapsRef PlainTransportElement::DescribePayload(guint8 payload_type) const {
  for (const auto& pad : Receivers()) {
    CapsRef caps;
    {
      const std::lock_guard lock(pad.get()->state->mutex);
      caps = pad.get()->state->caps;
    }
    const auto info = ReadCaps(caps.get());
    if (info && info.value().codec.payload_type == payload_type) {
      return AnyStreamOf(caps.get(), payload_type);
    }
  }
  GstCaps* told = nullptr;
  g_signal_emit_by_name(element(), "request-pt-map", static_cast<guint>(payload_type), &told);
  const auto answer = CapsRef::Adopt(told);
  if (answer && !gst_caps_is_any(told) && !gst_caps_is_empty(told)) {
    return AnyStreamOf(told, payload_type);
  }
  return StaticCaps(payload_type);
}

void PlainTransportElement::OfferStream(guint8 payload_type, unsigned run) {
  const CapsRef caps = DescribePayload(payload_type);
  if (!caps) {
    GST_INFO_OBJECT(element(), "nobody knows payload type %u", payload_type);
    return;
  }
  const auto info = ReadCaps(caps.get());
  if (!info) {
    Warn(Error{"request-pt-map", info.error().ToString()});
    return;
  }
  if (!IsStreamOfItsOwn(info.value())) return;
  if (const auto waiting = TakeWaitingPad(caps.get())) {
    std::ignore = SetReceiverCaps(waiting.get(), caps.get());
    return;
  }
  AddFoundPad(caps.get(), run);
}

// The lowest-numbered pad that is linked and has no caps, if its peer could take these.
ObjectRef<GstSfuReceiverPad> PlainTransportElement::TakeWaitingPad(const GstCaps* caps) {
  auto pads = Receivers();
  std::sort(pads.begin(), pads.end(), [](const auto& a, const auto& b) {
    return a.get()->state->number < b.get()->state->number;
  });
  for (const auto& pad : pads) {
    {
      const std::lock_guard lock(pad.get()->state->mutex);
      if (pad.get()->state->caps) continue;
    }
    const auto peer = PadRef::Adopt(gst_pad_get_peer(GST_PAD_CAST(pad.get())));
    if (!peer) continue;
    const auto wanted = CapsRef::Adopt(gst_pad_query_caps(peer.get(), nullptr));
    if (!CapsMeet(caps, wanted.get())) continue;
    const std::lock_guard lock(pad.get()->state->mutex);
    if (!std::exchange(pad.get()->state->offered, true)) return pad;
  }
  return {};
}

}  // namespace sfu::gst

// What there is on a transport. Streams that were not negotiated go by the names of their pads.
#include <array>
#include <string>
#include <utility>

#include "transport_element.h"

namespace sfu::gst {
namespace {

// mediasoup's names of the extensions that a transport looks at.
constexpr std::array<std::pair<ExtensionType, const char*>, 5> kExtensions = {{
    {ExtensionType::kMid, "mid"},
    {ExtensionType::kRid, "rid"},
    {ExtensionType::kRepairedRid, "rrid"},
    {ExtensionType::kAbsSendTime, "absSendTime"},
    {ExtensionType::kTransportSequence, "transportWideCc01"},
}};

// What produce() has told, before anything runs.
void DumpProduced(const ortc::RtpParameters& parameters, const std::string& id,
                  ortc::TransportDump* dump) {
  if (!parameters.mid.empty()) dump->mids[parameters.mid] = id;
  for (const ortc::RtpEncodingParameters& encoding : parameters.encodings) {
    if (encoding.ssrc) dump->producers[*encoding.ssrc] = id;
    if (encoding.rtx_ssrc) dump->producers[*encoding.rtx_ssrc] = id;
    if (!encoding.rid.empty()) dump->rids[encoding.rid] = id;
  }
}

void DumpReceiver(const ReceiverPadState& state, const std::string& id, ortc::TransportDump* dump) {
  if (state.produced != nullptr) DumpProduced(state.produced->description.parameters, id, dump);
  for (const RtpReceiver* receiver : state.receivers) {
    if (receiver->ssrc() != 0) dump->producers[receiver->ssrc()] = id;
    if (receiver->rtx_ssrc() != 0) dump->producers[receiver->rtx_ssrc()] = id;
    for (const auto& [type, name] : kExtensions) {
      const uint8_t number = receiver->options().codec.extensions[static_cast<size_t>(type)];
      if (number != 0) dump->extension_ids[name] = number;
    }
  }
}

void DumpSender(const SenderPadState& state, const std::string& id, ortc::TransportDump* dump) {
  if (state.sender != nullptr) dump->consumers[state.sender->ssrc()] = id;
  if (state.consumed == nullptr) return;
  for (const ortc::RtpEncodingParameters& encoding : state.consumed->parameters.encodings) {
    if (encoding.ssrc) dump->consumers[*encoding.ssrc] = id;
    if (encoding.rtx_ssrc) dump->rtx_consumers[*encoding.rtx_ssrc] = id;
  }
}

}  // namespace

void TransportElement::DumpPads(ortc::TransportDump* dump) const {
  for (const auto& pad : Receivers()) {
    const ReceiverPadState& state = *pad.get()->state;
    const std::string id = state.produced == nullptr ? GST_PAD_NAME(pad.get()) : state.produced->id;
    dump->producer_ids.push_back(id);
    DumpReceiver(state, id, dump);
  }
  for (const auto& pad : Senders()) {
    const SenderPadState& state = *pad.get()->state;
    const std::string id = state.consumed == nullptr ? GST_PAD_NAME(pad.get()) : state.consumed->id;
    dump->consumer_ids.push_back(id);
    DumpSender(state, id, dump);
  }
}

std::string TransportElement::DumpJson() {
  ortc::TransportDump dump;
  dump.id = GST_OBJECT_NAME(element_);
  if (const SharedWorkerRef shared = worker(); shared != nullptr) {
    shared->worker->PostAndWait([&] { DumpPads(&dump); });
  }
  AddDump(&dump);
  return ortc::ToJson(dump);
}

}  // namespace sfu::gst

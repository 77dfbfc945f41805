// Demultiplexing of one peer's streams.
#include "transport/stream_demux.h"

#include <algorithm>
#include <string>

#include "base/ascii.h"
#include "rtp/extension_values.h"
#include "stream/rtx.h"

namespace sfu {
namespace {

using Role = RtpReceiver::Role;

bool SameCodec(const RtpCodec& a, const RtpCodec& b) {
  return a.kind == b.kind && a.id == b.id && a.clock_rate == b.clock_rate &&
         a.channels == b.channels && EqualsIgnoringAsciiCase(a.encoding_name, b.encoding_name);
}

bool Differ(std::string_view a, std::string_view b) { return !a.empty() && !b.empty() && a != b; }

// Whether packets of two streams of one payload type, whose SSRCs are not known, can be told apart.
Status CheckNames(const RtpReceiverOptions& a, const RtpReceiverOptions& b) {
  if (a.one_of_several || b.one_of_several || Differ(a.mid, b.mid) || Differ(a.rid, b.rid)) {
    return OkStatus();
  }
  const char* field = "payload";
  if (!a.rid.empty() && a.rid == b.rid) {
    field = "rid";
  } else if (!a.mid.empty() && a.mid == b.mid) {
    field = "mid";
  }
  return Error{field, "another stream of this transport has it, and no SSRC tells them apart"};
}

Status CheckPayloadTypes(const RtpReceiverOptions& options, const RtpReceiverOptions& other) {
  const RtpCodec& codec = options.codec;
  const RtpCodec& taken = other.codec;
  if (codec.payload_type == taken.rtx_payload_type) {
    return Error{"payload", "another stream of this transport has it for its retransmissions"};
  }
  if (codec.rtx_payload_type == taken.payload_type) {
    return Error{"rtxPayload", "another stream of this transport has it as its payload"};
  }
  if (codec.payload_type == taken.payload_type) {
    if (!SameCodec(codec, taken)) {
      return Error{"payload", "another stream of this transport has it for " + taken.encoding_name};
    }
    if (options.ssrc == 0 && other.ssrc == 0) return CheckNames(options, other);
  } else if (codec.rtx_payload_type >= 0 && codec.rtx_payload_type == taken.rtx_payload_type) {
    return Error{"rtxPayload",
                 "another stream of this transport has it for the retransmissions of payload " +
                     std::to_string(taken.payload_type)};
  }
  return OkStatus();
}

// How well names fit a receiver: -1 if one contradicts.
int Agreement(const RtpReceiverOptions& options, std::string_view mid, std::string_view rid) {
  if (Differ(options.mid, mid) || Differ(options.rid, rid)) return -1;
  return (options.mid.empty() || mid.empty() ? 0 : 2) +
         (options.rid.empty() || rid.empty() ? 0 : 1);
}

bool HasName(const RtpReceiver& receiver) {
  return !receiver.options().mid.empty() || !receiver.options().rid.empty();
}

}  // namespace

Status StreamDemux::CheckSsrcs(const RtpReceiverOptions& options) const {
  if (options.rtx_ssrc != 0 && options.rtx_ssrc == options.ssrc) {
    return Error{"rtxSsrc", "must differ from ssrc"};
  }
  if (options.ssrc != 0 && table_.Find(options.ssrc) != nullptr) {
    return Error{"ssrc", "another stream of this transport has it"};
  }
  if (options.rtx_ssrc != 0 && table_.Find(options.rtx_ssrc) != nullptr) {
    return Error{"rtxSsrc", "another stream of this transport has it"};
  }
  return OkStatus();
}

Status StreamDemux::CheckExtensions(const ExtensionIds& ids) const {
  std::array<ExtensionType, 256> types = types_;
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto type = static_cast<ExtensionType>(i);
    ExtensionType& meaning = types[ids[i]];
    if (ids[i] != 0 && meaning != ExtensionType::kCount && meaning != type) {
      return Error{"headerExtensions",
                   "id " + std::to_string(ids[i]) +
                       " means another extension in this or another stream of this transport"};
    }
    meaning = type;
  }
  return OkStatus();
}

Status StreamDemux::Check(const RtpReceiverOptions& options) const {
  if (Status status = CheckSsrcs(options); !status) return status;
  for (const auto& other : *receivers_) {
    if (Status status = CheckPayloadTypes(options, other->options()); !status) return status;
  }
  return CheckExtensions(options.codec.extensions);
}

void StreamDemux::AddCodec(const RtpCodec& codec) {
  if (codec.feedback.transport_cc) has_transport_feedback_ = true;
  const ExtensionIds& ids = codec.extensions;
  for (size_t type = 0; type < ids.size(); ++type) {
    if (ids[type] == 0) continue;
    types_[ids[type]] = static_cast<ExtensionType>(type);
    ids_[type] = ids[type];
  }
}

void StreamDemux::Add(RtpReceiver* receiver) {
  const RtpReceiverOptions& options = receiver->options();
  if (options.ssrc != 0) {
    table_.Insert({.ssrc = options.ssrc, .role = Role::kPrimary, .receiver = receiver});
  }
  if (options.rtx_ssrc != 0) {
    table_.Insert({.ssrc = options.rtx_ssrc, .role = Role::kRtx, .receiver = receiver});
  }
  AddCodec(options.codec);
}

void StreamDemux::Remove(const RtpReceiver* receiver) {
  table_.EraseAllOf(receiver);
  types_ = NoTypes();
  ids_ = {};
  has_transport_feedback_ = false;
  for (const auto& other : *receivers_) AddCodec(other->codec());
}

StreamDemux::Match StreamDemux::Find(ByteView datagram, const RtpHeader& header,
                                     Timestamp now) const {
  const SsrcTable::Entry* entry = table_.Find(header.ssrc);
  if (entry == nullptr) return FindNew(datagram, header, now);
  Match match;
  match.known = true;
  match.role = entry->receiver->RoleOfKnown(header.ssrc, header.payload_type);
  if (match.role != Role::kNone) match.receiver = entry->receiver;
  return match;
}

StreamDemux::Names StreamDemux::ReadNames(const HeaderExtensionView& extensions) const {
  Names names;
  for (const HeaderExtension& extension : extensions) {
    const ExtensionType type = types_[extension.id];
    if (type == ExtensionType::kMid) {
      names.mid = ParseMid(extension.data).value_or("");
    } else if (type == ExtensionType::kRid) {
      names.rid = ParseRid(extension.data).value_or("");
    } else if (type == ExtensionType::kRepairedRid) {
      names.repaired_rid = ParseRid(extension.data).value_or("");
    }
  }
  return names;
}

// Who fits best is taken. Where names are in use and several fit alike, it is nobody's: a stream
// that is put down wrongly would be shown as somebody else's.
StreamDemux::Match StreamDemux::FindNew(ByteView datagram, const RtpHeader& header,
                                        Timestamp now) const {
  Names names;
  if (const auto whole = ParseRtpOuterHeader(datagram)) {
    names = ReadNames({whole->extension_profile,
                       datagram.subspan(whole->extension_offset, whole->extension_size)});
  }
  Match match;
  int best = -1;
  bool named = false;
  for (const auto& receiver : *receivers_) {
    bool conflict = false;
    const Role role = receiver->RoleOfNew(header.payload_type, now, &conflict);
    if (role == Role::kNone && !conflict) continue;
    const std::string_view rid = role == Role::kRtx ? names.repaired_rid : names.rid;
    const int agreement = Agreement(receiver->options(), names.mid, rid);
    if (agreement < 0) match.reason = DropReason::kUnknownSsrc;
    if (agreement < 0 || agreement < best) continue;
    if (agreement > best) {
      best = agreement;
      match = {role == Role::kNone ? nullptr : receiver.get(), role, false, match.reason};
      named = HasName(*receiver);
    } else if (role != Role::kRtx && (named || HasName(*receiver))) {
      match.receiver = nullptr;
      named = true;
    } else if (match.receiver == nullptr && role != Role::kNone) {
      match.receiver = receiver.get();
      match.role = role;
    }
    if (match.receiver == nullptr) match.reason = DropReason::kUnknownSsrc;
  }
  // A browser may send before the application has said what.
  if (receivers_->empty()) match.reason = DropReason::kUnknownSsrc;
  return match;
}

RtpReceiver* StreamDemux::FindRtxOwner(const RtpPacket& packet, const SocketAddress& from) const {
  const Names names = ReadNames(packet.extensions());
  const ByteView payload = packet.payload();
  RtpReceiver* waiting = nullptr;
  int best = -1;
  size_t candidates = 0;
  for (const auto& receiver : *receivers_) {
    bool conflict = false;
    const int agreement = Agreement(receiver->options(), names.mid, names.repaired_rid);
    if (agreement < 0 || !receiver->MayComeFrom(from, packet.arrival) ||
        receiver->RoleOfNew(packet.header.payload_type, packet.arrival, &conflict) != Role::kRtx) {
      continue;
    }
    if (payload.size() >= kRtxOverhead && receiver->IsMissing(LoadBe16(payload.data()))) {
      return receiver.get();
    }
    if (receiver->has_rtx_ssrc() || agreement < best) continue;
    if (agreement > best) candidates = 0;
    best = agreement;
    waiting = receiver.get();
    ++candidates;
  }
  return candidates == 1 ? waiting : nullptr;
}

bool StreamDemux::CanLearn(const RtpReceiver& receiver, Role role) const {
  if (table_.learnt() < SsrcTable::kMaxLearnt) return true;
  const Ssrc before = role == Role::kRtx ? receiver.rtx_ssrc() : receiver.ssrc();
  const SsrcTable::Entry* entry = table_.Find(before);
  return entry != nullptr && entry->learnt && entry->receiver == &receiver && entry->role == role;
}

void StreamDemux::Learn(Ssrc ssrc, RtpReceiver* receiver, Role role) {
  const Ssrc before = role == Role::kRtx ? receiver->rtx_ssrc() : receiver->ssrc();
  const SsrcTable::Entry* entry = table_.Find(before);
  if (before != ssrc && entry != nullptr && entry->receiver == receiver && entry->role == role) {
    table_.Erase(before);
  }
  table_.Insert({ssrc, role, true, receiver});
}

RtpReceiver* StreamDemux::ReceiverOf(Ssrc ssrc) const {
  const SsrcTable::Entry* entry = table_.Find(ssrc);
  return entry != nullptr && entry->role == Role::kPrimary ? entry->receiver : nullptr;
}

uint8_t StreamDemux::ExtensionId(const RtpReceiver& receiver, ExtensionType type) const {
  const uint8_t own = receiver.codec().extension_id(type);
  return own != 0 ? own : ids_[static_cast<size_t>(type)];
}

}  // namespace sfu

// Two passes over a batch: first checks are answered and the rest is sorted by tuple, then each
// tuple's datagrams are delivered together. So a session is touched once per batch, and a
// ClientHello right behind the check that validates its tuple is let through.
#include "ice/ice_demux.h"

#include <array>

#include "ice/ice_lite_session.h"
#include "rtp/rtp_header.h"

namespace sfu {

IceDemux::IceDemux(const SipKey& key) : tuples_(key), limiter_(key) {}

IceDemux::~IceDemux() = default;

bool IceDemux::AddFragment(const std::string& fragment, IceLiteSession* session) {
  return fragments_.emplace(fragment, session).second;
}

void IceDemux::RemoveFragment(const std::string& fragment) { fragments_.erase(fragment); }

void IceDemux::RemoveTuple(IceTupleEntry* entry) {
  tuples_.Remove(entry);
  if (entry->group >= 0) groups_[static_cast<size_t>(entry->group)].entry = nullptr;
}

IceLiteSession* IceDemux::FindSession(std::string_view fragment) const {
  const auto found = fragments_.find(fragment);
  return found == fragments_.end() ? nullptr : found->second;
}

void IceDemux::OnDatagrams(std::span<ReceivedDatagram> datagrams, IceProtocol protocol,
                           DatagramSender& via, Timestamp now) {
  while (!datagrams.empty()) {
    size_t count = 1;
    while (count < datagrams.size() && datagrams[count].from == datagrams[0].from &&
           datagrams[count].to == datagrams[0].to) {
      ++count;
    }
    OnRun(datagrams.first(count), protocol, via, now);
    datagrams = datagrams.subspan(count);
  }
  DispatchGroups(now);
}

void IceDemux::OnRun(std::span<ReceivedDatagram> run, IceProtocol protocol, DatagramSender& via,
                     Timestamp now) {
  const IceTuple tuple{protocol, run[0].to, run[0].from};
  const uint64_t hash = tuples_.Hash(tuple);
  IceTupleEntry* entry = tuples_.Find(tuple, hash);
  for (size_t i = 0; i < run.size();) {
    const DatagramKind kind = ClassifyDatagram(run[i].bytes);
    if (kind == DatagramKind::kStun) {
      OnStun(run[i], tuple, hash, via, now);
      entry = tuples_.Find(tuple, hash);
      ++i;
      continue;
    }
    if (kind == DatagramKind::kUnknown || entry == nullptr) {
      drops_.Add(run[i].bytes.size() < 2          ? DropReason::kTooShort
                 : kind == DatagramKind::kUnknown ? DropReason::kNotRtp
                                                  : DropReason::kUnknownSource);
      ++i;
      continue;
    }
    size_t end = i + 1;
    while (end < run.size()) {
      const DatagramKind next = ClassifyDatagram(run[end].bytes);
      if (next == DatagramKind::kStun || next == DatagramKind::kUnknown) break;
      ++end;
    }
    AddPiece(entry, run.subspan(i, end - i));
    i = end;
  }
}

void IceDemux::OnStun(const ReceivedDatagram& datagram, const IceTuple& tuple, uint64_t hash,
                      DatagramSender& via, Timestamp now) {
  const auto request = StunRequest::Parse(datagram.bytes);
  if (!request || request->method != StunRequest::kBinding) {
    drops_.Add(DropReason::kBadStun);
    return;
  }
  if (request->message_class == StunClass::kIndication) {
    ++counters_.indications;
    return;
  }
  if (request->message_class != StunClass::kRequest) {
    drops_.Add(DropReason::kBadStun);
    return;
  }
  if (request->username.empty() || !request->has_integrity) {
    AnswerStranger(datagram, *request, via, now);
    return;
  }
  const std::string_view fragment = request->local_fragment();
  IceLiteSession* session = FindSession(fragment);
  if (session == nullptr) {
    drops_.Add(DropReason::kStunAuth);
    return;
  }
  const IceTupleEntry* const entry = tuples_.Find(tuple, hash);
  const bool own = entry != nullptr && entry->session == session;
  if (!own && !(limiter_.MayTry(tuple.remote, now) && session->MayTry(now))) {
    drops_.Add(DropReason::kStunLimited);
    return;
  }
  if (session->IsReplay(request->transaction, hash)) {
    drops_.Add(DropReason::kStunReplay);
    return;
  }
  if (!own && !MayTake(entry, session, now)) {
    drops_.Add(DropReason::kUnknownSource);
    return;
  }
  if (!Answer(datagram, *request, session->PasswordOf(fragment), via)) {
    limiter_.CountFailure(tuple.remote, now);
    session->CountFailure(now);
    drops_.Add(DropReason::kStunAuth);
    return;
  }
  ++counters_.checks;
  // The port was given to another peer. Telling its old session may destroy any session.
  if (IceTupleEntry* const taken = tuples_.Find(tuple, hash); taken != nullptr && !own) {
    taken->session->OnPathLost(taken, now);
    session = FindSession(fragment);
  }
  if (session != nullptr) session->OnCheck(tuple, hash, *request, via, now);
}

bool IceDemux::MayTake(const IceTupleEntry* entry, const IceLiteSession* session,
                       Timestamp now) const {
  return entry == nullptr || entry->session == session || now - entry->last_check >= kTakeOverAfter;
}

void IceDemux::AnswerStranger(const ReceivedDatagram& datagram, const StunRequest& request,
                              DatagramSender& via, Timestamp now) {
  if (!limiter_.MayTry(datagram.from, now)) {
    drops_.Add(DropReason::kStunLimited);
    return;
  }
  limiter_.CountFailure(datagram.from, now);
  drops_.Add(DropReason::kBadStun);
  Answer(datagram, request, {}, via);
}

bool IceDemux::Answer(const ReceivedDatagram& datagram, const StunRequest& request,
                      std::string_view password, DatagramSender& via) {
  const MutableBytes space = via.Reserve(StunResponder::kMaxReply);
  if (space.size() < StunResponder::kMaxReply) return false;
  const StunResponder::Answer answer =
      responder_.Reply(datagram.bytes, request, password, datagram.from, space);
  const bool valid = answer.verdict == StunVerdict::kValid;
  // Who forges the sender's address must not make us send more than he did.
  const bool send = answer.size > 0 && (answer.authentic || answer.size <= datagram.bytes.size());
  if (send) {
    const std::array<uint16_t, 1> sizes = {static_cast<uint16_t>(answer.size)};
    via.Commit(datagram.from, sizes, datagram.to);
    if (!valid) ++counters_.errors_sent;
  } else {
    via.Commit(datagram.from, {}, datagram.to);
  }
  return valid;
}

void IceDemux::AddPiece(IceTupleEntry* entry, std::span<ReceivedDatagram> datagrams) {
  const auto piece = static_cast<int32_t>(pieces_.size());
  pieces_.push_back({datagrams, -1});
  if (entry->group < 0) {
    entry->group = static_cast<int32_t>(groups_.size());
    groups_.push_back({entry, piece, piece});
    return;
  }
  Group& group = groups_[static_cast<size_t>(entry->group)];
  pieces_[static_cast<size_t>(group.last_piece)].next = piece;
  group.last_piece = piece;
}

std::span<ReceivedDatagram> IceDemux::Join(const Group& group) {
  const Piece& first = pieces_[static_cast<size_t>(group.first_piece)];
  if (first.next < 0) return first.datagrams;
  joined_.clear();
  for (int32_t i = group.first_piece; i >= 0; i = pieces_[static_cast<size_t>(i)].next) {
    const auto& datagrams = pieces_[static_cast<size_t>(i)].datagrams;
    joined_.insert(joined_.end(), datagrams.begin(), datagrams.end());
  }
  return joined_;
}

void IceDemux::DispatchGroups(Timestamp now) {
  for (size_t i = 0; i < groups_.size(); ++i) {
    if (groups_[i].entry != nullptr) Deliver(i, Join(groups_[i]), now);
    // Whoever is still there is in no group any more.
    if (groups_[i].entry != nullptr) groups_[i].entry->group = -1;
  }
  groups_.clear();
  pieces_.clear();
}

void IceDemux::Deliver(size_t group, std::span<ReceivedDatagram> datagrams, Timestamp now) {
  // Each call may have destroyed the session.
  const auto alive = [&] { return groups_[group].entry != nullptr; };
  const auto is_dtls = [](const ReceivedDatagram& datagram) {
    return ClassifyDatagram(datagram.bytes) == DatagramKind::kDtls;
  };
  // The session may give the tuple up, but stays alive, during a call.
  const IceTuple tuple = groups_[group].entry->tuple;
  while (!datagrams.empty() && alive()) {
    IceObserver& observer = groups_[group].entry->session->observer();
    if (is_dtls(datagrams[0])) {
      observer.OnDtls(datagrams[0].bytes, tuple, now);
      datagrams = datagrams.subspan(1);
      continue;
    }
    size_t count = 1;
    while (count < datagrams.size() && !is_dtls(datagrams[count])) ++count;
    observer.OnMedia(datagrams.first(count), tuple, now);
    datagrams = datagrams.subspan(count);
  }
  if (alive()) groups_[group].entry->session->observer().OnDatagramsDone(now);
}

void IceDemux::OnPathClosed(const IceTuple& tuple, Timestamp now) {
  IceTupleEntry* const entry = tuples_.Find(tuple);
  if (entry != nullptr) entry->session->OnPathLost(entry, now);
}

}  // namespace sfu

// The states are those of mediasoup's iceState.
#include "ice/ice_lite_session.h"

#include <algorithm>
#include <utility>

namespace sfu {

MutableBytes IceLiteSession::Sender::Reserve(size_t size) {
  const IceTupleEntry* const selected = session_->selected_;
  return selected == nullptr ? MutableBytes() : selected->via->Reserve(size);
}

void IceLiteSession::Sender::Commit(const SocketAddress&, std::span<const uint16_t> sizes,
                                    const SocketAddress&) {
  const IceTupleEntry* const selected = session_->selected_;
  if (selected == nullptr) return;
  selected->via->Commit(selected->tuple.remote, sizes, selected->tuple.local);
}

bool IceLiteSession::Sender::PrefersEqualSizes() const {
  return session_->selected_ != nullptr && session_->selected_->via->PrefersEqualSizes();
}

Result<std::unique_ptr<IceLiteSession>> IceLiteSession::Create(IceDemux& demux,
                                                               const IceLiteOptions& options,
                                                               IceObserver& observer) {
  if (Status status = options.credentials.Check(); !status) return status.error();
  const TimeDelta timeout = options.consent_timeout;
  if (timeout != TimeDelta::Zero() &&
      (timeout < kMinConsentTimeout || timeout > kMaxConsentTimeout)) {
    return Error{"iceConsentTimeout", "must be 0 or from 10 to 60 seconds"};
  }
  std::unique_ptr<IceLiteSession> session(new IceLiteSession(demux, options, observer));
  if (!demux.AddFragment(options.credentials.username_fragment, session.get())) {
    // It must not take the other session's fragment along.
    session->state_ = IceState::kClosed;
    return Error{"usernameFragment", "is in use"};
  }
  return session;
}

IceLiteSession::IceLiteSession(IceDemux& demux, const IceLiteOptions& options,
                               IceObserver& observer)
    : demux_(demux),
      observer_(observer),
      candidates_(options.candidates),
      consent_timeout_(options.consent_timeout),
      parameters_{options.credentials.username_fragment, options.credentials.password, true},
      sender_(this) {}

IceLiteSession::~IceLiteSession() {
  if (destroyed_ != nullptr) *destroyed_ = true;
  Close();
}

void IceLiteSession::Close() {
  if (state_ == IceState::kClosed) return;
  state_ = IceState::kClosed;
  RemoveAll();
  ForgetOldParameters();
  demux_.RemoveFragment(parameters_.username_fragment);
}

Status IceLiteSession::Restart(const IceCredentials& credentials) {
  if (state_ == IceState::kClosed) return Error{"", "the session is closed"};
  if (Status status = credentials.Check(); !status) return status;
  if (!demux_.AddFragment(credentials.username_fragment, this)) {
    return Error{"usernameFragment", "is in use"};
  }
  ForgetOldParameters();
  old_parameters_ = std::exchange(
      parameters_, IceParameters{credentials.username_fragment, credentials.password, true});
  nomination_ = 0;
  return OkStatus();
}

void IceLiteSession::ForgetOldParameters() {
  if (old_parameters_) demux_.RemoveFragment(old_parameters_->username_fragment);
  old_parameters_.reset();
}

Status IceLiteSession::SetRemoteParameters(const IceParameters& parameters) {
  if (parameters.ice_lite) return Error{"iceLite", "both sides are ICE-lite: nobody would check"};
  return OkStatus();
}

Status IceLiteSession::AddRemoteCandidate(const IceCandidate&) { return OkStatus(); }

std::optional<IceTuple> IceLiteSession::selected_tuple() const {
  return selected_ == nullptr ? std::nullopt : std::optional(selected_->tuple);
}

std::string_view IceLiteSession::PasswordOf(std::string_view fragment) const {
  return fragment == parameters_.username_fragment ? parameters_.password
         : old_parameters_                         ? old_parameters_->password
                                                   : std::string_view();
}

bool IceLiteSession::IsReplay(uint64_t transaction, uint64_t tuple_hash) const {
  return std::ranges::any_of(seen_, [&](const Seen& seen) {
    const bool used = seen.tuple_hash != 0;
    return used && seen.transaction == transaction && seen.tuple_hash != tuple_hash;
  });
}

void IceLiteSession::Remember(uint64_t transaction, uint64_t tuple_hash) {
  // A repeated check must not push others out.
  const size_t last = (next_seen_ + kMaxSeen - 1) % kMaxSeen;
  if (seen_[last].transaction == transaction && seen_[last].tuple_hash == tuple_hash) return;
  seen_[next_seen_] = {transaction, tuple_hash};
  next_seen_ = (next_seen_ + 1) % kMaxSeen;
}

bool IceLiteSession::IsNomination(const StunRequest& request) {
  // With renomination the number tells old from new, whatever else is said.
  if (!request.nomination) return request.use_candidate;
  if (*request.nomination < nomination_) return false;
  nomination_ = *request.nomination;
  return true;
}

void IceLiteSession::OnCheck(const IceTuple& tuple, uint64_t hash, const StunRequest& request,
                             DatagramSender& via, Timestamp now) {
  if (request.local_fragment() == parameters_.username_fragment) ForgetOldParameters();
  Remember(request.transaction, hash);
  IceTupleEntry* const entry = FindOrAdd(tuple, hash, via);
  entry->last_check = now;
  if (IsNomination(request)) {
    if (MayMoveTo(entry, now)) Change(entry, IceState::kCompleted, now);
    return;
  }
  // Until something is nominated, the first path serves.
  if (selected_ == nullptr) Change(entry, IceState::kConnected, now);
}

IceTupleEntry* IceLiteSession::FindOrAdd(const IceTuple& tuple, uint64_t hash,
                                         DatagramSender& via) {
  for (const auto& entry : tuples_) {
    if (entry->hash == hash && entry->tuple == tuple) {
      entry->via = &via;
      return entry.get();
    }
  }
  if (tuples_.size() == kMaxTuples) Evict();
  auto entry = std::make_unique<IceTupleEntry>();
  entry->tuple = tuple;
  entry->hash = hash;
  entry->via = &via;
  entry->session = this;
  demux_.AddTuple(entry.get());
  tuples_.push_back(std::move(entry));
  return tuples_.back().get();
}

// The selected tuple stays; of the others that goes which was checked least recently.
void IceLiteSession::Evict() {
  IceTupleEntry* oldest = nullptr;
  for (const auto& entry : tuples_) {
    if (entry.get() == selected_) continue;
    if (oldest == nullptr || entry->last_check < oldest->last_check) oldest = entry.get();
  }
  if (oldest != nullptr) Remove(oldest);
}

void IceLiteSession::Remove(IceTupleEntry* entry) {
  demux_.RemoveTuple(entry);
  if (entry == selected_) selected_ = nullptr;
  std::erase_if(tuples_, [entry](const auto& owned) { return owned.get() == entry; });
}

void IceLiteSession::RemoveAll() {
  selected_ = nullptr;
  for (const auto& entry : tuples_) demux_.RemoveTuple(entry.get());
  tuples_.clear();
}

IceTupleEntry* IceLiteSession::Freshest() const {
  IceTupleEntry* freshest = nullptr;
  for (const auto& entry : tuples_) {
    if (freshest == nullptr || entry->last_check > freshest->last_check) freshest = entry.get();
  }
  return freshest;
}

void IceLiteSession::OnPathLost(IceTupleEntry* entry, Timestamp now) {
  const bool was_selected = entry == selected_;
  Remove(entry);
  if (!was_selected) return;
  IceTupleEntry* const next = Freshest();
  Change(next, next != nullptr ? state_ : IceState::kDisconnected, now);
}

void IceLiteSession::OnAuthenticatedData(const IceTuple& tuple, Timestamp now) {
  if (state_ != IceState::kConnected || selected_->tuple == tuple) return;
  IceTupleEntry* const entry = demux_.tuples_.Find(tuple);
  if (entry == nullptr || entry->session != this || !MayMoveTo(entry, now)) return;
  Change(entry, state_, now);
}

bool IceLiteSession::MayMoveTo(const IceTupleEntry* entry, Timestamp now) {
  if (selected_ == nullptr || selected_ == entry) return true;
  if (moves_.Count(now) >= kMaxMoves) return false;
  moves_.Add(now);
  return true;
}

Timestamp IceLiteSession::NextDeadline() const {
  if (selected_ == nullptr || consent_timeout_ == TimeDelta::Zero()) return Timestamp::Never();
  return selected_->last_check + consent_timeout_;
}

void IceLiteSession::HandleTimeout(Timestamp now) {
  if (NextDeadline() > now) return;
  // Another path may be alive: the peer checks all of them.
  IceTupleEntry* const next = Freshest();
  if (next->last_check + consent_timeout_ > now) return Change(next, state_, now);
  RemoveAll();
  Change(nullptr, IceState::kDisconnected, now);
}

void IceLiteSession::Change(IceTupleEntry* selected, IceState state, Timestamp now) {
  const bool new_state = std::exchange(state_, state) != state;
  const bool new_tuple = selected != selected_ || selected == nullptr;
  selected_ = selected;
  bool destroyed = false;
  bool* const outer = std::exchange(destroyed_, &destroyed);
  if (new_tuple) observer_.OnIceSelectedTuple(selected_tuple(), now);
  if (!destroyed && new_state && state_ == state) observer_.OnIceState(state, now);
  if (destroyed) {
    if (outer != nullptr) *outer = true;
    return;
  }
  destroyed_ = outer;
}

}  // namespace sfu

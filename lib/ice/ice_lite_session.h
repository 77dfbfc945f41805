// ICE-lite (RFC 8445, section 2.5): we have public addresses, send no checks, and let the peer
// choose the path. It may nominate regularly, aggressively or again and again; the last nomination
// counts, and until there is one, the path of the first valid check.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ice/ice_credentials.h"
#include "ice/ice_demux.h"
#include "ice/ice_session.h"
#include "ice/stun_limiter.h"
#include "ice/stun_request.h"

namespace sfu {

struct IceLiteOptions {
  IceCredentials credentials;
  std::vector<IceCandidate> candidates;
  // Without a valid check for so long, the peer's consent to receive has expired (RFC 7675, section
  // 5.1). 10 s to 60 s; zero: it never does.
  TimeDelta consent_timeout = TimeDelta::Seconds(30);
};

class IceLiteSession final : public IceSession {
 public:
  static constexpr size_t kMaxTuples = 8;
  // Wrong checks per second that are looked at, from addresses without a valid one.
  static constexpr uint32_t kMaxFailures = 1000;
  // So often per second the peer may move media from one path to another. Each time the application
  // is told; who nominates without end must not flood it.
  static constexpr uint32_t kMaxMoves = 20;
  static constexpr TimeDelta kMinConsentTimeout = TimeDelta::Seconds(10);
  static constexpr TimeDelta kMaxConsentTimeout = TimeDelta::Seconds(60);

  // `demux` and `observer` must outlive it. Fails when an option is wrong, or the user name
  // fragment is in use.
  static Result<std::unique_ptr<IceLiteSession>> Create(IceDemux& demux,
                                                        const IceLiteOptions& options,
                                                        IceObserver& observer);
  ~IceLiteSession() override;

  // IceSession. A lite agent has no use for the peer's parameters and candidates; they are checked
  // no further.
  const IceParameters& local_parameters() const override { return parameters_; }
  std::span<const IceCandidate> local_candidates() const override { return candidates_; }
  Status SetRemoteParameters(const IceParameters& parameters) override;
  Status AddRemoteCandidate(const IceCandidate& candidate) override;
  Status Restart(const IceCredentials& credentials) override;
  IceState state() const override { return state_; }
  std::optional<IceTuple> selected_tuple() const override;
  DatagramSender& sender() override { return sender_; }
  void OnAuthenticatedData(const IceTuple& tuple, Timestamp now) override;
  Timestamp NextDeadline() const override;
  void HandleTimeout(Timestamp now) override;
  void Close() override;

  size_t tuple_count() const { return tuples_.size(); }
  IceObserver& observer() const { return observer_; }

 private:
  friend class IceDemux;

  // To wherever the selected tuple leads.
  class Sender final : public DatagramSender {
   public:
    explicit Sender(const IceLiteSession* session) : session_(session) {}
    MutableBytes Reserve(size_t size) override;
    void Commit(const SocketAddress& to, std::span<const uint16_t> sizes,
                const SocketAddress& from_hint) override;
    bool PrefersEqualSizes() const override;

   private:
    const IceLiteSession* const session_;
  };

  // A check that was seen: a copy of it that comes from elsewhere is somebody's recording.
  struct Seen {
    uint64_t transaction = 0;
    uint64_t tuple_hash = 0;
  };
  static constexpr size_t kMaxSeen = 32;

  IceLiteSession(IceDemux& demux, const IceLiteOptions& options, IceObserver& observer);

  // For the demultiplexer.
  std::string_view PasswordOf(std::string_view fragment) const;
  bool MayTry(Timestamp now) const { return failures_.Count(now) < kMaxFailures; }
  void CountFailure(Timestamp now) { failures_.Add(now); }
  bool IsReplay(uint64_t transaction, uint64_t tuple_hash) const;
  // A valid check came; it is answered already. May destroy this.
  void OnCheck(const IceTuple& tuple, uint64_t hash, const StunRequest& request,
               DatagramSender& via, Timestamp now);
  // The path of `entry` is gone. May destroy this.
  void OnPathLost(IceTupleEntry* entry, Timestamp now);

  void Remember(uint64_t transaction, uint64_t tuple_hash);
  bool IsNomination(const StunRequest& request);
  // Whether the peer may select `entry` now.
  bool MayMoveTo(const IceTupleEntry* entry, Timestamp now);
  void ForgetOldParameters();
  IceTupleEntry* FindOrAdd(const IceTuple& tuple, uint64_t hash, DatagramSender& via);
  void Evict();
  void Remove(IceTupleEntry* entry);
  void RemoveAll();
  IceTupleEntry* Freshest() const;
  // Takes over the selection, tells the observer what has changed. May destroy this.
  void Change(IceTupleEntry* selected, IceState state, Timestamp now);

  IceDemux& demux_;
  IceObserver& observer_;
  const std::vector<IceCandidate> candidates_;
  const TimeDelta consent_timeout_;
  IceParameters parameters_;
  std::optional<IceParameters> old_parameters_;  // after a restart, until the new ones are used
  IceState state_ = IceState::kNew;
  std::vector<std::unique_ptr<IceTupleEntry>> tuples_;
  IceTupleEntry* selected_ = nullptr;
  uint32_t nomination_ = 0;  // the highest seen
  SecondCounter failures_;
  SecondCounter moves_;
  std::array<Seen, kMaxSeen> seen_;
  size_t next_seen_ = 0;
  Sender sender_;
  bool* destroyed_ = nullptr;  // set while the observer is called
};

}  // namespace sfu

// The browser's half of ICE, as far as tests need it: checks one path to an ICE-lite server again
// and again, and nominates it.
#pragma once

#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ice/ice_session.h"
#include "rtp/rtp_header.h"
#include "tests/support/stun_builder.h"

namespace sfu::test {

class ClientIce final : public IceSession {
 public:
  static constexpr TimeDelta kRetry = TimeDelta::Millis(100);      // until a check is answered
  static constexpr TimeDelta kInterval = TimeDelta::Millis(2500);  // afterwards
  using SendFunction = std::function<void(ByteView datagram, const IceTuple& tuple)>;

  // `send` puts a datagram on the network. `server` is what the server has signalled.
  ClientIce(const IceTuple& tuple, const IceParameters& server, IceObserver& observer,
            SendFunction send)
      : tuple_(tuple), server_(server), observer_(observer), sender_(this, std::move(send)) {}

  // --- for the test ---
  void Begin(Timestamp now) { next_check_ = now; }
  // No more checks.
  void Silence() { next_check_ = Timestamp::Never(); }
  // From another address of ours; the server learns of it by the next check.
  void Roam(const SocketAddress& to, Timestamp now) {
    tuple_.local = to;
    next_check_ = now;
  }
  // A NAT gives us another one, and we do not know.
  void Rebind(const SocketAddress& to) { tuple_.local = to; }
  // The server has told other parameters.
  void UseServer(const IceParameters& server, Timestamp now) {
    server_ = server;
    next_check_ = now;
  }
  void set_nominate(bool nominate) { nominate_ = nominate; }
  const IceTuple& tuple() const { return tuple_; }
  uint64_t answers() const { return answers_; }

  // What came to tuple().local in one wake-up.
  void Receive(std::vector<std::vector<uint8_t>>& datagrams, Timestamp now) {
    std::vector<ReceivedDatagram> media;
    for (std::vector<uint8_t>& bytes : datagrams) {
      switch (ClassifyDatagram(bytes)) {
        case DatagramKind::kStun:
          OnStun(bytes, now);
          break;
        case DatagramKind::kDtls:
          observer_.OnDtls(bytes, tuple_, now);
          break;
        default:
          media.push_back({bytes, tuple_.remote, tuple_.local});
      }
    }
    if (!media.empty()) observer_.OnMedia(media, tuple_, now);
    observer_.OnDatagramsDone(now);
  }

  // IceSession
  const IceParameters& local_parameters() const override { return local_; }
  std::span<const IceCandidate> local_candidates() const override { return {}; }
  Status SetRemoteParameters(const IceParameters& parameters) override {
    server_ = parameters;
    return OkStatus();
  }
  Status AddRemoteCandidate(const IceCandidate&) override { return OkStatus(); }
  Status Restart(const IceCredentials&) override { return Error{"", "not by this side"}; }
  IceState state() const override { return state_; }
  std::optional<IceTuple> selected_tuple() const override {
    return state_ == IceState::kCompleted ? std::optional(tuple_) : std::nullopt;
  }
  DatagramSender& sender() override { return sender_; }
  void OnAuthenticatedData(const IceTuple&, Timestamp) override {}
  Timestamp NextDeadline() const override { return next_check_; }
  void HandleTimeout(Timestamp now) override {
    if (now < next_check_) return;
    next_check_ = now + kRetry;
    sender_.Send(MakeCheck(server_.username_fragment, server_.password, ++transaction_,
                           {.use_candidate = nominate_}));
  }
  void Close() override {
    state_ = IceState::kClosed;
    next_check_ = Timestamp::Never();
  }

 private:
  class Sender final : public DatagramSender {
   public:
    Sender(const ClientIce* ice, SendFunction send) : ice_(ice), send_(std::move(send)) {}
    MutableBytes Reserve(size_t size) override {
      if (!ice_->selected_tuple()) return {};
      space_.resize(size);
      return space_;
    }
    void Commit(const SocketAddress&, std::span<const uint16_t> sizes,
                const SocketAddress&) override {
      size_t at = 0;
      for (const uint16_t size : sizes) {
        Send(ByteView(space_).subspan(at, size));
        at += size;
      }
    }
    bool PrefersEqualSizes() const override { return false; }
    void Send(ByteView datagram) { send_(datagram, ice_->tuple_); }

   private:
    const ClientIce* const ice_;
    const SendFunction send_;
    std::vector<uint8_t> space_;
  };

  void OnStun(ByteView datagram, Timestamp now) {
    const StunReply reply = ReadReply(datagram, server_.password);
    if (reply.type != 0x0101 || !reply.has_integrity) return;
    ++answers_;
    if (reply.transaction == transaction_ && !next_check_.is_never()) {
      next_check_ = now + kInterval;
    }
    if (state_ != IceState::kNew) return;
    state_ = IceState::kCompleted;
    observer_.OnIceSelectedTuple(tuple_, now);
    observer_.OnIceState(state_, now);
  }

  IceTuple tuple_;
  IceParameters server_;
  IceObserver& observer_;
  Sender sender_;
  const IceParameters local_{"remote", "PasswordOf24Characters99", false};
  IceState state_ = IceState::kNew;
  Timestamp next_check_ = Timestamp::Never();
  uint64_t transaction_ = 0;
  uint64_t answers_ = 0;
  bool nominate_ = true;
};

}  // namespace sfu::test

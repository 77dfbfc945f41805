// What the tests of ice/ share: a path that remembers what was sent, an observer that remembers
// what it was told, and a shared port with sessions.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ice/ice_demux.h"
#include "ice/ice_lite_session.h"
#include "tests/support/stun_builder.h"

namespace sfu::test {

inline SocketAddress Address(std::string_view text) { return *SocketAddress::Parse(text); }

// "192.0.2.9:1000" of host "192.0.2.9" and port 1000.
inline std::string At(std::string_view host, int port) {
  return std::string(host).append(1, ':').append(std::to_string(port));
}

inline std::string Text(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

class RecordingPath : public DatagramSender {
 public:
  struct Sent {
    std::string bytes;
    SocketAddress to;
    SocketAddress from;
  };

  MutableBytes Reserve(size_t size) override {
    space_.resize(size);
    return space_;
  }
  void Commit(const SocketAddress& to, std::span<const uint16_t> sizes,
              const SocketAddress& from) override {
    size_t at = 0;
    for (const uint16_t size : sizes) {
      sent.push_back({Text(ByteView(space_).subspan(at, size)), to, from});
      at += size;
    }
  }
  bool PrefersEqualSizes() const override { return true; }

  std::vector<Sent> sent;

 private:
  std::vector<uint8_t> space_;
};

class RecordingObserver : public IceObserver {
 public:
  void OnIceState(IceState state, Timestamp) override {
    Note(std::string("state ").append(IceStateName(state)));
  }
  void OnIceSelectedTuple(const std::optional<IceTuple>& tuple, Timestamp) override {
    Note(std::string("tuple ").append(tuple ? tuple->remote.ToString() : "none"));
  }
  void OnDtls(MutableBytes datagram, const IceTuple&, Timestamp) override {
    Note(std::string("dtls ").append(Text(datagram.subspan(1))));
  }
  void OnMedia(std::span<ReceivedDatagram> datagrams, const IceTuple& tuple, Timestamp) override {
    std::string note = "media";
    for (const ReceivedDatagram& datagram : datagrams) {
      EXPECT_EQ(datagram.from, tuple.remote);
      note.append(1, ' ').append(Text(ByteView(datagram.bytes).subspan(1)));
    }
    Note(note);
  }
  void OnDatagramsDone(Timestamp) override { Note("done"); }

  // What happened since the last call.
  std::vector<std::string> Take() { return std::exchange(events_, {}); }

  // Called after each event.
  std::function<void(const std::string& event)> hook;

 private:
  void Note(const std::string& event) {
    events_.push_back(event);
    if (hook) hook(event);
  }
  std::vector<std::string> events_;
};

using Events = std::vector<std::string>;

inline IceCredentials Credentials(std::string fragment) {
  return {std::move(fragment), "PasswordOf24Characters00"};
}

class SharedPortTest : public ::testing::Test {
 protected:
  static constexpr std::string_view kFragment = "abcd";
  static constexpr std::string_view kLocal = "192.0.2.1:4000";

  std::unique_ptr<IceLiteSession> MakeSession(IceObserver& observer, std::string_view fragment,
                                              TimeDelta consent = TimeDelta::Seconds(30)) {
    IceLiteOptions options;
    options.credentials = Credentials(std::string(fragment));
    options.consent_timeout = consent;
    auto session = IceLiteSession::Create(demux_, options, observer);
    EXPECT_TRUE(session.ok());
    return session.ok() ? std::move(session).value() : nullptr;
  }

  static std::string Password() { return Credentials("").password; }

  // Adds a datagram to the batch that Deliver() hands over.
  void Push(std::string_view from, std::vector<uint8_t> bytes) {
    pending_.push_back({std::move(bytes), Address(from)});
  }
  void Push(std::string_view from, char first_byte, std::string_view rest) {
    std::string bytes(1, first_byte);
    bytes += rest;
    Push(from, std::vector<uint8_t>(bytes.begin(), bytes.end()));
  }
  void PushCheck(std::string_view from, const CheckOptions& options = {},
                 std::string_view fragment = kFragment) {
    Push(from, MakeCheck(fragment, Password(), ++transaction_, options));
  }
  void Deliver(IceProtocol protocol = IceProtocol::kUdp) {
    std::vector<ReceivedDatagram> batch;
    for (auto& [bytes, from] : pending_) batch.push_back({bytes, from, Address(kLocal)});
    demux_.OnDatagrams(batch, protocol, protocol == IceProtocol::kUdp ? udp_ : tcp_, now_);
    pending_.clear();
  }
  void Check(std::string_view from, const CheckOptions& options = {}) {
    PushCheck(from, options);
    Deliver();
  }
  void Advance(TimeDelta span) { now_ += span; }
  StunReply LastReply() {
    const std::string& bytes = udp_.sent.back().bytes;
    return ReadReply({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, Password());
  }
  uint64_t Drops(DropReason reason) const { return demux_.drops()[reason]; }

  struct Pending {
    std::vector<uint8_t> bytes;
    SocketAddress from;
  };

  IceDemux demux_{SipKey{1, 2}};
  RecordingPath udp_;
  RecordingPath tcp_;
  RecordingObserver observer_;
  Timestamp now_ = Timestamp::FromMillis(1'000'000);
  uint64_t transaction_ = 0;
  std::vector<Pending> pending_;
};

}  // namespace sfu::test

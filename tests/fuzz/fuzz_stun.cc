// A shared port with two sessions. The input is steps: flags (one byte), a size (two bytes), bytes.
// Flags: bit 0: the bytes are the attributes of a check, completed with a right MESSAGE-INTEGRITY
// and FINGERPRINT; bits 1 to 4: the peer's port; bit 5: by TCP; bit 6: the tuple's connection is
// closed; bit 7: five seconds pass. Whatever comes: nobody gets more than he sent before he has
// proved who he is, without proof nothing changes, and bounds hold.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fuzz_check.h"
#include "ice/ice_demux.h"
#include "ice/ice_lite_session.h"
#include "tests/support/stun_builder.h"

namespace {

using namespace sfu;  // NOLINT: a program, not a library

constexpr const char* kPassword = "PasswordOf24Characters00";

class CountingPath : public DatagramSender {
 public:
  MutableBytes Reserve(size_t size) override { return MutableBytes(space_).first(size); }
  void Commit(const SocketAddress& to, std::span<const uint16_t> sizes,
              const SocketAddress&) override {
    for (const uint16_t size : sizes) {
      FUZZ_CHECK(size >= 20 && size <= space_.size() && to.is_set());
      sent += size;
    }
  }
  bool PrefersEqualSizes() const override { return false; }

  size_t sent = 0;

 private:
  std::vector<uint8_t> space_ = std::vector<uint8_t>(StunResponder::kMaxReply);
};

class CheckingObserver : public IceObserver {
 public:
  void OnIceState(IceState state, Timestamp) override {
    FUZZ_CHECK(state != IceState::kNew && state != IceState::kClosed);
    ++events;
  }
  void OnIceSelectedTuple(const std::optional<IceTuple>&, Timestamp) override { ++events; }
  void OnDtls(MutableBytes datagram, const IceTuple&, Timestamp) override {
    FUZZ_CHECK(datagram.size() >= 2);
  }
  void OnMedia(std::span<ReceivedDatagram> datagrams, const IceTuple&, Timestamp) override {
    FUZZ_CHECK(!datagrams.empty());
  }
  void OnDatagramsDone(Timestamp) override {}

  size_t events = 0;
};

class Port {
 public:
  Port() {
    for (size_t i = 0; i < sessions_.size(); ++i) {
      IceLiteOptions options;
      options.credentials = {i == 0 ? "abcd" : "efgh", kPassword};
      sessions_[i] = IceLiteSession::Create(demux_, options, observer_).value();
    }
  }

  void Step(uint8_t flags, std::vector<uint8_t> bytes) {
    const IceProtocol protocol = (flags & 0x20) != 0 ? IceProtocol::kTcp : IceProtocol::kUdp;
    const SocketAddress local = SocketAddress::Ipv4({192, 0, 2, 1}, 4000);
    const SocketAddress remote =
        SocketAddress::Ipv4({192, 0, 2, 2}, static_cast<uint16_t>(1000 + (flags >> 1 & 15)));
    if ((flags & 0x80) != 0) now_ += TimeDelta::Seconds(5);
    for (const auto& session : sessions_) {
      if (session->NextDeadline() <= now_) session->HandleTimeout(now_);
      FUZZ_CHECK(session->NextDeadline() > now_);
    }
    if ((flags & 0x40) != 0) demux_.OnPathClosed({protocol, local, remote}, now_);
    const bool proved = (flags & 1) != 0;
    if (proved) bytes = Complete(std::move(bytes));
    const size_t events = observer_.events;
    const size_t sent = path_.sent;
    ReceivedDatagram datagram{bytes, remote, local};
    demux_.OnDatagrams(std::span(&datagram, 1), protocol, path_, now_);
    if (!proved) {
      FUZZ_CHECK(path_.sent - sent <= bytes.size());
      FUZZ_CHECK(observer_.events == events);
    }
    size_t tuples = 0;
    for (const auto& session : sessions_) {
      FUZZ_CHECK(session->tuple_count() <= IceLiteSession::kMaxTuples);
      tuples += session->tuple_count();
    }
    FUZZ_CHECK(tuples == demux_.tuple_count());
  }

 private:
  std::vector<uint8_t> Complete(std::vector<uint8_t> attributes) {
    test::StunBuilder builder(++transaction_);
    builder.Append(attributes);
    return builder.Integrity(kPassword).Fingerprint().bytes();
  }

  IceDemux demux_{SipKey{1, 2}};
  CheckingObserver observer_;
  CountingPath path_;
  std::array<std::unique_ptr<IceLiteSession>, 2> sessions_;
  Timestamp now_ = Timestamp::FromMillis(1000);
  uint64_t transaction_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Port port;
  ByteReader reader(ByteView(data, size));
  while (reader.remaining() >= 3) {
    const uint8_t flags = reader.U8();
    const ByteView bytes = reader.Bytes(std::min<size_t>(reader.U16(), reader.remaining()));
    port.Step(flags, {bytes.begin(), bytes.end()});
  }
  return 0;
}

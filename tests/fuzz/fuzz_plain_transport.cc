// A whole plain transport. Byte 0: bit 0: with SRTP; bit 1: the datagrams are protected for it;
// bit 2: comedia; bit 3: not connected. Then, again and again: milliseconds to the datagram (one
// byte; the top bit: it comes from a stranger), its size (two bytes), its bytes. Whatever comes,
// deadlines move on and what is sent fits.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fuzz_check.h"
#include "fuzz_streams.h"
#include "transport/plain_transport.h"

namespace {

using namespace sfu;  // NOLINT: a program, not a library

class CheckingSocket : public fuzz::MemorySocket {
 public:
  void Commit(const SocketAddress& to, std::span<const uint16_t> sizes,
              const SocketAddress&) override {
    for (const uint16_t size : sizes) FUZZ_CHECK(size > 0 && size <= kMaxDatagramSize);
    FUZZ_CHECK(sizes.empty() || to.is_set());
  }
};

SrtpKey Key(uint8_t fill) {
  const std::vector<uint8_t> keying(GetSrtpSuiteInfo(SrtpSuite::kAeadAes128Gcm).keying_size(),
                                    fill);
  return MakeSrtpKey(SrtpSuite::kAeadAes128Gcm, keying).value();
}

class Room {
 public:
  explicit Room(uint8_t mode) : mode_(mode), router_(1) {
    RtpSessionEnvironment environment;
    environment.pool = &pool_;
    const bool comedia = (mode & 4) != 0;
    transport_ = std::make_unique<PlainTransport>(PlainTransportOptions{.comedia = comedia},
                                                  environment, &socket_, &socket_);
    PlainConnectOptions connect;
    if (!comedia) connect.rtp = peer_;
    if ((mode & 1) != 0) {
      connect.receive_key = Key(1);
      connect.send_key = Key(2);
      remote_ = NewSrtpSender(Key(1)).value();
    }
    if ((mode & 8) == 0 || (mode & 1) != 0) FUZZ_CHECK(transport_->Connect(connect).ok());
    fuzz::AddCall(*transport_, router_, now_);
  }

  void Receive(std::vector<uint8_t> bytes, bool stranger) {
    if ((mode_ & 3) == 3) fuzz::ProtectAsPeer(*remote_, &bytes);
    ReceivedDatagram datagram{bytes, stranger ? stranger_ : peer_, {}};
    transport_->rtp_input().OnDatagrams(std::span(&datagram, 1), now_);
    FUZZ_CHECK(transport_->session().sync_group_count() <= 4);
  }

  void Advance(int ms) {
    fuzz::Advance(ms, *transport_, router_, &now_, [] {});
  }

 private:
  const uint8_t mode_;
  const SocketAddress peer_ = SocketAddress::Ipv4({10, 0, 0, 1}, 4000);
  const SocketAddress stranger_ = SocketAddress::Ipv4({10, 0, 0, 2}, 4000);
  Timestamp now_ = Timestamp::FromMillis(10'000);
  RtpPacketPool pool_;
  CheckingSocket socket_;
  Router router_;
  std::unique_ptr<PlainTransport> transport_;
  std::unique_ptr<SrtpSender> remote_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  Room room(data[0]);
  ByteReader reader(ByteView(data + 1, size - 1));
  while (reader.remaining() >= 3) {
    const uint8_t step = reader.U8();
    const size_t length = std::min<size_t>(reader.U16(), reader.remaining());
    const ByteView bytes = reader.Bytes(length);
    room.Advance((step & 0x7f) * (step & 0x7f) / 4);
    room.Receive({bytes.begin(), bytes.end()}, (step & 0x80) != 0);
  }
  room.Advance(2000);
  return 0;
}

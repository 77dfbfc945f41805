// A whole WebRTC transport behind a shared port. Byte 0: bit 0: DTLS is connected; bit 1: media is
// protected for it; bit 2: not even ICE is connected; bit 3: DTLS waits for Connect(). Then, again
// and again: time to the datagram (one byte: its square times four in milliseconds; the top bit: it
// comes from a stranger), its size (two bytes; the top bit: it goes as DTLS data; the next: there
// is an ICE restart before), its bytes. No bytes: a valid check that nominates, so the stranger
// becomes the peer. Whatever comes, deadlines move on, what is sent fits, media is never sent
// before DTLS is connected, and an address that no valid check came from gets no more than it has
// sent.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fuzz_check.h"
#include "fuzz_streams.h"
#include "ice/ice_demux.h"
#include "ice/ice_lite_session.h"
#include "tests/support/stun_builder.h"
#include "transport/webrtc_transport.h"

namespace {

using namespace sfu;  // NOLINT: a program, not a library

// One per program: making them costs more than a whole run.
const std::shared_ptr<const DtlsContext>& Context(bool server) {
  static const auto kContexts = [] {
    std::array<std::shared_ptr<const DtlsContext>, 2> contexts;
    for (auto& context : contexts) {
      context = DtlsContext::Create(DtlsCertificate::Generate().value()).value();
    }
    return contexts;
  }();
  return kContexts[server ? 0 : 1];
}

DtlsParameters ParametersOf(bool server) {
  return {server ? DtlsRole::kServer : DtlsRole::kClient,
          Context(server)->certificate().fingerprints()};
}

class Call : private fuzz::MemorySocket, private DtlsSessionListener {
 public:
  explicit Call(uint8_t mode) : router_(1), client_(Context(false), {}, this) {
    RtpSessionEnvironment environment;
    environment.pool = &pool_;
    const auto make = [this](IceObserver& observer) -> Result<std::unique_ptr<IceSession>> {
      auto session = IceLiteSession::Create(demux_, {.credentials = NewCredentials()}, observer);
      if (!session) return session.error();
      ice_ = session.value().get();
      return std::unique_ptr<IceSession>(std::move(session).value());
    };
    transport_ = WebRtcTransport::Create({}, environment, Context(true), make, nullptr).value();
    fuzz::AddCall(*transport_, router_, now_);
    if ((mode & 4) != 0) return;
    Check(peer_);
    if ((mode & 8) == 0) FUZZ_CHECK(transport_->Connect(ParametersOf(false), now_).ok());
    if ((mode & 1) == 0) return;
    FUZZ_CHECK(client_.Connect(ParametersOf(true), now_).ok());
    client_.Start(now_);
    Exchange();
    FUZZ_CHECK(client_.state() == DtlsState::kConnected);
    FUZZ_CHECK(transport_->connected() == ((mode & 8) == 0));
    if ((mode & 2) != 0) remote_ = NewSrtpSender(client_.TakeSrtpKeys()->send).value();
  }

  void Receive(std::vector<uint8_t> bytes, uint8_t step, uint16_t flags) {
    const SocketAddress& from = (step & 0x80) != 0 ? stranger_ : peer_;
    if ((flags & 0x4000) != 0) FUZZ_CHECK(transport_->RestartIce(NewCredentials()).ok());
    if (bytes.empty()) return Check(from);
    if ((flags & 0x8000) != 0) {
      client_.SendData(bytes);
    } else {
      if (remote_) fuzz::ProtectAsPeer(*remote_, &bytes);
      Deliver(std::move(bytes), from);
    }
    Exchange();
  }

  void Advance(int ms) {
    fuzz::Advance(ms, *transport_, router_, &now_, [this] { Exchange(); });
  }

  void Close() {
    transport_->Close();
    FUZZ_CHECK(transport_->NextDeadline().is_never() && demux_.tuple_count() == 0);
  }

 private:
  struct Account {
    bool valid = false;
    size_t sent = 0;      // bytes from it
    size_t received = 0;  // bytes to it
  };

  IceCredentials NewCredentials() {
    fragment_ = std::to_string(1000 + ++fragments_);
    return {fragment_, "PasswordOf24Characters00"};
  }
  void Check(const SocketAddress& from) {
    const auto check = test::MakeCheck(fragment_, "PasswordOf24Characters00", ++transaction_,
                                       {.use_candidate = true});
    accounts_[from].valid = true;
    Deliver(check, from);
  }
  void Deliver(std::vector<uint8_t> bytes, const SocketAddress& from) {
    accounts_[from].sent += bytes.size();
    ReceivedDatagram datagram{bytes, from, local_};
    demux_.OnDatagrams(std::span(&datagram, 1), IceProtocol::kUdp, *this, now_);
    FUZZ_CHECK(ice_->tuple_count() <= IceLiteSession::kMaxTuples);
  }

  // Lets the two ends of DTLS talk until they have nothing more to say.
  void Exchange() {
    for (int rounds = 0; !to_client_.empty() || !to_server_.empty(); ++rounds) {
      FUZZ_CHECK(rounds < 1000);
      if (!to_client_.empty()) {
        const std::vector<uint8_t> datagram = std::move(to_client_.front());
        to_client_.pop_front();
        client_.Receive(datagram, now_);
      } else {
        std::vector<uint8_t> datagram = std::move(to_server_.front());
        to_server_.pop_front();
        Deliver(std::move(datagram), peer_);
      }
    }
  }

  // DatagramSender: the server's socket.
  void Commit(const SocketAddress& to, std::span<const uint16_t> sizes,
              const SocketAddress&) override {
    size_t at = 0;
    for (const uint16_t size : sizes) {
      FUZZ_CHECK(size > 0 && size <= kMaxDatagramSize && to.is_set());
      const ByteView datagram = space().subspan(at, size);
      at += size;
      Account& account = accounts_[to];
      account.received += size;
      FUZZ_CHECK(account.valid || account.received <= account.sent);
      const DatagramKind kind = ClassifyDatagram(datagram);
      FUZZ_CHECK(kind == DatagramKind::kStun || account.valid);
      if (kind == DatagramKind::kRtp || kind == DatagramKind::kRtcp) {
        FUZZ_CHECK(transport_->dtls_state() == DtlsState::kConnected);
      }
      if (kind == DatagramKind::kDtls) to_client_.emplace_back(datagram.begin(), datagram.end());
    }
  }

  // DtlsSessionListener: the client's.
  void SendDtls(ByteView datagram) override {
    to_server_.emplace_back(datagram.begin(), datagram.end());
  }
  void OnDtlsData(ByteView) override {}
  void OnDtlsStateChange(DtlsState) override {}

  const SocketAddress local_ = SocketAddress::Ipv4({10, 0, 0, 9}, 4000);
  const SocketAddress peer_ = SocketAddress::Ipv4({10, 0, 0, 1}, 4000);
  const SocketAddress stranger_ = SocketAddress::Ipv4({10, 0, 0, 2}, 4000);
  Timestamp now_ = Timestamp::FromMillis(10'000);
  RtpPacketPool pool_;
  std::unordered_map<SocketAddress, Account> accounts_;
  std::deque<std::vector<uint8_t>> to_client_;  // DTLS that is under way
  std::deque<std::vector<uint8_t>> to_server_;
  std::string fragment_;
  int fragments_ = 0;
  uint64_t transaction_ = 0;
  IceDemux demux_{SipKey{1, 2}};
  IceLiteSession* ice_ = nullptr;  // the transport's
  Router router_;
  DtlsSession client_;
  std::unique_ptr<WebRtcTransport> transport_;
  std::unique_ptr<SrtpSender> remote_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  Call call(data[0]);
  ByteReader reader(ByteView(data + 1, size - 1));
  while (reader.remaining() >= 3) {
    const uint8_t step = reader.U8();
    const uint16_t word = reader.U16();
    const ByteView bytes = reader.Bytes(std::min<size_t>(word & 0x3fff, reader.remaining()));
    call.Advance((step & 0x7f) * (step & 0x7f) * 4);
    call.Receive({bytes.begin(), bytes.end()}, step, word);
  }
  call.Advance(2000);
  call.Close();
  return 0;
}

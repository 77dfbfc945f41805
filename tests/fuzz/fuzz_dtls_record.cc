// A DTLS session between an honest peer and somebody who sends what he likes. Byte 0: bit 0: it is
// the client; bits 1-3: how many flights of the handshake have gone well before; bit 4: connect()
// was not called yet; bit 5: the datagrams are application data that the honest peer sends. Then,
// again and again: the size of a datagram (two bytes), its bytes. Whatever comes: what is sent
// keeps to the MTU, timers come to an end, and what nobody authenticated does not touch an
// association that stands.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "dtls/dtls_session.h"
#include "fuzz_check.h"

namespace {

using namespace sfu;  // NOLINT: a program, not a library

constexpr int kFlights = 4;

std::shared_ptr<const DtlsContext> NewContext() {
  return DtlsContext::Create(DtlsCertificate::Generate().value()).value();
}

class End : public DtlsSessionListener {
 public:
  explicit End(const std::shared_ptr<const DtlsContext>& context) : session(context, {}, this) {}

  void SendDtls(ByteView datagram) override {
    FUZZ_CHECK(!datagram.empty() && datagram.size() <= DtlsSessionOptions().mtu);
    ++sent_count;
    sent.emplace_back(datagram.begin(), datagram.end());
  }
  void OnDtlsData(ByteView bytes) override {
    FUZZ_CHECK(session.state() == DtlsState::kConnected);
    data.emplace_back(bytes.begin(), bytes.end());
  }
  void OnDtlsStateChange(DtlsState) override {}

  std::vector<std::vector<uint8_t>> sent;
  std::vector<std::vector<uint8_t>> data;
  size_t sent_count = 0;
  DtlsSession session;
};

class Association {
 public:
  explicit Association(uint8_t mode)
      : subject_is_client_((mode & 1) != 0), subject_(Context(0)), peer_(Context(1)) {
    Connect(&peer_, 0, subject_is_client_ ? DtlsRole::kClient : DtlsRole::kServer);
    if ((mode & 16) == 0 || subject_is_client_) {
      Connect(&subject_, 1, subject_is_client_ ? DtlsRole::kServer : DtlsRole::kClient);
    }
    peer_.session.Start(now_);
    subject_.session.Start(now_);
    const int flights = std::min(mode >> 1 & 7, kFlights);
    for (int i = 0; i < flights; ++i) Deliver((i % 2 == 0) == subject_is_client_);
    stands_ = flights == kFlights && subject_.session.state() == DtlsState::kConnected;
  }

  void Attack(ByteView datagram) {
    now_ += TimeDelta::Millis(1);
    subject_.session.Receive(datagram, now_);
  }
  void SendHonestly(ByteView data) {
    now_ += TimeDelta::Millis(1);
    if (!peer_.session.SendData(data)) return;
    subject_.session.Receive(peer_.sent.back(), now_);
    if (!stands_) return;
    FUZZ_CHECK(!subject_.data.empty() &&
               std::equal(data.begin(), data.end(), subject_.data.back().begin(),
                          subject_.data.back().end()));
    subject_.data.clear();
  }
  void Finish() {
    FUZZ_CHECK(subject_.data.empty());
    if (stands_) {
      FUZZ_CHECK(subject_.session.state() == DtlsState::kConnected);
      const std::vector<uint8_t> still = {1, 2, 3};
      SendHonestly(still);
    }
    for (int i = 0; i < kFlights; ++i) Deliver(i % 2 == 0);
    for (int i = 0; i < 20 && !subject_.session.NextDeadline().is_never(); ++i) {
      now_ = std::max(now_, subject_.session.NextDeadline());
      subject_.session.HandleTimeout(now_);
    }
    FUZZ_CHECK(subject_.session.NextDeadline().is_never());
    FUZZ_CHECK(subject_.sent_count < 200);
    subject_.session.Close();
    FUZZ_CHECK(subject_.session.state() == DtlsState::kClosed);
  }

 private:
  static const std::shared_ptr<const DtlsContext>& Context(int index) {
    static const std::shared_ptr<const DtlsContext> kContexts[] = {NewContext(), NewContext()};
    return kContexts[index];
  }
  void Connect(End* end, int other, DtlsRole role) {
    const DtlsParameters remote = {role, Context(other)->certificate().fingerprints()};
    FUZZ_CHECK(end->session.Connect(remote, now_).ok());
  }
  void Deliver(bool from_subject) {
    End& from = from_subject ? subject_ : peer_;
    End& to = from_subject ? peer_ : subject_;
    for (const std::vector<uint8_t>& datagram : std::exchange(from.sent, {})) {
      to.session.Receive(datagram, now_);
    }
  }

  const bool subject_is_client_;
  Timestamp now_ = Timestamp::FromMillis(1000);
  End subject_;
  End peer_;
  bool stands_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const bool honest = (data[0] & 32) != 0;
  Association association(data[0]);
  ByteReader reader(ByteView(data + 1, size - 1));
  while (reader.remaining() >= 2) {
    const size_t wanted = reader.U16();
    const ByteView datagram = reader.Bytes(std::min(wanted, reader.remaining()));
    if (honest) {
      association.SendHonestly(datagram);
    } else {
      association.Attack(datagram);
    }
  }
  association.Finish();
  return 0;
}

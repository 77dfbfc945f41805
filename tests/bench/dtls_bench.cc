// What a DTLS handshake costs the server, beside bare OpenSSL: one JSON line.
//
// A client of bare OpenSSL shakes hands with our session and with a bare server in turn, both with
// certificates on P-256, both until the SRTP keys are exported and everything is freed again. Only
// the CPU time that the server spends counts. Targets: 1200 handshakes per CPU-second, and 65 % of
// bare OpenSSL. Arguments: [handshakes].
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dtls/dtls_session.h"
#include "handshake.h"

namespace sfu {
namespace {

using bench::Datagrams;

class OurServer : public bench::HandshakeServer, public DtlsSessionListener {
 public:
  OurServer(const std::shared_ptr<const DtlsContext>& context, const DtlsParameters& remote)
      : session_(context, {}, this) {
    if (!session_.Connect(remote, Timestamp()).ok()) std::abort();
  }
  void Give(Datagrams datagrams) override { given_ = std::move(datagrams); }
  void Run() override {
    for (const auto& datagram : given_) session_.Receive(datagram, Timestamp());
  }
  Datagrams Take() override { return std::exchange(sent_, {}); }
  bool Finish() override { return session_.TakeSrtpKeys().has_value(); }

  void SendDtls(ByteView datagram) override {
    sent_.emplace_back(datagram.begin(), datagram.end());
  }
  void OnDtlsData(ByteView) override {}
  void OnDtlsStateChange(DtlsState) override {}

 private:
  Datagrams given_;
  Datagrams sent_;
  DtlsSession session_;
};

int Run(int handshakes) {
  const auto ours = DtlsCertificate::Generate().value();
  const auto theirs = DtlsCertificate::Generate().value();
  const auto context = DtlsContext::Create(ours).value();
  const DtlsParameters remote = {DtlsRole::kClient, theirs->fingerprints()};
  const auto bare_context = test::NewBareDtlsContext({.server = true, .certificate = ours.get()});
  const auto client_context = test::NewBareDtlsContext({.certificate = theirs.get()});

  return bench::CompareWithBare(
      "dtls", "handshakes", handshakes, client_context.get(),
      [&] { return std::make_unique<OurServer>(context, remote); }, bare_context.get());
}

}  // namespace
}  // namespace sfu

int main(int argc, char** argv) {
  return sfu::Run(argc > 1 ? std::max(10, std::atoi(argv[1])) : 3000);
}

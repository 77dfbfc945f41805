// What a DTLS handshake costs the server, beside bare OpenSSL: one JSON line.
//
// A client of bare OpenSSL shakes hands with our session and with a bare server in turn, both with
// certificates on P-256, both until the SRTP keys are exported and everything is freed again. Only
// the CPU time that the server spends counts. Targets: 1200 handshakes per CPU-second, and 65 % of
// bare OpenSSL. Arguments: [handshakes].
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cpu.h"
#include "dtls/dtls_session.h"
#include "tests/support/bare_dtls.h"

namespace sfu {
namespace {

using test::BareDtls;
using Datagrams = std::vector<std::vector<uint8_t>>;

// Adds the CPU time of its life to `sum`.
class CpuMeter {
 public:
  explicit CpuMeter(TimeDelta* sum) : sum_(sum), start_(bench::ThreadCpuNow()) {}
  ~CpuMeter() { *sum_ += bench::ThreadCpuNow() - start_; }
  CpuMeter(const CpuMeter&) = delete;
  CpuMeter& operator=(const CpuMeter&) = delete;

 private:
  TimeDelta* const sum_;
  const Timestamp start_;
};

class Server {
 public:
  virtual ~Server() = default;
  virtual void Receive(const Datagrams& datagrams) = 0;
  virtual Datagrams Take() = 0;
  // Whether the SRTP keys are there.
  virtual bool Finish() = 0;
};

class OurServer : public Server, public DtlsSessionListener {
 public:
  OurServer(const std::shared_ptr<const DtlsContext>& context, const DtlsParameters& remote)
      : session_(context, {}, this) {
    if (!session_.Connect(remote, Timestamp()).ok()) std::abort();
  }
  void Receive(const Datagrams& datagrams) override {
    for (const auto& datagram : datagrams) session_.Receive(datagram, Timestamp());
  }
  Datagrams Take() override { return std::exchange(sent_, {}); }
  bool Finish() override { return session_.TakeSrtpKeys().has_value(); }

  void SendDtls(ByteView datagram) override {
    sent_.emplace_back(datagram.begin(), datagram.end());
  }
  void OnDtlsData(ByteView) override {}
  void OnDtlsStateChange(DtlsState) override {}

 private:
  Datagrams sent_;
  DtlsSession session_;
};

class BareServer : public Server {
 public:
  explicit BareServer(SSL_CTX* context) : peer_(context, true) {}
  void Receive(const Datagrams& datagrams) override {
    for (const auto& datagram : datagrams) {
      peer_.Give(datagram);
      done_ = peer_.Handshake();
    }
  }
  Datagrams Take() override { return peer_.Take(); }
  bool Finish() override {
    constexpr size_t kSize = 2 * (16 + 12);  // AEAD_AES_128_GCM
    std::vector<uint8_t> material(kSize);
    const std::string label = "EXTRACTOR-dtls_srtp";
    return done_ && SSL_export_keying_material(peer_.ssl(), material.data(), kSize, label.data(),
                                               label.size(), nullptr, 0, 0) == 1;
  }

 private:
  BareDtls peer_;
  bool done_ = false;
};

// One handshake; false if it went wrong. `make` makes the server.
template <typename MakeFunction>
bool ShakeHands(SSL_CTX* client_context, TimeDelta* cpu, const MakeFunction& make) {
  BareDtls client(client_context, false);
  std::unique_ptr<Server> server;
  {
    const CpuMeter meter(cpu);
    server = make();
  }
  bool keys = false;
  for (int flight = 0; flight < 2; ++flight) {
    client.Handshake();
    const Datagrams up = client.Take();
    Datagrams down;
    {
      const CpuMeter meter(cpu);
      server->Receive(up);
      down = server->Take();
      if (flight == 1) {
        keys = server->Finish();
        server.reset();
      }
    }
    for (const auto& datagram : down) client.Give(datagram);
  }
  return client.Handshake() && keys;
}

int Run(int handshakes) {
  const auto ours = DtlsCertificate::Generate().value();
  const auto theirs = DtlsCertificate::Generate().value();
  const auto context = DtlsContext::Create(ours).value();
  const DtlsParameters remote = {DtlsRole::kClient, theirs->fingerprints()};
  const auto bare_context = test::NewBareDtlsContext({.server = true, .certificate = ours.get()});
  const auto client_context = test::NewBareDtlsContext({.certificate = theirs.get()});

  TimeDelta our_cpu;
  TimeDelta bare_cpu;
  bool ok = true;
  for (int i = -handshakes / 10; i < handshakes; ++i) {
    if (i == 0) our_cpu = bare_cpu = TimeDelta();  // warm now
    ok &= ShakeHands(client_context.get(), &our_cpu,
                     [&] { return std::make_unique<OurServer>(context, remote); });
    ok &= ShakeHands(client_context.get(), &bare_cpu,
                     [&] { return std::make_unique<BareServer>(bare_context.get()); });
  }
  const double our_rate = handshakes / our_cpu.seconds();
  const double bare_rate = handshakes / bare_cpu.seconds();
  std::printf(
      "{\"bench\":\"dtls\",\"handshakes\":%d,\"per_cpu_second\":%.0f,"
      "\"bare_per_cpu_second\":%.0f,\"ratio\":%.3f}\n",
      handshakes, our_rate, bare_rate, our_rate / bare_rate);
  return ok ? 0 : 1;
}

}  // namespace
}  // namespace sfu

int main(int argc, char** argv) {
  return sfu::Run(argc > 1 ? std::max(10, std::atoi(argv[1])) : 3000);
}

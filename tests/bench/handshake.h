// A DTLS handshake with a client of bare OpenSSL, of which only what the server spends is counted;
// and the server of bare OpenSSL that others are compared with.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cpu.h"
#include "tests/support/bare_dtls.h"

namespace sfu::bench {

using Datagrams = std::vector<std::vector<uint8_t>>;

// Adds the CPU time of its life to `sum`.
class CpuMeter {
 public:
  explicit CpuMeter(TimeDelta* sum) : sum_(sum), start_(ThreadCpuNow()) {}
  ~CpuMeter() { *sum_ += ThreadCpuNow() - start_; }
  CpuMeter(const CpuMeter&) = delete;
  CpuMeter& operator=(const CpuMeter&) = delete;

 private:
  TimeDelta* const sum_;
  const Timestamp start_;
};

class HandshakeServer {
 public:
  virtual ~HandshakeServer() = default;
  // Puts the client's datagrams where the server finds them. Not counted.
  virtual void Give(Datagrams datagrams) = 0;
  virtual void Run() = 0;
  // What the server has sent. Not counted.
  virtual Datagrams Take() = 0;
  // Whether the SRTP keys are there.
  virtual bool Finish() = 0;
};

class BareServer : public HandshakeServer {
 public:
  explicit BareServer(SSL_CTX* context) : peer_(context, true) {}
  void Give(Datagrams datagrams) override { given_ = std::move(datagrams); }
  void Run() override {
    for (const auto& datagram : given_) {
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
  test::BareDtls peer_;
  Datagrams given_;
  bool done_ = false;
};

// One handshake, until the server has its keys and is gone; false if it went wrong. `make` makes
// the server.
template <typename MakeFunction>
bool ShakeHands(SSL_CTX* client_context, TimeDelta* cpu, const MakeFunction& make) {
  test::BareDtls client(client_context, false);
  std::unique_ptr<HandshakeServer> server;
  {
    const CpuMeter meter(cpu);
    server = make();
  }
  bool keys = false;
  for (int flight = 0; flight < 2; ++flight) {
    client.Handshake();
    server->Give(client.Take());
    {
      const CpuMeter meter(cpu);
      server->Run();
      if (flight == 1) keys = server->Finish();
    }
    for (const auto& datagram : server->Take()) client.Give(datagram);
  }
  {
    const CpuMeter meter(cpu);
    server.reset();
  }
  return client.Handshake() && keys;
}

// `count` handshakes with each of both servers, in turn, after a tenth of that to warm up. Prints
// one line of JSON, in which `unit` says what is counted. Returns the program's exit code.
template <typename MakeOurs>
int CompareWithBare(const char* bench, const char* unit, int count, SSL_CTX* client_context,
                    const MakeOurs& make_ours, SSL_CTX* bare_context) {
  TimeDelta our_cpu;
  TimeDelta bare_cpu;
  bool ok = true;
  for (int i = -count / 10; i < count; ++i) {
    if (i == 0) our_cpu = bare_cpu = TimeDelta();  // warm now
    ok &= ShakeHands(client_context, &our_cpu, make_ours);
    ok &= ShakeHands(client_context, &bare_cpu,
                     [&] { return std::make_unique<BareServer>(bare_context); });
  }
  const double our_rate = count / our_cpu.seconds();
  const double bare_rate = count / bare_cpu.seconds();
  std::printf(
      "{\"bench\":\"%s\",\"%s\":%d,\"per_cpu_second\":%.0f,\"bare_per_cpu_second\":%.0f,"
      "\"ratio\":%.3f}\n",
      bench, unit, count, our_rate, bare_rate, our_rate / bare_rate);
  return ok ? 0 : 1;
}

}  // namespace sfu::bench

// DTLS sessions that talk through emulated networks in virtual time.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dtls/dtls_session.h"
#include "tests/support/network_emulator.h"

namespace sfu::test {

using Datagram = std::vector<uint8_t>;

inline std::shared_ptr<const DtlsContext> NewContext() {
  return DtlsContext::Create(DtlsCertificate::Generate().value()).value();
}

// Certificates are made once: all tests of a program show the same two.
inline const std::shared_ptr<const DtlsContext>& OurContext() {
  static const std::shared_ptr<const DtlsContext> kContext = NewContext();
  return kContext;
}
inline const std::shared_ptr<const DtlsContext>& TheirContext() {
  static const std::shared_ptr<const DtlsContext> kContext = NewContext();
  return kContext;
}

// What a peer with that role and certificate signals.
inline DtlsParameters ParametersOf(const DtlsContext& context, DtlsRole role) {
  return {role, context.certificate().fingerprints()};
}

// One end: a session, and what it has said.
class End : public DtlsSessionListener {
 public:
  explicit End(std::shared_ptr<const DtlsContext> context, const DtlsSessionOptions& options = {})
      : session(std::move(context), options, this) {}

  void SendDtls(ByteView datagram) override {
    sent.emplace_back(datagram.begin(), datagram.end());
    largest = std::max(largest, datagram.size());
    ++sent_count;
  }
  void OnDtlsData(ByteView bytes) override {
    data.emplace_back(bytes.begin(), bytes.end());
    if (on_data) on_data();
  }
  void OnDtlsStateChange(DtlsState state) override { states.push_back(state); }

  std::vector<Datagram> TakeSent() { return std::exchange(sent, {}); }
  uint64_t drops(DropReason reason) const { return session.drops()[reason]; }

  std::vector<Datagram> sent;
  std::vector<Datagram> data;
  std::vector<DtlsState> states;
  std::function<void()> on_data;
  size_t largest = 0;
  size_t sent_count = 0;
  DtlsSession session;
};

// A client and a server, joined by a path in each direction.
class Link {
 public:
  explicit Link(const NetworkOptions& options = {}, const DtlsSessionOptions& client_options = {},
                const DtlsSessionOptions& server_options = {})
      : client(TheirContext(), client_options),
        server(OurContext(), server_options),
        up_(options),
        down_(Reversed(options)) {}

  // Both sides know each other, and the client begins.
  void Connect() {
    EXPECT_TRUE(server.session.Connect(ParametersOf(*TheirContext(), DtlsRole::kClient), now).ok());
    StartClient();
  }
  void StartClient() {
    EXPECT_TRUE(client.session.Connect(ParametersOf(*OurContext(), DtlsRole::kServer), now).ok());
    client.session.Start(now);
  }

  // Runs until nothing is under way and no timer runs, or `span` is over.
  void Run(TimeDelta span = TimeDelta::Seconds(60)) {
    const Timestamp end = now + span;
    Flush();
    while (true) {
      const Timestamp next =
          std::min({up_.NextDeadline(), down_.NextDeadline(), client.session.NextDeadline(),
                    server.session.NextDeadline()});
      if (next.is_never() || next > end) break;
      now = std::max(now, next);
      up_.Poll(now, [&](ByteView bytes, uint64_t) { server.session.Receive(bytes, now); });
      down_.Poll(now, [&](ByteView bytes, uint64_t) { client.session.Receive(bytes, now); });
      client.session.HandleTimeout(now);
      server.session.HandleTimeout(now);
      Flush();
    }
  }

  bool connected() const {
    return client.session.state() == DtlsState::kConnected &&
           server.session.state() == DtlsState::kConnected;
  }

  Timestamp now = Timestamp::FromMillis(1000);
  End client;
  End server;

 private:
  static NetworkOptions Reversed(NetworkOptions options) {
    options.seed += 1000;
    return options;
  }
  void Flush() {
    for (const Datagram& datagram : client.TakeSent()) up_.Send(datagram, now);
    for (const Datagram& datagram : server.TakeSent()) down_.Send(datagram, now);
  }

  NetworkEmulator up_;
  NetworkEmulator down_;
};

// A record as anybody can write it.
inline Datagram RawRecord(uint8_t type, uint16_t epoch, const std::vector<uint8_t>& payload,
                          uint64_t sequence = 0) {
  Datagram record(kDtlsRecordHeaderSize + payload.size());
  record[0] = type;
  StoreBe16(&record[1], 0xfefd);
  StoreBe64(&record[3], uint64_t{epoch} << 48 | sequence);
  StoreBe16(&record[11], static_cast<uint16_t>(payload.size()));
  std::copy(payload.begin(), payload.end(), record.begin() + kDtlsRecordHeaderSize);
  return record;
}

// A handshake fragment in a record of epoch 0.
inline Datagram RawFragment(uint8_t type, uint32_t message_size, uint16_t message_sequence,
                            uint32_t offset, size_t size, uint64_t record_sequence = 0) {
  std::vector<uint8_t> payload(kDtlsHandshakeHeaderSize + size, 0x11);
  payload[0] = type;
  StoreBe24(&payload[1], message_size);
  StoreBe16(&payload[4], message_sequence);
  StoreBe24(&payload[6], offset);
  StoreBe24(&payload[9], static_cast<uint32_t>(size));
  return RawRecord(22, 0, payload, record_sequence);
}

// The ClientHello of a session of ours.
inline Datagram ClientHello() {
  End client(TheirContext());
  EXPECT_TRUE(client.session
                  .Connect(ParametersOf(*OurContext(), DtlsRole::kServer), Timestamp::FromMillis(0))
                  .ok());
  client.session.Start(Timestamp::FromMillis(0));
  EXPECT_EQ(client.sent.size(), 1u);
  return client.sent.empty() ? Datagram() : client.sent[0];
}

// The same message cut into fragments of `size` bytes, a datagram each.
inline std::vector<Datagram> Fragmented(const Datagram& record, size_t size) {
  const ByteView body = ByteView(record).subspan(kDtlsRecordHeaderSize + kDtlsHandshakeHeaderSize);
  const uint8_t* header = &record[kDtlsRecordHeaderSize];
  std::vector<Datagram> datagrams;
  for (size_t offset = 0; offset < body.size(); offset += size) {
    const ByteView part = body.subspan(offset, std::min(size, body.size() - offset));
    Datagram datagram =
        RawFragment(header[0], static_cast<uint32_t>(body.size()), LoadBe16(header + 4),
                    static_cast<uint32_t>(offset), part.size(), datagrams.size());
    std::copy(part.begin(), part.end(),
              datagram.begin() + kDtlsRecordHeaderSize + kDtlsHandshakeHeaderSize);
    datagrams.push_back(std::move(datagram));
  }
  return datagrams;
}

}  // namespace sfu::test

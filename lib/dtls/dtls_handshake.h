// One DTLS handshake by OpenSSL, without sockets or clock.
//
// OpenSSL takes and gives datagrams through a BIO of ours. Its retransmission timer would read the
// wall clock; instead it is held here, on the SFU clock: OpenSSL shows its BIO where it keeps the
// timer, so it is told that the time is far away, and, when our deadline comes, that it is over.
// (OpenSSL 3.2 shows a copy only. There its own clock runs as well, with the same intervals, and
// ours asks again until it agrees.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "dtls/dtls_context.h"
#include "dtls/dtls_parameters.h"
#include "dtls/openssl_handles.h"
#include "dtls/record_cipher.h"
#include "srtp/srtp_parameters.h"

namespace sfu {

// Records packed into datagrams.
using DtlsDatagrams = std::vector<std::vector<uint8_t>>;

// What a handshake has agreed on.
struct DtlsAgreement {
  std::optional<DtlsSrtpKeys> srtp;  // nothing if there is no common SRTP profile
  DtlsWriteKey client_key;           // of epoch 1
  DtlsWriteKey server_key;
  uint64_t next_sequence = 0;  // of the records that we are to send in epoch 1
  uint64_t next_explicit_nonce = 0;
  std::vector<uint8_t> peer_certificate;  // DER
};

class DtlsHandshake {
 public:
  // The largest handshake message that is taken, in bytes. Also those that a datagram may announce
  // and never send: OpenSSL reserves memory for ten at a time.
  static constexpr size_t kMaxMessage = 8192;
  // Until the first retransmission, and the longest time between two. Doubled in between; OpenSSL
  // gives up after twelve.
  static constexpr TimeDelta kFirstInterval = TimeDelta::Millis(100);
  static constexpr TimeDelta kLongestInterval = TimeDelta::Millis(3200);

  enum class Progress : uint8_t { kPending, kDone, kFailed };

  // `role` is kClient or kServer; `mtu` the size of the largest datagram to be sent. nullptr if
  // OpenSSL fails.
  static std::unique_ptr<DtlsHandshake> Create(std::shared_ptr<const DtlsContext> context,
                                               DtlsRole role, size_t mtu);
  static BioMethodHandle NewBioMethod();

  DtlsHandshake(const DtlsHandshake&) = delete;
  DtlsHandshake& operator=(const DtlsHandshake&) = delete;

  // A client's first flight.
  Progress Start(Timestamp now);
  // One record.
  Progress Receive(ByteView record, Timestamp now);
  Timestamp NextDeadline() const { return deadline_; }
  Progress HandleTimeout(Timestamp now);

  // What is to be sent since the last call.
  DtlsDatagrams TakeDatagrams();
  // Changes with each step that the handshake makes.
  int step() const { return SSL_get_state(ssl_.get()); }
  // After kDone. Nothing if OpenSSL fails.
  std::optional<DtlsAgreement> Agreement() const;
  // After kFailed: why, in OpenSSL's words.
  const std::string& failure() const { return failure_; }

 private:
  DtlsHandshake(std::shared_ptr<const DtlsContext> context, size_t mtu);
  Progress Run(Timestamp now);
  Progress Judge(int result);

  static DtlsHandshake* Of(BIO* bio) { return static_cast<DtlsHandshake*>(BIO_get_data(bio)); }
  static int OnWrite(BIO* bio, const char* data, int size);
  static int OnRead(BIO* bio, char* out, int size);
  static long OnControl(BIO* bio, int command, long number, void* pointer);
  static unsigned int NextInterval(SSL* ssl, unsigned int last_us);
  void OnTimer(timeval* timer);
  void Pack(ByteView records);
  void NoteSent(ByteView records);

  const std::shared_ptr<const DtlsContext> context_;
  const size_t mtu_;
  SslHandle ssl_;
  ByteView incoming_;  // valid during Receive()
  DtlsDatagrams outgoing_;
  Timestamp now_;
  Timestamp deadline_ = Timestamp::Never();
  TimeDelta interval_;
  timeval* timer_ = nullptr;  // OpenSSL's own, if it shows it
  uint64_t next_sequence_ = 0;
  uint64_t next_explicit_nonce_ = 0;
  std::string failure_;
};

}  // namespace sfu

// The joint between OpenSSL's DTLS and sans-I/O code.
#include "dtls/dtls_handshake.h"

#include <openssl/crypto.h>
#include <sys/time.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "dtls/dtls_record.h"
#include "dtls/key_export.h"

namespace sfu {
namespace {

// How soon OpenSSL 3.2 is asked again whether its clock says the same as ours.
constexpr TimeDelta kAskAgain = TimeDelta::Millis(20);
// OpenSSL forgets the explicit nonce and the tag of AEAD ciphers when it fills a datagram.
constexpr size_t kUncounted = 8 + kDtlsTagSize;
constexpr time_t kFarAway = std::numeric_limits<time_t>::max() / 2;
constexpr time_t kLongAgo = 1;

// From 3.2 on what OpenSSL shows is a copy, which is gone when the call returns.
bool OpensslShowsItsTimer() { return OPENSSL_version_major() == 3 && OPENSSL_version_minor() < 2; }

}  // namespace

BioMethodHandle DtlsHandshake::NewBioMethod() {
  BioMethodHandle method(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "dtls-handshake"));
  if (method == nullptr || BIO_meth_set_write(method.get(), &OnWrite) != 1 ||
      BIO_meth_set_read(method.get(), &OnRead) != 1 ||
      BIO_meth_set_ctrl(method.get(), &OnControl) != 1) {
    return nullptr;
  }
  return method;
}

DtlsHandshake::DtlsHandshake(std::shared_ptr<const DtlsContext> context, size_t mtu)
    : context_(std::move(context)), mtu_(mtu) {}

std::unique_ptr<DtlsHandshake> DtlsHandshake::Create(std::shared_ptr<const DtlsContext> context,
                                                     DtlsRole role, size_t mtu) {
  const OpensslErrorScope errors;
  std::unique_ptr<DtlsHandshake> handshake(new DtlsHandshake(std::move(context), mtu));
  handshake->ssl_.reset(SSL_new(handshake->context_->ssl_context()));
  BioHandle bio(BIO_new(handshake->context_->bio_method()));
  SSL* ssl = handshake->ssl_.get();
  if (ssl == nullptr || bio == nullptr) return nullptr;
  BIO_set_data(bio.get(), handshake.get());
  BIO_set_init(bio.get(), 1);
  BIO* owned = bio.release();
  SSL_set_bio(ssl, owned, owned);
  SSL_set_app_data(ssl, handshake.get());
  DTLS_set_timer_cb(ssl, &NextInterval);
  SSL_set_mtu(ssl, static_cast<long>(mtu - kUncounted));
  if (role == DtlsRole::kClient) {
    SSL_set_connect_state(ssl);
  } else {
    SSL_set_accept_state(ssl);
  }
  return handshake;
}

DtlsHandshake::Progress DtlsHandshake::Start(Timestamp now) { return Run(now); }

DtlsHandshake::Progress DtlsHandshake::Receive(ByteView record, Timestamp now) {
  incoming_ = record;
  const Progress progress = Run(now);
  incoming_ = {};
  return progress;
}

DtlsHandshake::Progress DtlsHandshake::HandleTimeout(Timestamp now) {
  if (now < deadline_) return Progress::kPending;
  const OpensslErrorScope errors;
  now_ = now;
  deadline_ = now + kAskAgain;
  if (timer_ != nullptr) timer_->tv_sec = kLongAgo;
  if (DTLSv1_handle_timeout(ssl_.get()) >= 0) return Progress::kPending;
  return Judge(-1);
}

DtlsHandshake::Progress DtlsHandshake::Run(Timestamp now) {
  const OpensslErrorScope errors;
  now_ = now;
  return Judge(SSL_do_handshake(ssl_.get()));
}

DtlsHandshake::Progress DtlsHandshake::Judge(int result) {
  if (result == 1) return Progress::kDone;
  if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ) return Progress::kPending;
  failure_ = OpensslErrorScope::Reason();
  return Progress::kFailed;
}

DtlsDatagrams DtlsHandshake::TakeDatagrams() { return std::exchange(outgoing_, {}); }

std::optional<DtlsAgreement> DtlsHandshake::Agreement() const {
  const OpensslErrorScope errors;
  DtlsAgreement agreement;
  if (!ExportDtlsRecordKeys(ssl_.get(), &agreement.client_key, &agreement.server_key)) {
    return std::nullopt;
  }
  agreement.srtp = ExportDtlsSrtpKeys(ssl_.get());
  agreement.next_sequence = next_sequence_;
  agreement.next_explicit_nonce = next_explicit_nonce_;
  agreement.peer_certificate = CertificateToDer(SSL_get0_peer_certificate(ssl_.get()));
  return agreement;
}

int DtlsHandshake::OnWrite(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  if (size <= 0) return 0;
  const ByteView records(reinterpret_cast<const uint8_t*>(data), static_cast<size_t>(size));
  Of(bio)->Pack(records);
  Of(bio)->NoteSent(records);
  return size;
}

int DtlsHandshake::OnRead(BIO* bio, char* out, int size) {
  BIO_clear_retry_flags(bio);
  const ByteView record = std::exchange(Of(bio)->incoming_, {});
  if (record.empty() || size <= 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const size_t taken = std::min(record.size(), static_cast<size_t>(size));
  std::copy_n(record.begin(), taken, reinterpret_cast<uint8_t*>(out));
  return static_cast<int>(taken);
}

long DtlsHandshake::OnControl(BIO* bio, int command, long, void* pointer) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT:
      Of(bio)->OnTimer(static_cast<timeval*>(pointer));
      return 1;
    default:
      return 0;
  }
}

unsigned int DtlsHandshake::NextInterval(SSL* ssl, unsigned int last_us) {
  auto* handshake = static_cast<DtlsHandshake*>(SSL_get_app_data(ssl));
  const TimeDelta last = TimeDelta::Micros(last_us);
  handshake->interval_ =
      last == TimeDelta::Zero() ? kFirstInterval : std::min(last * 2, kLongestInterval);
  return static_cast<unsigned int>(handshake->interval_.us());
}

// OpenSSL has started its timer, or stopped it: then it is zero.
void DtlsHandshake::OnTimer(timeval* timer) {
  const bool stopped = timer->tv_sec == 0 && timer->tv_usec == 0;
  deadline_ = stopped ? Timestamp::Never() : now_ + interval_;
  if (!OpensslShowsItsTimer()) return;
  timer_ = stopped ? nullptr : timer;
  if (!stopped) timer->tv_sec = kFarAway;
}

void DtlsHandshake::Pack(ByteView records) {
  if (outgoing_.empty() || outgoing_.back().size() + records.size() > mtu_) {
    outgoing_.emplace_back();
  }
  outgoing_.back().insert(outgoing_.back().end(), records.begin(), records.end());
}

void DtlsHandshake::NoteSent(ByteView records) {
  DtlsRecordReader reader(records);
  while (const std::optional<DtlsRecord> record = reader.Next()) {
    if (record->epoch != 1) continue;
    next_sequence_ = record->sequence + 1;
    if (record->payload.size() >= 8) next_explicit_nonce_ = LoadBe64(record->payload.data()) + 1;
  }
}

}  // namespace sfu

// The DTLS association of one transport (RFC 5764, RFC 8842): handshake, SRTP keys, data, end.
// Sans-I/O.
//
// It is given the datagrams whose first byte says DTLS (RFC 7983), and only from addresses that ICE
// has validated: it answers at once, before the peer's fingerprint is known. The fingerprint
// decides whether keys and data leave.
//
// OpenSSL does the handshake and is gone when it is over. Whatever OpenSSL need not see is dropped
// before: alerts that nobody has authenticated, messages out of place, renegotiation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/drop_counters.h"
#include "base/result.h"
#include "base/time.h"
#include "dtls/dtls_context.h"
#include "dtls/dtls_handshake.h"
#include "dtls/dtls_parameters.h"
#include "dtls/dtls_record.h"
#include "dtls/record_layer.h"
#include "srtp/srtp_parameters.h"

namespace sfu {

class DtlsSessionListener {
 public:
  virtual ~DtlsSessionListener() = default;

  // A datagram for the peer. Must not call the session.
  virtual void SendDtls(ByteView datagram) = 0;
  // What the peer sent as application data (SCTP), one record at a time. May call the session, but
  // not destroy it.
  virtual void OnDtlsData(ByteView data) = 0;
  // The last thing that a call of the session does. States may be skipped. May call the session,
  // but not destroy it.
  virtual void OnDtlsStateChange(DtlsState state) = 0;
};

enum class DtlsFailure : uint8_t {
  kNone,
  kTimeout,              // the handshake took too long
  kHandshake,            // the peer's handshake is wrong, or offers nothing that we take
  kNoSrtpProfile,        // no common SRTP profile
  kFingerprintMismatch,  // the peer's certificate is not the announced one
  kPeerAlert,            // the peer has refused us
  kInternal,             // OpenSSL failed
};

// "timeout", "fingerprint-mismatch" …
std::string_view DtlsFailureName(DtlsFailure failure);

struct DtlsSessionOptions {
  // The largest datagram to be sent, in bytes; 256 to 1500, other values are taken for the nearest.
  size_t mtu = 1200;
};

// What to protect SRTP with, and what the peer protects with.
struct DtlsSrtpSessionKeys {
  SrtpKey send;
  SrtpKey receive;
};

// One thread at a time.
class DtlsSession {
 public:
  // A handshake that is not over by then has failed.
  static constexpr TimeDelta kMaxHandshakeTime = TimeDelta::Seconds(30);
  // A fatal alert that is not authenticated may be forged: it only leaves the handshake so much
  // time.
  static constexpr TimeDelta kAlertGrace = TimeDelta::Seconds(2);
  // So many encrypted records may wait in OpenSSL for the keys to be ready: each costs it 17 KB.
  static constexpr int kMaxEarlyRecords = 4;
  // The last flight is not repeated more often.
  static constexpr TimeDelta kRepeatInterval = TimeDelta::Millis(50);

  // `listener` must outlive the session.
  DtlsSession(std::shared_ptr<const DtlsContext> context, const DtlsSessionOptions& options,
              DtlsSessionListener* listener);

  // What the peer has signalled (mediasoup's connect()); once. Its role "client" makes us the
  // server, "server" and "auto" the client, unless its ClientHello was here before. Errors name the
  // field ("dtlsParameters.role", "dtlsParameters.fingerprints[0].value" …) and change nothing.
  Status Connect(const DtlsParameters& remote, Timestamp now);
  // There is a path to the peer: a client may begin.
  void Start(Timestamp now);

  // One datagram of the peer.
  void Receive(ByteView datagram, Timestamp now);
  Timestamp NextDeadline() const;
  void HandleTimeout(Timestamp now);

  // Sends application data as one record. False if not connected, or if it does not fit into a
  // datagram of the MTU: kMaxDtlsRecordOverhead bytes are added.
  bool SendData(ByteView data);

  // Tells the peer, if there is an association, and ends.
  void Close();

  // The SRTP keys, when connected; once.
  std::optional<DtlsSrtpSessionKeys> TakeSrtpKeys();

  const DtlsContext& context() const { return *context_; }
  DtlsState state() const { return state_; }
  // Ours; kAuto until it is decided.
  DtlsRole role() const { return role_; }
  DtlsFailure failure() const { return failure_; }
  const DropCounters& drops() const { return drops_; }
  // The peer's certificate as DER when connected, else empty. See CertificateDerToPem().
  ByteView remote_certificate() const;

 private:
  void OnRecord(const DtlsRecord& record, Timestamp now);
  void OnHandshakeRecord(const DtlsRecord& record, Timestamp now);
  // Whether the running handshake may see it.
  bool Admit(const DtlsRecord& record, Timestamp now);
  bool AdmitPlain(const DtlsRecord& record, Timestamp now);
  // Why the fragments of an unencrypted record may not pass; nothing if they may.
  std::optional<DropReason> JudgeHandshake(ByteView payload) const;
  void OnProtectedRecord(const DtlsRecord& record, Timestamp now);
  void OnAlert(ByteView alert);
  void RepeatLastFlight(Timestamp now);
  bool IsClientHello(const DtlsRecord& record) const;

  void BeginHandshake(DtlsRole role, Timestamp now);
  void OnProgress(DtlsHandshake::Progress progress);
  void FinishHandshake(DtlsDatagrams last_flight);
  void CheckFingerprint();
  void SendAlert(DtlsAlertLevel level, uint8_t description);
  bool SendRecord(DtlsContentType type, ByteView text);
  void Fail(DtlsFailure failure, std::string_view detail = {});
  void End(DtlsState state);
  void AnnounceState();
  void Drop(DropReason reason) { drops_.Add(reason); }

  const std::shared_ptr<const DtlsContext> context_;
  const size_t mtu_;
  DtlsSessionListener* const listener_;

  DtlsState state_ = DtlsState::kNew;
  DtlsState announced_ = DtlsState::kNew;
  DtlsRole role_ = DtlsRole::kAuto;
  DtlsFailure failure_ = DtlsFailure::kNone;
  bool path_ready_ = false;
  bool connect_called_ = false;
  bool alerted_ = false;  // the peer sent a fatal alert that nobody authenticated

  std::unique_ptr<DtlsHandshake> handshake_;  // while it runs
  Timestamp handshake_deadline_ = Timestamp::Never();
  bool answered_ = false;  // something was sent
  int early_records_ = 0;

  std::unique_ptr<DtlsRecordLayer> records_;  // after it
  std::optional<DtlsFingerprintSet> fingerprints_;
  std::optional<DtlsSrtpSessionKeys> srtp_keys_;
  std::vector<uint8_t> peer_certificate_;
  DtlsDatagrams last_flight_;  // the server's
  Timestamp next_repeat_;
  DropCounters drops_;
};

}  // namespace sfu

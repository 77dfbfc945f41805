// Which record goes where, and what comes of it.
#include "dtls/dtls_session.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/log.h"
#include "rtp/rtp_header.h"

namespace sfu {
namespace {

constexpr size_t kMinMtu = 256;
constexpr size_t kMaxMtu = kMaxDatagramSize;

// The messages of a handshake without tickets and OCSP (RFC 5246, section 7.4; RFC 6347, section
// 4.3.2), Finished left out: it is encrypted.
bool PeerMaySend(DtlsRole local_role, uint8_t message_type) {
  constexpr std::array<uint8_t, 4> kFromClient = {kDtlsClientHello, 11, 15, 16};
  constexpr std::array<uint8_t, 6> kFromServer = {2, 3, 11, 12, 13, 14};
  if (local_role == DtlsRole::kServer) {
    return std::find(kFromClient.begin(), kFromClient.end(), message_type) != kFromClient.end();
  }
  return std::find(kFromServer.begin(), kFromServer.end(), message_type) != kFromServer.end();
}

}  // namespace

std::string_view DtlsFailureName(DtlsFailure failure) {
  constexpr std::array<std::string_view, 7> kNames = {
      "none",       "timeout", "handshake", "no-srtp-profile", "fingerprint-mismatch",
      "peer-alert", "internal"};
  return kNames[static_cast<size_t>(failure)];
}

DtlsSession::DtlsSession(std::shared_ptr<const DtlsContext> context,
                         const DtlsSessionOptions& options, DtlsSessionListener* listener)
    : context_(std::move(context)),
      mtu_(std::clamp(options.mtu, kMinMtu, kMaxMtu)),
      listener_(listener) {}

Status DtlsSession::Connect(const DtlsParameters& remote, Timestamp now) {
  if (connect_called_) return Error{"dtlsParameters", "given before"};
  if (state_ == DtlsState::kFailed || state_ == DtlsState::kClosed) {
    return Error{"dtlsParameters", "the DTLS association is " + std::string(DtlsStateName(state_))};
  }
  if (remote.role == DtlsRole::kServer && role_ == DtlsRole::kServer) {
    return Error{"dtlsParameters.role", "\"server\", but the peer acts as the client"};
  }
  Result<DtlsFingerprintSet> fingerprints = DtlsFingerprintSet::Parse(remote.fingerprints);
  if (!fingerprints) return fingerprints.error();

  connect_called_ = true;
  fingerprints_ = std::move(fingerprints).value();
  if (role_ == DtlsRole::kAuto) {
    role_ = remote.role == DtlsRole::kClient ? DtlsRole::kServer : DtlsRole::kClient;
  }
  if (state_ == DtlsState::kNew) state_ = DtlsState::kConnecting;
  if (records_ != nullptr) CheckFingerprint();
  if (path_ready_ && role_ == DtlsRole::kClient) BeginHandshake(role_, now);
  AnnounceState();
  return OkStatus();
}

void DtlsSession::Start(Timestamp now) {
  if (path_ready_) return;
  path_ready_ = true;
  if (connect_called_ && role_ == DtlsRole::kClient && state_ == DtlsState::kConnecting) {
    BeginHandshake(role_, now);
  }
  AnnounceState();
}

void DtlsSession::Receive(ByteView datagram, Timestamp now) {
  if (datagram.size() > kMaxDatagramSize) {
    Drop(DropReason::kTooBig);
    return;
  }
  DtlsRecordReader reader(datagram);
  while (const std::optional<DtlsRecord> record = reader.Next()) OnRecord(*record, now);
  if (!reader.ok() || datagram.empty()) Drop(DropReason::kBadDtls);
  AnnounceState();
}

void DtlsSession::OnRecord(const DtlsRecord& record, Timestamp now) {
  if (state_ == DtlsState::kFailed || state_ == DtlsState::kClosed) {
    Drop(DropReason::kDtlsUnexpected);
  } else if (records_ != nullptr) {
    OnProtectedRecord(record, now);
  } else {
    OnHandshakeRecord(record, now);
  }
}

void DtlsSession::OnHandshakeRecord(const DtlsRecord& record, Timestamp now) {
  if (handshake_ == nullptr) {
    if (role_ == DtlsRole::kClient || !IsClientHello(record)) {
      Drop(DropReason::kDtlsUnexpected);
      return;
    }
    BeginHandshake(DtlsRole::kServer, now);
    if (handshake_ == nullptr) return;
  }
  if (!Admit(record, now)) return;
  const int step = handshake_->step();
  const DtlsHandshake::Progress progress = handshake_->Receive(record.bytes, now);
  if (handshake_->step() != step) early_records_ = 0;
  OnProgress(progress);
}

bool DtlsSession::IsClientHello(const DtlsRecord& record) const {
  if (record.epoch != 0 || record.type != DtlsContentType::kHandshake) return false;
  const std::optional<DtlsHandshakeFragment> fragment =
      ParseDtlsHandshake(record.payload, DtlsHandshake::kMaxMessage);
  return fragment && fragment->message_type == kDtlsClientHello && fragment->message_sequence == 0;
}

bool DtlsSession::Admit(const DtlsRecord& record, Timestamp now) {
  if (record.epoch == 0) return AdmitPlain(record, now);
  const bool useful = record.epoch == 1 && (record.type == DtlsContentType::kHandshake ||
                                            record.type == DtlsContentType::kAlert);
  if (!useful || early_records_ >= kMaxEarlyRecords) {
    Drop(DropReason::kDtlsUnexpected);
    return false;
  }
  ++early_records_;
  return true;
}

std::optional<DropReason> DtlsSession::JudgeHandshake(ByteView payload) const {
  const std::optional<DtlsHandshakeFragment> fragment =
      ParseDtlsHandshake(payload, DtlsHandshake::kMaxMessage);
  if (!fragment) return DropReason::kBadDtls;
  if (!PeerMaySend(role_, fragment->message_type)) return DropReason::kDtlsUnexpected;
  // A client that repeats itself; the timer repeats our answer.
  if (fragment->message_type == kDtlsClientHello && answered_) return DropReason::kDuplicate;
  return std::nullopt;
}

bool DtlsSession::AdmitPlain(const DtlsRecord& record, Timestamp now) {
  switch (record.type) {
    case DtlsContentType::kHandshake: {
      const std::optional<DropReason> refused = JudgeHandshake(record.payload);
      if (refused) Drop(*refused);
      return !refused;
    }
    case DtlsContentType::kChangeCipherSpec:
      if (record.payload.size() == 1) return true;
      Drop(DropReason::kBadDtls);
      return false;
    case DtlsContentType::kAlert:
      Drop(DropReason::kDtlsAlert);
      if (record.payload[0] == static_cast<uint8_t>(DtlsAlertLevel::kFatal)) {
        alerted_ = true;
        handshake_deadline_ = std::min(handshake_deadline_, now + kAlertGrace);
      }
      return false;
    case DtlsContentType::kApplicationData:
      Drop(DropReason::kDtlsUnexpected);
      return false;
  }
  return false;
}

void DtlsSession::OnProtectedRecord(const DtlsRecord& record, Timestamp now) {
  if (record.epoch != 1) {
    // Among others the unencrypted part of a repeated last flight.
    Drop(record.type == DtlsContentType::kAlert ? DropReason::kDtlsAlert
                                                : DropReason::kDtlsUnexpected);
    return;
  }
  std::array<uint8_t, kMaxDatagramSize> buffer;
  const DtlsRecordLayer::Opened opened = records_->Open(record, buffer);
  if (opened.refused) {
    Drop(*opened.refused);
    return;
  }
  const ByteView text = ByteView(buffer).first(opened.size);
  if (record.type == DtlsContentType::kAlert && text.size() == kDtlsAlertSize) {
    OnAlert(text);
  } else if (record.type == DtlsContentType::kHandshake && role_ == DtlsRole::kServer &&
             !text.empty() && text[0] == kDtlsFinished) {
    RepeatLastFlight(now);
  } else if (record.type == DtlsContentType::kApplicationData && state_ == DtlsState::kConnected) {
    listener_->OnDtlsData(text);
  } else {
    Drop(DropReason::kDtlsUnexpected);
  }
}

void DtlsSession::OnAlert(ByteView alert) {
  const bool fatal = alert[0] == static_cast<uint8_t>(DtlsAlertLevel::kFatal);
  if (alert[1] == kDtlsCloseNotify) {
    SendAlert(DtlsAlertLevel::kWarning, kDtlsCloseNotify);
    End(DtlsState::kClosed);
  } else if (fatal && state_ == DtlsState::kConnected) {
    End(DtlsState::kClosed);
  } else if (fatal) {
    Fail(DtlsFailure::kPeerAlert);
  } else {
    Drop(DropReason::kDtlsAlert);
  }
}

void DtlsSession::RepeatLastFlight(Timestamp now) {
  if (now < next_repeat_) {
    Drop(DropReason::kDtlsUnexpected);
    return;
  }
  next_repeat_ = now + kRepeatInterval;
  // As it was, numbers included: the client repeats itself because it has not had them.
  for (const std::vector<uint8_t>& datagram : last_flight_) listener_->SendDtls(datagram);
}

Timestamp DtlsSession::NextDeadline() const {
  if (handshake_ == nullptr) return Timestamp::Never();
  return std::min(handshake_deadline_, handshake_->NextDeadline());
}

void DtlsSession::HandleTimeout(Timestamp now) {
  if (handshake_ == nullptr) return;
  if (now >= handshake_deadline_) {
    Fail(alerted_ ? DtlsFailure::kPeerAlert : DtlsFailure::kTimeout);
  } else if (now >= handshake_->NextDeadline()) {
    const DtlsHandshake::Progress progress = handshake_->HandleTimeout(now);
    if (progress == DtlsHandshake::Progress::kFailed) {
      Fail(DtlsFailure::kTimeout, handshake_->failure());
    } else {
      OnProgress(progress);
    }
  }
  AnnounceState();
}

bool DtlsSession::SendData(ByteView data) {
  return state_ == DtlsState::kConnected && SendRecord(DtlsContentType::kApplicationData, data);
}

void DtlsSession::Close() {
  if (state_ == DtlsState::kClosed) return;
  SendAlert(DtlsAlertLevel::kWarning, kDtlsCloseNotify);
  End(DtlsState::kClosed);
  AnnounceState();
}

std::optional<DtlsSrtpSessionKeys> DtlsSession::TakeSrtpKeys() {
  if (state_ != DtlsState::kConnected) return std::nullopt;
  return std::exchange(srtp_keys_, std::nullopt);
}

ByteView DtlsSession::remote_certificate() const {
  return state_ == DtlsState::kConnected ? ByteView(peer_certificate_) : ByteView();
}

void DtlsSession::BeginHandshake(DtlsRole role, Timestamp now) {
  role_ = role;
  state_ = DtlsState::kConnecting;
  handshake_deadline_ = now + kMaxHandshakeTime;
  handshake_ = DtlsHandshake::Create(context_, role, mtu_);
  if (handshake_ == nullptr) {
    Fail(DtlsFailure::kInternal);
  } else if (role == DtlsRole::kClient) {
    OnProgress(handshake_->Start(now));
  }
}

void DtlsSession::OnProgress(DtlsHandshake::Progress progress) {
  DtlsDatagrams datagrams = handshake_->TakeDatagrams();
  answered_ = answered_ || !datagrams.empty();
  for (const std::vector<uint8_t>& datagram : datagrams) listener_->SendDtls(datagram);
  switch (progress) {
    case DtlsHandshake::Progress::kPending:
      return;
    case DtlsHandshake::Progress::kFailed:
      Fail(DtlsFailure::kHandshake, handshake_->failure());
      return;
    case DtlsHandshake::Progress::kDone:
      FinishHandshake(std::move(datagrams));
      return;
  }
}

void DtlsSession::FinishHandshake(DtlsDatagrams last_flight) {
  std::optional<DtlsAgreement> agreement = handshake_->Agreement();
  handshake_.reset();
  handshake_deadline_ = Timestamp::Never();
  if (!agreement) {
    Fail(DtlsFailure::kInternal);
    return;
  }
  records_ = std::make_unique<DtlsRecordLayer>(*agreement, role_);
  if (!agreement->srtp) {
    SendAlert(DtlsAlertLevel::kFatal, kDtlsHandshakeFailure);
    Fail(DtlsFailure::kNoSrtpProfile);
    return;
  }
  const DtlsSrtpKeys& keys = *agreement->srtp;
  srtp_keys_ = role_ == DtlsRole::kClient
                   ? DtlsSrtpSessionKeys{keys.client_write, keys.server_write}
                   : DtlsSrtpSessionKeys{keys.server_write, keys.client_write};
  peer_certificate_ = std::move(agreement->peer_certificate);
  if (role_ == DtlsRole::kServer) last_flight_ = std::move(last_flight);
  CheckFingerprint();
}

void DtlsSession::CheckFingerprint() {
  if (!fingerprints_) return;  // Connect() will come
  if (fingerprints_->Matches(peer_certificate_)) {
    state_ = DtlsState::kConnected;
    return;
  }
  SendAlert(DtlsAlertLevel::kFatal, kDtlsBadCertificate);
  Fail(DtlsFailure::kFingerprintMismatch);
}

void DtlsSession::SendAlert(DtlsAlertLevel level, uint8_t description) {
  const std::array<uint8_t, kDtlsAlertSize> alert = {static_cast<uint8_t>(level), description};
  SendRecord(DtlsContentType::kAlert, alert);
}

bool DtlsSession::SendRecord(DtlsContentType type, ByteView text) {
  if (records_ == nullptr) return false;
  std::array<uint8_t, kMaxMtu> buffer;
  const size_t size = records_->Seal(type, text, MutableBytes(buffer).first(mtu_));
  if (size == 0) return false;
  listener_->SendDtls(ByteView(buffer).first(size));
  return true;
}

void DtlsSession::Fail(DtlsFailure failure, std::string_view detail) {
  if (LogEnabled()) {
    std::string line = "association failed: " + std::string(DtlsFailureName(failure));
    if (!detail.empty()) line += " (" + std::string(detail) + ")";
    Log(LogLevel::kWarning, "dtls", line);
  }
  failure_ = failure;
  End(DtlsState::kFailed);
}

void DtlsSession::End(DtlsState state) {
  state_ = state;
  handshake_.reset();
  handshake_deadline_ = Timestamp::Never();
  records_.reset();
  srtp_keys_.reset();
  peer_certificate_ = {};
  last_flight_ = {};
}

void DtlsSession::AnnounceState() {
  if (announced_ == state_) return;
  announced_ = state_;
  listener_->OnDtlsStateChange(state_);
}

}  // namespace sfu

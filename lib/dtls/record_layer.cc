// Numbers records, and lets none pass twice.
#include "dtls/record_layer.h"

namespace sfu {
namespace {

// RFC 6347, section 4.1: numbers must not wrap. Nobody sends so many records.
constexpr uint64_t kSequenceEnd = uint64_t{1} << 48;

}  // namespace

DtlsRecordLayer::DtlsRecordLayer(const DtlsAgreement& agreement, DtlsRole local_role)
    : send_(local_role == DtlsRole::kClient ? agreement.client_key : agreement.server_key),
      receive_(local_role == DtlsRole::kClient ? agreement.server_key : agreement.client_key),
      next_sequence_(agreement.next_sequence),
      next_explicit_nonce_(agreement.next_explicit_nonce) {}

size_t DtlsRecordLayer::Seal(DtlsContentType type, ByteView text, MutableBytes out) {
  if (next_sequence_ >= kSequenceEnd) return 0;
  return send_.Seal(type, next_sequence_++, next_explicit_nonce_++, text, out);
}

DtlsRecordLayer::Opened DtlsRecordLayer::Open(const DtlsRecord& record, MutableBytes out) {
  using Window = ReplayWindow<kReplayWindow>;
  const auto sequence = static_cast<int64_t>(record.sequence);
  const bool may_repeat = record.type == DtlsContentType::kHandshake;
  const bool fresh = !seen_ || seen_->Check(sequence) == Window::Verdict::kFresh;
  if (!fresh && !may_repeat) return {DropReason::kDtlsReplay};
  const std::optional<size_t> size = receive_.Open(record, out);
  if (!size) return {DropReason::kDtlsAuth};
  if (!seen_) {
    seen_.emplace(sequence);
  } else if (fresh) {
    seen_->Mark(sequence);
  }
  return {std::nullopt, *size};
}

}  // namespace sfu

// The records of epoch 1, after the handshake: what remains of an association when OpenSSL's object
// is gone.
//
// An SSL object holds some 70 KiB after the handshake; this holds a few hundred bytes, and all that
// is left to do is an AEAD call per record: data channels, alerts, and the repeated last flight of
// a client that missed our answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/drop_counters.h"
#include "dtls/dtls_handshake.h"
#include "dtls/dtls_record.h"
#include "dtls/record_cipher.h"
#include "srtp/replay_window.h"

namespace sfu {

class DtlsRecordLayer {
 public:
  // Records that come later than this many others are dropped.
  static constexpr int64_t kReplayWindow = 256;

  // `local_role` is kClient or kServer.
  DtlsRecordLayer(const DtlsAgreement& agreement, DtlsRole local_role);

  // Writes one record to `out` and returns its size; 0 if it does not fit.
  size_t Seal(DtlsContentType type, ByteView text, MutableBytes out);

  struct Opened {
    std::optional<DropReason> refused;
    size_t size = 0;  // of the text, at the beginning of `out`
  };
  // A record of epoch 1. A handshake record may come twice: a peer that repeats its last flight as
  // it was must get an answer each time.
  Opened Open(const DtlsRecord& record, MutableBytes out);

 private:
  DtlsRecordCipher send_;
  DtlsRecordCipher receive_;
  uint64_t next_sequence_;
  uint64_t next_explicit_nonce_;
  std::optional<ReplayWindow<kReplayWindow>> seen_;
};

}  // namespace sfu

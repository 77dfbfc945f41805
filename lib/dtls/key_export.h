// The keys that a finished handshake gives, taken out of OpenSSL.
#pragma once

#include <optional>

#include "dtls/openssl_handles.h"
#include "dtls/record_cipher.h"
#include "srtp/srtp_parameters.h"

namespace sfu {

// The keys of epoch 1 (RFC 5246, section 6.3); false if the cipher is none of DtlsCipher or OpenSSL
// fails.
bool ExportDtlsRecordKeys(SSL* ssl, DtlsWriteKey* client, DtlsWriteKey* server);

// The suite that was agreed on and its keys (RFC 5764, section 4.2); nothing if there is none.
std::optional<DtlsSrtpKeys> ExportDtlsSrtpKeys(SSL* ssl);

}  // namespace sfu

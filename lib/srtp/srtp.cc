// Chooses the SRTP back end of this build.
#include "srtp/srtp.h"

#ifdef SFU_SRTP_LIBSRTP2
#include "srtp/libsrtp2_receiver.h"
#include "srtp/libsrtp2_sender.h"
#else
#include "srtp/openssl_receiver.h"
#include "srtp/openssl_sender.h"
#endif

namespace sfu {
namespace {

#ifdef SFU_SRTP_LIBSRTP2
using Sender = Libsrtp2Sender;
using Receiver = Libsrtp2Receiver;
#else
using Sender = OpenSslSrtpSender;
using Receiver = OpenSslSrtpReceiver;
#endif

Error Refused(const SrtpKey& key) {
  return Error{"", "the crypto library refuses " + std::string(key.info().name)};
}

}  // namespace

Result<std::unique_ptr<SrtpSender>> NewSrtpSender(const SrtpKey& key) {
  std::unique_ptr<SrtpSender> sender = Sender::Create(key);
  if (sender == nullptr) return Refused(key);
  return sender;
}

Result<std::unique_ptr<SrtpReceiver>> NewSrtpReceiver(const SrtpKey& key, size_t max_streams) {
  std::unique_ptr<SrtpReceiver> receiver = Receiver::Create(key, max_streams);
  if (receiver == nullptr) return Refused(key);
  return receiver;
}

}  // namespace sfu

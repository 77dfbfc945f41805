// Chooses the cipher of a suite.
#include "srtp/packet_cipher.h"

#include "srtp/counter_mode_cipher.h"
#include "srtp/gcm_cipher.h"

namespace sfu {

std::unique_ptr<PacketCipher> NewPacketCipher(SrtpSuite suite, SrtpChannel channel,
                                              SrtpDirection direction,
                                              const SrtpSessionKeys& keys) {
  const SrtpSuiteInfo& info = GetSrtpSuiteInfo(suite);
  if (info.aead) return GcmCipher::Create(info, direction, keys);
  return CounterModeCipher::Create(
      channel == SrtpChannel::kRtp ? info.rtp_tag_size : info.rtcp_tag_size, keys);
}

}  // namespace sfu

// The table of SRTP suites.
#include "srtp/crypto_suite.h"

namespace sfu {
namespace {

constexpr std::array<SrtpSuiteInfo, kAllSrtpSuites.size()> kInfos = {{
    {"AEAD_AES_256_GCM", 32, 12, 16, 16, true},
    {"AEAD_AES_128_GCM", 16, 12, 16, 16, true},
    {"AES_CM_128_HMAC_SHA1_80", 16, 14, 10, 10, false},
    {"AES_CM_128_HMAC_SHA1_32", 16, 14, 4, 10, false},
}};

}  // namespace

const SrtpSuiteInfo& GetSrtpSuiteInfo(SrtpSuite suite) {
  return kInfos[static_cast<size_t>(suite)];
}

std::optional<SrtpSuite> SrtpSuiteFromName(std::string_view name) {
  for (const SrtpSuite suite : kAllSrtpSuites) {
    if (GetSrtpSuiteInfo(suite).name == name) return suite;
  }
  return std::nullopt;
}

}  // namespace sfu

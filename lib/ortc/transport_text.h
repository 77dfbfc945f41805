// Words and texts of ICE and DTLS parameters that are the same in JSON and in SDP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ortc/transport_parameters.h"
#include "ortc/word_table.h"

namespace sfu::ortc {

// RFC 8839, sections 5.1 and 5.4.
inline constexpr size_t kMinUfragSize = 4;
inline constexpr size_t kMinPasswordSize = 22;
inline constexpr size_t kMaxFoundationSize = 32;

inline constexpr WordTable<IceProtocol, 2> kIceProtocolWords = {{
    {"udp", IceProtocol::kUdp},
    {"tcp", IceProtocol::kTcp},
}};
inline constexpr WordTable<IceCandidateType, 4> kIceCandidateTypeWords = {{
    {"host", IceCandidateType::kHost},
    {"srflx", IceCandidateType::kServerReflexive},
    {"prflx", IceCandidateType::kPeerReflexive},
    {"relay", IceCandidateType::kRelay},
}};
inline constexpr WordTable<IceTcpType, 3> kIceTcpTypeWords = {{
    {"active", IceTcpType::kActive},
    {"passive", IceTcpType::kPassive},
    {"so", IceTcpType::kSimultaneousOpen},
}};
inline constexpr WordTable<FingerprintAlgorithm, 5> kFingerprintAlgorithmWords = {{
    {"sha-1", FingerprintAlgorithm::kSha1},
    {"sha-224", FingerprintAlgorithm::kSha224},
    {"sha-256", FingerprintAlgorithm::kSha256},
    {"sha-384", FingerprintAlgorithm::kSha384},
    {"sha-512", FingerprintAlgorithm::kSha512},
}};

// Whether these are ice-chars (RFC 8839, section 5.1). mediasoup's own foundations and some peers'
// passwords have '-', '_' and '=' as well; they are taken, too.
bool IsIceText(std::string_view text);

// "AB:CD:…" (RFC 8122, section 5), read in any case. Nothing if it is not `size` such bytes.
std::optional<std::vector<uint8_t>> DigestFromText(std::string_view text, size_t size);
std::string DigestText(const std::vector<uint8_t>& digest);

}  // namespace sfu::ortc

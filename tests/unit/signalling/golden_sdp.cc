// Reading golden/, and our end of the tests' transports.
#include "golden_sdp.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "ortc/router_capabilities.h"

namespace sfu::signalling {
namespace {

ortc::RtpCodecCapability Codec(MediaKind kind, const std::string& name, uint32_t clock_rate,
                               uint8_t channels, ortc::FormatParameters parameters = {}) {
  ortc::RtpCodecCapability codec;
  codec.kind = kind;
  codec.name = name;
  codec.clock_rate = clock_rate;
  codec.channels = channels;
  codec.parameters = std::move(parameters);
  return codec;
}

}  // namespace

std::string GoldenSdp(const std::string& name) {
  std::ifstream file(std::string(SDP_GOLDEN_DIR) + "/" + name + ".sdp", std::ios::binary);
  if (!file) ADD_FAILURE() << "no " << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

SdpOffer GoldenOffer(const std::string& name) {
  auto offer = ParseSdpOffer(GoldenSdp(name));
  if (offer) return std::move(offer).value();
  ADD_FAILURE() << name << ": " << offer.error().ToString();
  return {};
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t place = text.find(from);
  if (place == std::string::npos) {
    ADD_FAILURE() << "no " << from;
    return text;
  }
  return text.replace(place, from.size(), to);
}

std::string ErrorOfOffer(const std::string& text) {
  const auto offer = ParseSdpOffer(text);
  return offer ? "none" : offer.error().ToString();
}

ortc::RtpCapabilities TestRouter() {
  const auto router = ortc::MakeRouterCapabilities(
      {Codec(MediaKind::kAudio, "opus", 48000, 2), Codec(MediaKind::kVideo, "VP8", 90000, 0),
       Codec(MediaKind::kVideo, "H264", 90000, 0,
             {{"packetization-mode", int64_t{1}}, {"profile-level-id", "42e01f"}}),
       Codec(MediaKind::kVideo, "H264", 90000, 0,
             {{"packetization-mode", int64_t{1}}, {"profile-level-id", "64001f"}})});
  EXPECT_TRUE(router.ok());
  return router.value();
}

SdpLocalTransport TestTransport() {
  SdpLocalTransport local;
  local.ice = {"ourname1", "ourpassword0123456789012", true};
  ortc::IceCandidate udp{"udp1", 1076302079, "192.0.2.1", ortc::IceProtocol::kUdp, 40000};
  ortc::IceCandidate tcp{"tcp1", 1076276479, "192.0.2.1", ortc::IceProtocol::kTcp, 40000};
  tcp.tcp_type = ortc::IceTcpType::kPassive;
  local.candidates = {udp, tcp};
  local.dtls.role = ortc::DtlsRole::kAuto;
  std::vector<uint8_t> digest(20, 0xAB);
  local.dtls.fingerprints.push_back({ortc::FingerprintAlgorithm::kSha1, digest});
  digest.assign(32, 0xCD);
  local.dtls.fingerprints.push_back({ortc::FingerprintAlgorithm::kSha256, digest});
  return local;
}

}  // namespace sfu::signalling

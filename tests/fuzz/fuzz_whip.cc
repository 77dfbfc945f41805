// WHIP and WHEP: requests one after the other. Each is a method, flags, a text of one byte's length
// that stands in all headers, and a body of two bytes' length; an empty one is a good offer. The
// endpoint's sessions are those of its host, never more than there may be, and every answer is one.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "fuzz_check.h"
#include "fuzz_signalling.h"
#include "signalling/whip_endpoint.h"

namespace {

using namespace sfu;              // NOLINT(google-build-using-namespace)
using namespace sfu::signalling;  // NOLINT(google-build-using-namespace)

constexpr size_t kMaxSessions = 8;
constexpr std::string_view kOffer =
    "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    "a=ice-ufrag:abcd\r\na=ice-pwd:6CnT0Yiv/hyfQMk5HaeEtFZT\r\na=setup:actpass\r\n"
    "a=fingerprint:sha-1 "
    "AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendrecv\r\n"
    "a=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n";

class Host : public SessionHost {
 public:
  Opened Open(const std::string& id, SessionRole, const SdpOffer& offer) override {
    FUZZ_CHECK(!sessions.contains(id));
    Opened opened;
    opened.fault = fault;
    opened.error = {"field", "reason"};
    if (fault) return opened;
    sessions.insert(id);
    opened.local = FuzzTransport();
    for (const SdpMedia& section : offer.media) {
      opened.media.emplace_back();
      if (!section.usable) continue;
      const auto parameters = section.Sendable(FuzzRouter());
      if (parameters) opened.media.back() = SdpAnswerMedia{true, parameters.value()};
    }
    return opened;
  }
  Result<SdpLocalTransport> RestartIce(const std::string& id) override {
    FUZZ_CHECK(sessions.contains(id));
    if (fault) return Error{"field", "reason"};
    SdpLocalTransport local = FuzzTransport();
    local.ice.username_fragment = std::string("restart").append(std::to_string(++restarts));
    return local;
  }
  void Close(const std::string& id) override { FUZZ_CHECK(sessions.erase(id) == 1); }

  std::set<std::string> sessions;
  std::optional<Fault> fault;
  int restarts = 0;
};

enum Flags : uint8_t {
  kPlaces = 0x07,
  kLater = 0x08,
  kSomebodyElse = 0x10,
  kFaulty = 0x20,
  kConnects = 0x40,
  kOtherType = 0x80,
};

std::string PathOf(uint8_t place, const std::string& location, const std::string& text) {
  switch (place) {
    case 0:
      return std::string("/whip");
    case 1:
      return std::string("/whep");
    case 2:
      return location;
    case 3:
      return std::string("/whip").append(1, '/').append(text);
    default:
      return text;
  }
}

void CheckAnswer(const HttpRequest& request, const HttpResponse& response) {
  constexpr std::array kStatuses = {200, 201, 204, 400, 401, 404, 405, 406,
                                    409, 412, 413, 415, 422, 428, 429, 503};
  FUZZ_CHECK(std::ranges::count(kStatuses, response.status) == 1);
  FUZZ_CHECK(response.Header("Access-Control-Allow-Origin") == "*");
  FUZZ_CHECK((response.status == 401) == !response.Header("WWW-Authenticate").empty());
  for (const auto& [name, value] : response.headers) {
    FUZZ_CHECK(value.find_first_of("\r\n") == std::string::npos);
  }
  if (response.status == 201) {
    FUZZ_CHECK(response.Header("Location").starts_with(request.path));
    FUZZ_CHECK(!response.Header("ETag").empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr std::array<std::string_view, 8> kMethods = {"POST", "PATCH", "DELETE", "OPTIONS",
                                                        "GET",  "HEAD",  "PUT",    ""};
  Host host;
  int ids = 0;
  const std::string token = size % 2 == 0 ? "" : "token";
  WhipEndpoint endpoint(&host, {token, kMaxSessions},
                        [&] { return std::string("id").append(std::to_string(++ids)); });
  Timestamp now = Timestamp::FromMillis(100'000);
  std::string location;
  ByteReader reader(ByteView(data, size));
  while (reader.remaining() > 0) {
    HttpRequest request;
    request.method = kMethods[reader.U8() % kMethods.size()];
    const uint8_t flags = reader.U8();
    const ByteView header = reader.Bytes(reader.U8());
    const ByteView body = reader.Bytes(reader.U16());
    if (!reader.ok()) break;
    const std::string text(header.begin(), header.end());
    request.path = PathOf(flags & kPlaces, location, text);
    request.client = std::string(1, (flags & kSomebodyElse) != 0 ? 'b' : 'a');
    request.accept = text;
    request.authorization = text.empty() ? std::string("Bearer token") : text;
    request.if_match = text;
    request.body = body.empty() ? std::string(kOffer) : std::string(body.begin(), body.end());
    request.content_type = (flags & kOtherType) != 0   ? text
                           : request.method == "PATCH" ? "application/trickle-ice-sdpfrag"
                                                       : "application/sdp";
    host.fault = std::nullopt;
    if ((flags & kFaulty) != 0) host.fault = static_cast<SessionHost::Fault>(flags % 3);
    if ((flags & kLater) != 0) now += TimeDelta::Seconds(4);
    const HttpResponse response = endpoint.Handle(request, now);
    CheckAnswer(request, response);
    if (response.status == 201) {
      location = response.Header("Location");
      if ((flags & kConnects) != 0)
        endpoint.SetConnected(std::string("id").append(std::to_string(ids)));
    }
    if ((flags & kLater) != 0) endpoint.HandleTimeout(now);
    FUZZ_CHECK(host.sessions.size() == endpoint.session_count());
    FUZZ_CHECK(endpoint.session_count() <= kMaxSessions);
  }
  return 0;
}

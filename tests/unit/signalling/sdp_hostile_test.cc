// What strangers may send in place of an offer: an error that names the place, soon.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "golden_sdp.h"
#include "signalling/sdp_text.h"

namespace sfu::signalling {
namespace {

std::string Many(size_t count, const std::string& text) {
  std::string many;
  many.reserve(count * text.size());
  for (size_t i = 0; i < count; ++i) many += text;
  return many;
}

struct HostileCase {
  std::string from;  // replaced in a valid offer
  std::string to;
  std::string error;
};

TEST(SdpHostile, ErrorsNameTheField) {
  const std::string valid = GoldenSdp("chromium_publish_simulcast");
  ASSERT_EQ(ErrorOfOffer(valid), "none");
  const std::vector<HostileCase> cases = {
      {"v=0", "v=1", "sdp.line[1]: must be v=0"},
      {"s=-", std::string("s=\0", 3), "sdp: has a null byte"},
      {"s=-", "s=\xC3\x28", "sdp: is no UTF-8"},
      {"s=-", "s=" + std::string(3000, 'x'), "sdp.line[3]: is longer than 2048 bytes"},
      {"s=-", "nonsense", "sdp.line[3]: must be a letter, = and a value"},
      {"m=audio 53088", "m=audio 65536", "sdp.line[8]: must have a port from 0 to 65535"},
      {"m=audio 53088", "m=audio -1", "sdp.line[8]: must have a port from 0 to 65535"},
      {"m=audio 53088", "m=audio 99999999999999999999",
       "sdp.line[8]: must have a port from 0 to 65535"},
      {"a=mid:1", "a=mid:0", "sdp.media[1].mid: is that of sdp.media[0]"},
      {"a=mid:1", "a=mid:1\r\na=mid:1", "sdp.media[1].mid: is given twice"},
      {"a=mid:1", "a=mid:" + std::string(33, '1'),
       "sdp.media[1].mid: must be a token of at most 32"},
      {"BUNDLE 0 1", "BUNDLE 7", "sdp.group: bundles nothing"},
      {"BUNDLE 0 1", "BUNDLE 0 0", "sdp.group: has a mid twice"},
      {"BUNDLE 0 1", "BUNDLE", "sdp.group: bundles nothing"},
      {"a=group:BUNDLE 0 1\r\n", "", "sdp.group: must bundle all sections"},
      {"a=group:BUNDLE 0 1", "a=group:BUNDLE 0\r\na=group:BUNDLE 1",
       "sdp.group: has more than one bundle"},
      {"a=rtcp-mux\r\n", "", "sdp.media[0].rtcp-mux: is missing"},
      {"a=ice-ufrag:P40j\r\n", "", "sdp.media[0].ice-ufrag: is missing"},
      {"a=ice-pwd:6CnT0Yiv/hyfQMk5HaeEtFZT\r\n", "", "sdp.media[0].ice-pwd: is missing"},
      {"a=ice-ufrag:P40j", "a=ice-ufrag:P",
       "sdp.media[0].ice-ufrag: must be 4..256 letters, digits, + and /"},
      {"a=ice-ufrag:P40j", "a=ice-ufrag:P40j\r\na=ice-ufrag:P40k",
       "sdp.media[0].ice-ufrag: is given twice"},
      {"s=-", "s=-\r\na=ice-lite", "sdp.ice-lite: cannot be: so are we"},
      {"a=fingerprint:sha-256", "a=fingerprint:sha-512",
       "sdp.media[0].fingerprint: must be 64 hexadecimal bytes joined by colons"},
      {"a=fingerprint:sha-256", "a=fingerprint:md5",
       "sdp.media[0].fingerprint: is missing, or of unknown hashes only"},
      {"a=setup:actpass\r\n", "", "sdp.media[0].setup: is missing"},
      {"a=setup:actpass", "a=setup:holdconn",
       "sdp.media[0].setup: must be actpass, active or passive"},
      {"2122194687 192.0.2.2 53088 typ", "2122194687 192.0.2.2 70000 typ",
       "sdp.media[0].candidate: must have a port from 0 to 65535"},
      {"1 udp 2122194687", "1 udp 4294967296",
       "sdp.media[0].candidate: must have a priority from 0 to 4294967295"},
      {"candidate:190543651 1", "candidate:190543651 0",
       "sdp.media[0].candidate: must have a component from 1 to 256"},
      {"SAVPF 111 63", "SAVPF 111 111", "sdp.media[0].formats: has payload type 111 twice"},
      {"SAVPF 111 63", "SAVPF 128 63", "sdp.media[0].formats: must be payload types from 0 to 127"},
      {"a=rtpmap:111 opus/48000/2\r\n", "",
       "sdp.media[0].rtpmap: has no codec of payload type 111"},
      {"a=rtpmap:111 opus/48000/2", "a=rtpmap:112 opus/48000/2",
       "sdp.media[0].rtpmap: has no codec of payload type 111"},
      {"a=rtpmap:111 opus/48000/2", "a=rtpmap:128 opus/48000/2",
       "sdp.media[0].rtpmap: must begin with a payload type"},
      {"a=rtpmap:111 opus/48000/2", "a=rtpmap:111 opus/0/2",
       "sdp.media[0].rtpmap: must have a clock rate"},
      {"a=rtpmap:111 opus/48000/2", "a=rtpmap:111 opus/48000/256",
       "sdp.media[0].rtpmap: must have 1 to 255 channels"},
      {"a=rtpmap:111 opus/48000/2", "a=rtpmap:111 opus/48000/2\r\na=rtpmap:111 PCMU/8000",
       "sdp.media[0].rtpmap: has payload type 111 twice"},
      {"a=fmtp:111 ", "a=fmtp:x ", "sdp.media[0].fmtp: must begin with a payload type"},
      // The payload type of audio again, for video.
      {"SAVPF 96 97", "SAVPF 111 96 97", "sdp.media[1].rtpmap: has no codec of payload type 111"},
      {"a=rtpmap:96 VP8/90000", "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 VP9/90000",
       "sdp.media[1].rtpmap: has payload type 97 twice"},
      {"a=extmap:14 ", "a=extmap:13 ", "sdp.media[1].extmap: has id 13 twice"},
      {"a=extmap:14 ", "a=extmap:1 ",
       "sdp.media[1].extmap: has id 1, which is another extension in another section"},
      {"a=extmap:14 ", "a=extmap:0 ", "sdp.media[1].extmap: must have an id from 1 to 255"},
      {"a=extmap:14 ", "a=extmap:14/up ",
       "sdp.media[1].extmap: must have a direction behind the /"},
      {"a=rid:m send", "a=rid:l send", "sdp.media[1].rid: has 'l' twice"},
      {"send l;m;h", "send l;m;x", "sdp.media[1].simulcast: names 'x', which no rid line has"},
      {"send l;m;h", "send l;m;l", "sdp.media[1].simulcast: has 'l' twice"},
      {"send l;m;h", "send l;m;h\r\na=simulcast:send l", "sdp.media[1].simulcast: is given twice"},
      {"a=rid:m send", Many(9, "a=rid:x send\r\n"), "sdp.media[1].rid: has 'x' twice"},
      {"a=ssrc:261867160 cname", "a=ssrc:0 cname", "sdp.media[0].ssrc: must be 1..4294967295"},
      {"a=ssrc:261867160 cname", "a=ssrc:4294967296 cname",
       "sdp.media[0].ssrc: must be 1..4294967295"},
      {"a=rid:m send", "a=ssrc-group:FID 5 5\r\na=rid:m send",
       "sdp.media[1].ssrc-group: must name two streams"},
  };
  for (const HostileCase& hostile : cases) {
    EXPECT_EQ(ErrorOfOffer(Replaced(valid, hostile.from, hostile.to)), hostile.error)
        << hostile.from << " -> " << hostile.to;
  }
}

TEST(SdpHostile, AnotherCodecOfAPayloadTypeInAnotherSection) {
  std::string text = Replaced(GoldenSdp("chromium_publish"), "SAVPF 96 97", "SAVPF 111 96 97");
  text = Replaced(text, "a=rtpmap:96 VP8/90000", "a=rtpmap:96 VP8/90000\r\na=rtpmap:111 VP9/90000");
  EXPECT_EQ(ErrorOfOffer(text),
            "sdp.media[1].rtpmap: has payload type 111, which is another codec in another section");
}

TEST(SdpHostile, RidsThatDependOnEachOther) {
  // RFC 8851's "depend" could make a ring. It is the sender's affair and not followed.
  std::string text = GoldenSdp("chromium_publish_simulcast");
  text = Replaced(text, "a=rid:l send", "a=rid:l send depend=m");
  text = Replaced(text, "a=rid:m send", "a=rid:m send depend=l,m");
  EXPECT_EQ(ErrorOfOffer(text), "none");
}

TEST(SdpHostile, SizesAreBounded) {
  EXPECT_EQ(ErrorOfOffer(std::string(1 << 20, 'x')), "sdp: is longer than 65536 bytes");
  EXPECT_EQ(ErrorOfOffer(""), "sdp.line[1]: must be v=0");
  EXPECT_EQ(ErrorOfOffer("v=0\r\n"), "sdp.media: is empty");
  EXPECT_EQ(ErrorOfOffer("v=0\r\n" + Many(3000, "m=audio 9 X 0\r\n")),
            "sdp.media: has more than 32 sections");
  const std::string valid = GoldenSdp("chromium_publish_simulcast");
  const std::string rids = [] {
    std::string text;
    for (char c = 'a'; c < 'j'; ++c) text += std::string("a=rid:x") + c + " send\r\n";
    return text;
  }();
  EXPECT_EQ(ErrorOfOffer(Replaced(valid, "a=rid:m send\r\n", rids)),
            "sdp.media[1].rid: is given more than 8 times");
  EXPECT_EQ(ErrorOfOffer(Replaced(valid, "a=rtcp-rsize\r\n", Many(40, "a=rtcp-fb:111 nack\r\n"))),
            "sdp.media[0].rtcp-fb: is given more than 32 times for a payload type");
  const std::string candidate = "a=candidate:1 1 udp 1 192.0.2.2 9 typ host\r\n";
  EXPECT_EQ(ErrorOfOffer(Replaced(valid, "a=rtcp-rsize\r\n", Many(70, candidate))),
            "sdp.media[0].candidate: is given more than 64 times");
}

// As many lines as there can be, of each kind that is looked at.
TEST(SdpHostile, TimeGrowsWithTheSizeOnly) {
  const std::string valid = GoldenSdp("chromium_publish_simulcast");
  std::vector<std::string> lines = {"a=x\r\n",
                                    "a=fmtp:111 a=1;b=2\r\n",
                                    "a=extmap:300 x\r\n",
                                    "a=ssrc:5 cname:x\r\n",
                                    "a=rid:z recv\r\n",
                                    "b=AS:1\r\n",
                                    "c=IN IP4 192.0.2.1\r\n",
                                    "a=ssrc-group:SIM 1 2 3\r\n"};
  for (const std::string& line : lines) {
    const size_t count = (kMaxSdpBytes - valid.size()) / line.size();
    const std::string text = Replaced(valid, "a=rtcp-rsize\r\n", Many(count, line));
    ASSERT_LE(text.size(), kMaxSdpBytes);
    const auto begin = std::chrono::steady_clock::now();
    (void)ParseSdpOffer(text);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(spent.count(), 0.5) << line;
  }
}

// Whatever is cut off, added or changed: an error or an offer, nothing else.
TEST(SdpHostile, EveryPrefixIsHarmless) {
  for (const char* name : {"chromium_publish_simulcast", "firefox_watch", "webrtcbin_publish"}) {
    const std::string valid = GoldenSdp(name);
    for (size_t size = 0; size < valid.size(); size += 7) {
      const auto offer = ParseSdpOffer(valid.substr(0, size));
      if (!offer) {
        EXPECT_TRUE(offer.error().field.starts_with("sdp")) << offer.error().ToString();
      }
    }
  }
}

}  // namespace
}  // namespace sfu::signalling

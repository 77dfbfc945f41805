// plaintransport over loopback.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <atomic>

#include "pipeline.h"

namespace sfu::test {
namespace {

constexpr char kCaps[] =
    "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000";
constexpr char kSource[] =
    "videotestsrc is-live=true num-buffers=50 ! "
    "video/x-raw,width=64,height=48,framerate=50/1 ! vp8enc deadline=1 ! rtpvp8pay ";

guint Port(GstElement* transport, const char* property) {
  guint port = 0;
  g_object_get(transport, property, &port, nullptr);
  return port;
}

// A receiver's pipeline and a sender's, joined over loopback.
void ExpectTransfer(const std::string& receiver_options, const std::string& sender_options) {
  Pipeline receiver(std::string("plaintransport name=in address=127.0.0.1 ") + receiver_options +
                    " src_0::caps=\"" + kCaps +
                    "\" in.src_0 ! rtpvp8depay name=d ! fakesink async=false sync=false");
  std::atomic<guint> frames{0};
  OnBuffers(receiver.Element("d"), "src", [&frames](guint n) { frames += n; });
  ASSERT_TRUE(receiver.SetState(GST_STATE_PLAYING));
  const guint port = Port(receiver.Element("in"), "local-port");
  ASSERT_NE(port, 0U);
  Pipeline sender(std::string(kSource) +
                  "! out.sink_0 plaintransport name=out remote-address=127.0.0.1 remote-port=" +
                  std::to_string(port) + " " + sender_options);
  ASSERT_TRUE(sender.SetState(GST_STATE_PLAYING));
  EXPECT_TRUE(sender.WaitFor(GST_MESSAGE_EOS));
  EXPECT_TRUE(WaitUntil([&] { return frames == 50U; })) << frames;
  EXPECT_EQ(PadStat(sender.Element("out"), "sink_0", "packetsDropped"), 0U);
  // The receiver ends when it is told to.
  gst_element_send_event(receiver.get(), gst_event_new_eos());
  EXPECT_TRUE(receiver.WaitFor(GST_MESSAGE_EOS));
}

TEST(PlainTransportTest, SendsAndReceives) { ExpectTransfer("", ""); }

TEST(PlainTransportTest, SeparateRtcp) { ExpectTransfer("rtcp-mux=false", "rtcp-mux=false"); }

TEST(PlainTransportTest, SrtpBothWays) {
  const std::string there =
      "\"srtp,crypto-suite=AES_CM_128_HMAC_SHA1_80,"
      "key-base64=(string)AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd\"";
  const std::string back =
      "\"srtp,crypto-suite=AES_CM_128_HMAC_SHA1_80,"
      "key-base64=(string)HRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA\"";
  ExpectTransfer("comedia=true local-srtp-parameters=" + back + " remote-srtp-parameters=" + there,
                 "local-srtp-parameters=" + there + " remote-srtp-parameters=" + back);
}

TEST(PlainTransportTest, RtcpHasTheNextPort) {
  Pipeline pipeline("plaintransport name=t address=127.0.0.1 rtcp-mux=false");
  ASSERT_TRUE(pipeline.SetState(GST_STATE_PAUSED));
  GstElement* t = pipeline.Element("t");
  EXPECT_EQ(Port(t, "local-rtcp-port"), Port(t, "local-port") + 1);
}

TEST(PlainTransportTest, IsLive) {
  Pipeline pipeline("plaintransport name=t address=127.0.0.1");
  EXPECT_EQ(gst_element_set_state(pipeline.get(), GST_STATE_PAUSED), GST_STATE_CHANGE_NO_PREROLL);
}

TEST(PlainTransportTest, ErrorsNameTheProperty) {
  const std::pair<const char*, const char*> kWrong[] = {
      {"plaintransport address=nonsense", "address"},
      {"plaintransport remote-address=1.2.3.4", "remote-port"},
      {"plaintransport remote-address=1.2.3.4 remote-port=5 local-srtp-parameters="
       "\"srtp,crypto-suite=ROT13,key-base64=AA\"",
       "local-srtp-parameters"},
  };
  for (const auto& [line, property] : kWrong) {
    Pipeline pipeline(line);
    EXPECT_FALSE(pipeline.SetState(GST_STATE_PAUSED)) << line;
    EXPECT_TRUE(pipeline.WaitFor(GST_MESSAGE_ERROR));
    EXPECT_NE(pipeline.last_error().find(property), std::string::npos) << pipeline.last_error();
  }
}

TEST(PlainTransportTest, ATakenPortIsAnError) {
  Pipeline first("plaintransport name=t address=127.0.0.1");
  ASSERT_TRUE(first.SetState(GST_STATE_PAUSED));
  const std::string port = std::to_string(Port(first.Element("t"), "local-port"));
  Pipeline second("plaintransport address=127.0.0.1 port=" + port);
  EXPECT_FALSE(second.SetState(GST_STATE_PAUSED));
  first.SetState(GST_STATE_NULL);
  EXPECT_TRUE(second.SetState(GST_STATE_PAUSED));
}

}  // namespace
}  // namespace sfu::test

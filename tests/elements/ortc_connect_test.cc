// plaintransport by JSON: connect(), and what it tells of itself.
#include <gtest/gtest.h>

#include "actions.h"
#include "plain_peer.h"

namespace sfu::test {
namespace {

constexpr char kKey[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==";  // 28 bytes

Json Read(const PlainTransport& transport, const char* property) {
  const std::string text = GetString(transport.get(), property);
  return text.empty() ? Json() : Json::parse(text);
}

class ConnectTest : public ::testing::Test {
 protected:
  Answer Connect(const Json& json) const { return Call(transport_.get(), "connect", json); }

  PlainTransport transport_;
};

TEST_F(ConnectTest, BeforeItPlays) {
  EXPECT_TRUE(Read(transport_, "tuple").is_null());
  const Answer answer = Connect({{"ip", "127.0.0.1"}, {"port", 7000}});
  ASSERT_TRUE(answer.ok()) << answer.error;
  EXPECT_EQ(answer.json, "{}");
  EXPECT_EQ(GetString(transport_.get(), "remote-address"), "127.0.0.1");
  EXPECT_EQ(Get<guint>(transport_.get(), "remote-port"), 7000U);
  transport_.Play();
  EXPECT_EQ(Read(transport_, "tuple"), (Json{{"localAddress", "127.0.0.1"},
                                             {"localPort", transport_.port()},
                                             {"remoteIp", "127.0.0.1"},
                                             {"remotePort", 7000},
                                             {"protocol", "udp"}}));
  EXPECT_EQ(GetString(transport_.get(), "rtcp-tuple"), "");
}

TEST_F(ConnectTest, WhileItPlays) {
  g_object_set(transport_.get(), "rtcp-mux", FALSE, nullptr);
  transport_.Play();
  EXPECT_FALSE(Read(transport_, "tuple").contains("remoteIp"));
  const Answer answer = Connect({{"ip", "127.0.0.1"}, {"port", 7000}, {"rtcpPort", 7009}});
  ASSERT_TRUE(answer.ok()) << answer.error;
  EXPECT_EQ(answer.value()["tuple"]["remotePort"], 7000);
  EXPECT_EQ(answer.value()["rtcpTuple"]["remotePort"], 7009);
  EXPECT_EQ(answer.value()["rtcpTuple"], Read(transport_, "rtcp-tuple"));
}

// The same errors, whether the sockets are bound or not.
TEST_F(ConnectTest, ErrorsNameTheFieldAndChangeNothing) {
  for (const bool playing : {false, true}) {
    if (playing) transport_.Play();
    ASSERT_TRUE(Connect({{"ip", "127.0.0.1"}, {"port", 7000}}).ok());
    EXPECT_EQ(Connect({{"port", 7001}}).error, "ip: is missing");
    EXPECT_EQ(Connect({{"ip", "localhost"}, {"port", 7001}}).error,
              "ip: 'localhost' is not an IP address");
    EXPECT_EQ(Connect({{"ip", "0.0.0.0"}, {"port", 7001}}).error, "ip: must not be 0");
    EXPECT_EQ(Connect({{"ip", "127.0.0.1"}}).error, "port: is missing");
    EXPECT_EQ(Connect({{"ip", "127.0.0.1"}, {"port", 7001}, {"rtcpPort", 7002}}).error,
              "rtcpPort: must not be given with rtcp-mux");
    EXPECT_EQ(Connect({{"srtpParameters", {{"cryptoSuite", "X"}, {"keyBase64", "x"}}}})
                  .error.substr(0, 27),
              "srtpParameters.cryptoSuite:");
    EXPECT_EQ(
        Connect({{"srtpParameters", {{"cryptoSuite", "AEAD_AES_128_GCM"}, {"keyBase64", "AA=="}}}})
            .error.substr(0, 25),
        "srtpParameters.keyBase64:");
    EXPECT_EQ(Get<guint>(transport_.get(), "remote-port"), 7000U);
    EXPECT_EQ(GetString(transport_.get(), "srtp-parameters"), "");
  }
  EXPECT_EQ(Read(transport_, "tuple")["remotePort"], 7000);
}

TEST_F(ConnectTest, WithComediaThereIsNoAddress) {
  g_object_set(transport_.get(), "comedia", TRUE, nullptr);
  EXPECT_EQ(Connect({{"ip", "127.0.0.1"}, {"port", 7000}}).error.substr(0, 33),
            "ip: must not be given with comedi");
  ASSERT_TRUE(Connect(Json::object()).ok());
}

// The peer gives its key, and gets ours of the same suite.
TEST_F(ConnectTest, SrtpKeysAreExchanged) {
  PlainTransport other;
  transport_.Play();
  other.Play();
  const Json theirs = {{"cryptoSuite", "AEAD_AES_128_GCM"}, {"keyBase64", kKey}};
  const Answer first =
      Connect({{"ip", "127.0.0.1"}, {"port", other.port()}, {"srtpParameters", theirs}});
  ASSERT_TRUE(first.ok()) << first.error;
  const Json ours = first.value()["srtpParameters"];
  EXPECT_EQ(ours["cryptoSuite"], "AEAD_AES_128_GCM");
  EXPECT_NE(ours["keyBase64"], kKey);
  EXPECT_EQ(ours, Read(transport_, "srtp-parameters"));
  // The other side has that key already, and is told ours.
  GstStructure* key = gst_structure_new("srtp", "crypto-suite", G_TYPE_STRING, "AEAD_AES_128_GCM",
                                        "key-base64", G_TYPE_STRING, kKey, nullptr);
  g_object_set(other.get(), "local-srtp-parameters", key, nullptr);
  gst_structure_free(key);
  const Answer second =
      Call(other.get(), "connect",
           Json{{"ip", "127.0.0.1"}, {"port", transport_.port()}, {"srtpParameters", ours}});
  ASSERT_TRUE(second.ok()) << second.error;
  EXPECT_EQ(second.value()["srtpParameters"], theirs);

  ASSERT_TRUE(Call(other.get(), "produce", ProduceVp8("cam", 7)).ok());
  Feeder feeder(transport_.get(), "sink_0",
                "application/x-rtp,media=video,encoding-name=VP8,"
                "payload=120,clock-rate=90000");
  Reader reader(other.get(), "src_0");
  feeder.Start();
  feeder.Push(BuildRtpPacket({.ssrc = 7,
                              .payload_type = 120,
                              .sequence_number = 5,
                              .payload = {0x10, 0, 0x9d, 0x01, 0x2a, 0}}));
  EXPECT_EQ(reader.PullPacket().sequence_number, 5);
}

TEST_F(ConnectTest, Dump) {
  ASSERT_TRUE(Call(transport_.get(), "produce", ProduceVp8("cam")).ok());
  const Json dump = Read(transport_, "dump");
  EXPECT_EQ(dump["producerIds"], Json::array({"cam"}));
  EXPECT_EQ(dump["consumerIds"], Json::array());
  EXPECT_EQ(dump["rtpListener"]["ssrcTable"],
            Json::array({{{"key", 0x11223344}, {"value", "cam"}}}));
  EXPECT_EQ(dump["rtcpMux"], true);
  EXPECT_EQ(dump["comedia"], false);
  ASSERT_TRUE(CallText(transport_.get(), "close-producer", "cam").ok());
  EXPECT_EQ(Read(transport_, "dump")["producerIds"], Json::array());
}

}  // namespace
}  // namespace sfu::test

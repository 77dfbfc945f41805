// webrtctransport and a browser: connecting, what the application hears of it, and the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "webrtc_client.h"

namespace sfu::test {
namespace {

using testing::HasSubstr;

TEST(WebRtcConnect, StatesAreToldByMessagesAndProperties) {
  WebRtcStage stage;
  std::atomic<int> notified = 0;
  for (const char* name : {"notify::ice-state", "notify::dtls-state"}) {
    g_signal_connect(stage.get(), name, G_CALLBACK(+[](GObject*, GParamSpec*, gpointer count) {
                       ++*static_cast<std::atomic<int>*>(count);
                     }),
                     &notified);
  }
  stage.SetState(GST_STATE_READY);
  WebRtcClient client(stage.get());
  ASSERT_TRUE(client.Connect().ok());
  EXPECT_TRUE(stage.WaitForConnection());
  EXPECT_EQ(GetString(stage.get(), "dtls-state"), "connected");
  EXPECT_THAT(GetString(stage.get(), "ice-state"), testing::AnyOf("connected", "completed"));
  const Json tuple = Json::parse(GetString(stage.get(), "ice-selected-tuple"));
  EXPECT_EQ(tuple["remoteIp"], "127.0.0.1");
  EXPECT_EQ(tuple["protocol"], "udp");
  EXPECT_THAT(GetString(stage.get(), "dtls-remote-cert"), HasSubstr("BEGIN CERTIFICATE"));
  EXPECT_EQ(Json::parse(GetString(stage.get(), "dtls-parameters"))["role"], "server");
  EXPECT_GE(notified, 2);
}

TEST(WebRtcConnect, AWrongRequestNamesTheField) {
  WebRtcStage stage;
  EXPECT_EQ(Call(stage.get(), "connect", Json::object()).error,
            "dtlsParameters.fingerprints: is missing");
  EXPECT_EQ(CallText(stage.get(), "connect", "{").error.substr(0, 20), "options: is not JSON");
  const Json good = {
      {"dtlsParameters",
       {{"role", "client"},
        {"fingerprints",
         {{{"algorithm", "sha-1"},
           {"value", "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00"}}}}}}};
  EXPECT_THAT(Call(stage.get(), "connect", good).error, HasSubstr("NULL"));
  stage.SetState(GST_STATE_READY);
  Json wrong = good;
  wrong["dtlsParameters"]["fingerprints"][0]["value"] = "00:11";
  EXPECT_THAT(Call(stage.get(), "connect", wrong).error,
              HasSubstr("dtlsParameters.fingerprints[0].value"));
  EXPECT_TRUE(Call(stage.get(), "connect", good["dtlsParameters"]).ok()) << "without the wrapping";
  EXPECT_FALSE(Call(stage.get(), "connect", good).ok()) << "once only";
}

TEST(WebRtcConnect, AForeignCertificateFails) {
  WebRtcStage stage;
  stage.SetState(GST_STATE_READY);
  WebRtcClient client(stage.get());
  Json request = client.ConnectRequest();
  Json& first = request["dtlsParameters"]["fingerprints"];
  for (Json& fingerprint : first) {
    std::string value = fingerprint["value"];
    value[0] = value[0] == '0' ? '1' : '0';
    fingerprint["value"] = value;
  }
  ASSERT_TRUE(Call(stage.get(), "connect", request).ok());
  EXPECT_TRUE(stage.WaitFor("sfu-dtls-state", "failed"));
}

TEST(WebRtcConnect, IceRestartGivesNewParameters) {
  WebRtcStage stage;
  stage.SetState(GST_STATE_READY);
  WebRtcClient client(stage.get());
  ASSERT_TRUE(client.Connect().ok());
  ASSERT_TRUE(stage.WaitForConnection());
  const std::string before = GetString(stage.get(), "ice-parameters");
  GstStructure* structure = nullptr;
  g_signal_emit_by_name(stage.get(), "restart-ice", &structure);
  const Answer answer = ReadAnswer(structure);
  ASSERT_TRUE(answer.ok()) << answer.error;
  EXPECT_NE(answer.json, before);
  EXPECT_EQ(answer.json, GetString(stage.get(), "ice-parameters"));
  // The client goes on with the new ones.
  const IceParameters parameters = WebRtcClient::ReadServer(stage.get()).ice;
  uint64_t before_restart = 0;
  client.OnWorker([&] {
    before_restart = client.peer().ice().answers();
    client.peer().ice().UseServer(parameters, Worker::Now());
    client.peer().RunTimerNow();
  });
  uint64_t answers = before_restart;
  for (int i = 0; i < 1'000'000 && answers == before_restart; ++i) {
    client.OnWorker([&] { answers = client.peer().ice().answers(); });
  }
  EXPECT_GT(answers, before_restart);
  EXPECT_EQ(GetString(stage.get(), "ice-state"), "completed");
}

// The browser says goodbye: nothing will come any more, so a recording can be ended.
TEST(WebRtcConnect, TheEndOfThePeerIsTheEndOfItsStreams) {
  WebRtcStage stage;
  Published published(stage);
  published.client->Close();
  EXPECT_TRUE(stage.WaitFor("sfu-dtls-state", "closed"));
  EXPECT_TRUE(published.reader->WaitFor(GST_EVENT_EOS));
}

// At any moment of a handshake: the moment is where another thread happens to be.
TEST(WebRtcConnect, ClosesAtAnyMoment) {
  for (int i = 0; i < 60; ++i) {
    WebRtcStage stage;
    stage.SetState(i % 2 == 0 ? GST_STATE_READY : GST_STATE_PLAYING);
    WebRtcClient client(stage.get());
    ASSERT_TRUE(client.Connect().ok());
    ASSERT_TRUE(Call(stage.get(), "produce", ClientProduces()).ok());
    // Further into it each time.
    for (int check = 0; check < i / 4; ++check) client.OnWorker([] {});
    if (i % 3 == 0) client.SendFrame(true);
    ASSERT_EQ(stage.SetState(GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
    EXPECT_EQ(stage.get()->numpads, 0U) << "what was negotiated goes";
  }
}

// The same out of a running pipeline, linked to a router that stays.
TEST(WebRtcConnect, LeavesItsPipelineAtAnyMoment) {
  Pipeline pipeline("sfurouter name=r webrtctransport address=127.0.0.1");
  ASSERT_TRUE(pipeline.ok()) << pipeline.error();
  pipeline.SetState(GST_STATE_PLAYING);
  const ElementRef router = pipeline.Find("r");
  for (int i = 0; i < 40; ++i) {
    const ElementRef transport = MakeElement("webrtctransport");
    g_object_set(transport.get(), "address", "127.0.0.1", nullptr);
    gst_bin_add(GST_BIN(pipeline.get()), transport.get());
    ASSERT_TRUE(gst_element_sync_state_with_parent(transport.get()));
    WebRtcClient client(transport.get());
    ASSERT_TRUE(client.Connect().ok());
    ASSERT_TRUE(Call(router.get(), "produce", transport.get(), ClientProduces()).ok()) << i;
    for (int check = 0; check < i / 4; ++check) client.OnWorker([] {});
    if (i % 3 == 0) client.SendFrame(true);
    ASSERT_TRUE(gst_bin_remove(GST_BIN(pipeline.get()), transport.get()));
    ASSERT_EQ(gst_element_set_state(transport.get(), GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
    EXPECT_EQ(transport.get()->numpads, 0U);
    ASSERT_TRUE(CallText(router.get(), "close-producer", "cam").ok()) << i;
  }
  EXPECT_EQ(router.get()->numpads, 0U);
}

TEST(WebRtcConnect, TwoAtATimeOnOnePort) {
  WebRtcStage first;
  WebRtcStage second;
  first.SetState(GST_STATE_READY);
  second.SetState(GST_STATE_READY);
  WebRtcClient to_first(first.get());
  WebRtcClient to_second(second.get());
  ASSERT_TRUE(to_second.Connect().ok());
  ASSERT_TRUE(to_first.Connect().ok());
  EXPECT_TRUE(first.WaitForConnection());
  EXPECT_TRUE(second.WaitForConnection());
}

}  // namespace
}  // namespace sfu::test

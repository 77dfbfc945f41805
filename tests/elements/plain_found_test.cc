// plaintransport with comedia: source pads for streams that come by themselves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include "plain_peer.h"

namespace sfu::test {
namespace {

using testing::HasSubstr;

// The pads that an element adds, as its signal tells of them.
class AddedPads {
 public:
  explicit AddedPads(GstElement* element) : element_(element) {
    id_ = g_signal_connect(element, "pad-added",
                           G_CALLBACK(+[](GstElement*, GstPad* pad, AddedPads* self) {
                             const std::lock_guard lock(self->mutex_);
                             self->pads_.emplace_back(pad);
                           }),
                           this);
  }
  ~AddedPads() { g_signal_handler_disconnect(element_, id_); }
  AddedPads(const AddedPads&) = delete;
  AddedPads& operator=(const AddedPads&) = delete;

  size_t count() {
    const std::lock_guard lock(mutex_);
    return pads_.size();
  }
  PadRef at(size_t i) {
    const std::lock_guard lock(mutex_);
    return i < pads_.size() ? pads_[i] : PadRef();
  }

 private:
  GstElement* const element_;
  gulong id_ = 0;
  std::mutex mutex_;
  std::vector<PadRef> pads_;
};

Bytes Audio(uint8_t payload_type, uint32_t ssrc, uint16_t sequence) {
  return BuildRtpPacket({.ssrc = ssrc,
                         .payload_type = payload_type,
                         .sequence_number = sequence,
                         .timestamp = sequence * 160U,
                         .payload = Bytes(160, 0x55)});
}

class Comedia : public PlainTransport {
 public:
  Comedia() { g_object_set(get(), "comedia", TRUE, nullptr); }
};

// Sends packets, 20 ms apart, until `done`; false when it never came.
template <typename Done>
bool SendUntil(UdpPeer& peer, guint port, uint8_t payload_type, const std::vector<uint32_t>& ssrcs,
               const Done& done) {
  const gint64 give_up = g_get_monotonic_time() + static_cast<gint64>(kPatience / 1000);
  for (uint16_t sequence = 1; g_get_monotonic_time() < give_up; ++sequence) {
    for (const uint32_t ssrc : ssrcs) peer.SendTo(port, Audio(payload_type, ssrc, sequence));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (done()) return true;
  }
  return false;
}

TEST(PlainFound, AStaticPayloadTypeNeedsNoDescription) {
  Comedia transport;
  AddedPads added(transport.get());
  transport.Play();
  UdpPeer peer;
  ASSERT_TRUE(SendUntil(peer, transport.port(), 0, {7}, [&] { return added.count() == 1; }));
  const auto caps = CapsRef::Adopt(gst_pad_get_current_caps(added.at(0).get()));
  ASSERT_TRUE(caps) << "they are there when the pad is";
  gchar* text = gst_caps_to_string(caps.get());
  EXPECT_THAT(text, HasSubstr("PCMU"));
  EXPECT_THAT(text, HasSubstr("8000"));
  g_free(text);
  Reader reader(transport.get(), GST_PAD_NAME(added.at(0).get()), "application/x-rtp");
  EXPECT_TRUE(SendUntil(peer, transport.port(), 0, {7}, [&] { return reader.received() >= 3; }));
  EXPECT_EQ(reader.PullPacket().ssrc, 7U);
}

TEST(PlainFound, TheApplicationNamesDynamicPayloadTypes) {
  Comedia transport;
  AddedPads added(transport.get());
  g_signal_connect(transport.get(), "request-pt-map",
                   G_CALLBACK(+[](GstElement*, guint payload_type, gpointer) -> GstCaps* {
                     return payload_type == 111 ? gst_caps_from_string(kOpusCaps) : nullptr;
                   }),
                   nullptr);
  transport.Play();
  UdpPeer peer;
  int rounds = 0;
  SendUntil(peer, transport.port(), 112, {8}, [&] { return ++rounds == 10; });
  ASSERT_TRUE(SendUntil(peer, transport.port(), 111, {7}, [&] { return added.count() >= 1; }));
  EXPECT_EQ(added.count(), 1U) << "nobody knows 112";
  const auto caps = CapsRef::Adopt(gst_pad_query_caps(added.at(0).get(), nullptr));
  gchar* text = gst_caps_to_string(caps.get());
  EXPECT_THAT(text, HasSubstr("OPUS"));
  g_free(text);
}

TEST(PlainFound, APadWithoutCapsGetsTheStreamThatItsPeerTakes) {
  Comedia transport;
  Reader video(transport.get(), "src_0", "application/x-rtp,media=video");
  Reader sound(transport.get(), "src_1", "application/x-rtp,media=audio");
  AddedPads added(transport.get());
  transport.Play();
  UdpPeer peer;
  ASSERT_TRUE(SendUntil(peer, transport.port(), 8, {7}, [&] { return sound.received() >= 3; }));
  EXPECT_EQ(video.received(), 0U);
  EXPECT_EQ(added.count(), 0U);
}

TEST(PlainFound, ASecondStreamOfAPadsPayloadTypeGetsAPad) {
  Comedia transport;
  Reader reader(transport.get(), "src_0", "application/x-rtp");
  g_object_set(reader.peer().get(), "caps", MakeCaps(kOpusCaps).get(), nullptr);
  AddedPads added(transport.get());
  transport.Play();
  UdpPeer peer;
  ASSERT_TRUE(SendUntil(peer, transport.port(), 111, {7, 8}, [&] { return added.count() == 1; }));
  Reader second(transport.get(), GST_PAD_NAME(added.at(0).get()), "application/x-rtp");
  EXPECT_TRUE(
      SendUntil(peer, transport.port(), 111, {7, 8}, [&] { return second.received() >= 3; }));
  EXPECT_NE(second.PullPacket().ssrc, reader.PullPacket().ssrc);
}

TEST(PlainFound, PadsGoWhenTheElementStops) {
  Comedia transport;
  AddedPads added(transport.get());
  for (size_t run = 1; run <= 2; ++run) {
    transport.Play();
    UdpPeer peer;
    ASSERT_TRUE(SendUntil(peer, transport.port(), 0, {7}, [&] { return added.count() == run; }));
    EXPECT_EQ(GST_ELEMENT_CAST(transport.get())->numsrcpads, 1);
    transport.SetState(GST_STATE_READY);
    EXPECT_EQ(GST_ELEMENT_CAST(transport.get())->numsrcpads, 0);
  }
}

TEST(PlainFound, OnlyWithComedia) {
  PlainTransport transport;
  AddedPads added(transport.get());
  transport.Play();
  UdpPeer peer;
  SendUntil(peer, transport.port(), 0, {7},
            [&] { return Stat(transport.get(), "packetsReceived") >= 10; });
  EXPECT_EQ(added.count(), 0U);
}

}  // namespace
}  // namespace sfu::test

// GStreamer's own header extensions read what our senders write.
#include <gst/audio/audio.h>
#include <gst/gst.h>
#include <gst/rtp/rtp.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "stream/packet_writer.h"
#include "tests/support/packet_builder.h"

namespace sfu::test {
namespace {

// What one packet says, in the eyes of GStreamer.
class GstReader {
 public:
  explicit GstReader(ByteView packet)
      : buffer_(gst_buffer_new_memdup(packet.data(), packet.size())) {
    EXPECT_TRUE(gst_rtp_buffer_map(buffer_, GST_MAP_READ, &rtp_));
  }
  ~GstReader() {
    gst_rtp_buffer_unmap(&rtp_);
    gst_buffer_unref(buffer_);
  }
  GstReader(const GstReader&) = delete;
  GstReader& operator=(const GstReader&) = delete;

  size_t payload_size() { return gst_rtp_buffer_get_payload_len(&rtp_); }
  GstBuffer* buffer() const { return buffer_; }
  // The bytes of an element, in whichever form.
  ByteView Find(uint8_t id) {
    gpointer data = nullptr;
    guint size = 0;
    guint8 app_bits = 0;
    const bool found =
        two_byte_
            ? gst_rtp_buffer_get_extension_twobytes_header(&rtp_, &app_bits, id, 0, &data, &size) !=
                  FALSE
            : gst_rtp_buffer_get_extension_onebyte_header(&rtp_, id, 0, &data, &size) != FALSE;
    EXPECT_TRUE(found) << int{id};
    return found ? ByteView(static_cast<const uint8_t*>(data), size) : ByteView();
  }
  // What the extension's element makes of it: one of its properties, as text.
  std::string Read(const char* factory, uint8_t id, const char* property) {
    GstElement* element = gst_element_factory_make(factory, nullptr);
    if (element == nullptr) return "no " + std::string(factory);
    auto* extension = GST_RTP_HEADER_EXTENSION(gst_object_ref_sink(element));
    gst_rtp_header_extension_set_id(extension, id);
    const ByteView data = Find(id);
    EXPECT_TRUE(gst_rtp_header_extension_read(
        extension,
        two_byte_ ? GST_RTP_HEADER_EXTENSION_TWO_BYTE : GST_RTP_HEADER_EXTENSION_ONE_BYTE,
        data.data(), data.size(), buffer_));
    gchar* text = nullptr;
    if (property != nullptr) g_object_get(extension, property, &text, nullptr);
    std::string result = text == nullptr ? "" : text;
    g_free(text);
    gst_object_unref(extension);
    return result;
  }
  void set_two_byte() { two_byte_ = true; }

 private:
  GstBuffer* const buffer_;
  GstRTPBuffer rtp_ = GST_RTP_BUFFER_INIT;
  bool two_byte_ = false;
};

class HeaderExtensions : public testing::Test {
 protected:
  static ExtensionIds Ids(uint8_t audio_level) {
    ExtensionIds ids{};
    ids[static_cast<size_t>(ExtensionType::kMid)] = 1;
    ids[static_cast<size_t>(ExtensionType::kRid)] = 2;
    ids[static_cast<size_t>(ExtensionType::kRepairedRid)] = 3;
    ids[static_cast<size_t>(ExtensionType::kTransportSequence)] = 5;
    ids[static_cast<size_t>(ExtensionType::kAudioLevel)] = audio_level;
    return ids;
  }
  // A packet with voice at -30 dBov, whose sender calls that extension 9.
  HeaderExtensions() {
    packet_ =
        PoolPacket(pool_, BuildRtpPacket({.extension = {0x90, 0x80 | 30}, .payload = Bytes(50, 7)}),
                   0, Timestamp());
    ExtensionIds theirs{};
    theirs[static_cast<size_t>(ExtensionType::kAudioLevel)] = 9;
    packet_->FindExtensions(theirs);
    entry_.packet = packet_.get();
  }
  ByteView Write(const ExtensionLayout& layout, bool rtx = false) {
    PacketWriteOptions options;
    options.layout = &layout;
    options.stamp.transport_sequence = 0xBEAD;
    const size_t size =
        rtx ? WriteRtxPacket(entry_, options, {}, out_) : WritePacket(entry_, options, 0, out_);
    return ByteView(out_).first(size);
  }

  const NtpClock ntp_{Timestamp(), NtpTime()};
  RtpPacketPool pool_;
  RtpPacketRef packet_;
  RtpBatchEntry entry_;
  std::array<uint8_t, kMaxDatagramSize> out_{};
};

TEST_F(HeaderExtensions, AreWhatGStreamerReads) {
  const ExtensionLayout layout(Ids(6), "video7", "hi", ntp_);
  GstReader reader(Write(layout));
  EXPECT_EQ(reader.payload_size(), 50U);
  EXPECT_EQ(reader.Read("rtphdrextmid", 1, "mid"), "video7");
  EXPECT_EQ(reader.Read("rtphdrextstreamid", 2, "rid"), "hi");
  EXPECT_EQ(reader.Read("rtphdrextclientaudiolevel", 6, nullptr), "");
  const GstAudioLevelMeta* level = gst_buffer_get_audio_level_meta(reader.buffer());
  ASSERT_NE(level, nullptr);
  EXPECT_EQ(level->level, 30);
  EXPECT_TRUE(level->voice_activity);
  EXPECT_EQ(reader.Read("rtphdrexttwcc", 5, nullptr), "");
  EXPECT_EQ(LoadBe16(reader.Find(5).data()), 0xBEAD);
}

TEST_F(HeaderExtensions, AreWhatGStreamerReadsInTheTwoByteForm) {
  const std::string mid(20, 'm');
  const ExtensionLayout layout(Ids(200), mid, "", ntp_);
  GstReader reader(Write(layout));
  reader.set_two_byte();
  EXPECT_EQ(reader.payload_size(), 50U);
  EXPECT_EQ(reader.Read("rtphdrextmid", 1, "mid"), mid);
  EXPECT_EQ(LoadBe16(reader.Find(5).data()), 0xBEAD);
  EXPECT_EQ(reader.Read("rtphdrextclientaudiolevel", 200, nullptr), "");
  ASSERT_NE(gst_buffer_get_audio_level_meta(reader.buffer()), nullptr);
}

TEST_F(HeaderExtensions, ARepairNamesTheStreamThatItRepairs) {
  const ExtensionLayout layout = ExtensionLayout::ForRtx(Ids(6), "0", "hi", ntp_);
  GstReader reader(Write(layout, true));
  EXPECT_EQ(reader.payload_size(), 52U);
  EXPECT_EQ(reader.Read("rtphdrextmid", 1, "mid"), "0");
  EXPECT_EQ(reader.Read("rtphdrextrepairedstreamid", 3, "rid"), "hi");
}

}  // namespace
}  // namespace sfu::test

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

// What element tests share: owners for GstHarness and pipelines, and packets to feed them with.
//
// Waiting is for buffers, events and messages, never for time. Everything here belongs to the
// thread of the test.
#pragma once

#include <gst/check/gstharness.h>
#include <gst/gst.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gst/gst_ref.h"
#include "tests/support/packet_builder.h"

namespace sfu::test {

using ::sfu::gst::BufferRef;
using ::sfu::gst::CapsRef;
using ::sfu::gst::ElementRef;
using ::sfu::gst::EventRef;
using ::sfu::gst::MiniRef;
using ::sfu::gst::PadRef;
using MessageRef = MiniRef<GstMessage>;

inline constexpr char kVp8Caps[] =
    "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000";
inline constexpr char kH264Caps[] =
    "application/x-rtp,media=video,encoding-name=H264,payload=102,clock-rate=90000";
inline constexpr char kOpusCaps[] =
    "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000";

// How long a test waits for what must come.
inline constexpr GstClockTime kPatience = 20 * GST_SECOND;

ElementRef MakeElement(const char* factory, const char* name = nullptr);
CapsRef MakeCaps(const char* text);
BufferRef MakeBuffer(const Bytes& bytes);
// An event of that name, upstream, without fields.
EventRef UpstreamEvent(const char* name);

// One header field each of an RTP packet as it lies in a buffer.
struct SeenPacket {
  uint8_t payload_type = 0;
  bool marker = false;
  uint16_t sequence_number = 0;
  uint32_t timestamp = 0;
  uint32_t ssrc = 0;
  Bytes payload;
};
SeenPacket ReadPacket(GstBuffer* buffer);

template <typename T>
T Get(gpointer object, const char* property) {
  T value{};
  g_object_get(object, property, &value, nullptr);
  return value;
}
std::string GetString(gpointer object, const char* property);
// A field of the structure in `stats` of an element or pad; 0 if there is none.
uint64_t Stat(gpointer object, const char* field);
bool HasStat(gpointer object, const char* field);

// Holds a GstHarness with one pad, linked to `pad` of `element` (requested if need be).
class Harness {
 public:
  enum class Side : uint8_t { kFeeds, kReads };
  // `caps`: what the harness's pad takes or gives; null: anything.
  Harness(GstElement* element, const char* pad, Side side, const char* caps = nullptr);
  ~Harness();
  Harness(const Harness&) = delete;
  Harness& operator=(const Harness&) = delete;

  GstHarness* get() const { return harness_; }
  // Our pad.
  GstPad* pad() const { return side_ == Side::kFeeds ? harness_->srcpad : harness_->sinkpad; }
  // The pad of the element.
  PadRef peer() const { return PadRef::Adopt(gst_pad_get_peer(pad())); }
  // What the element has its Worker do so far is done: packets that come now find it so.
  void WaitForWorker() const { Stat(peer().get(), "packetsDropped"); }

 private:
  GstStaticPadTemplate src_template_;
  GstStaticPadTemplate sink_template_;
  std::string caps_text_;
  const Side side_;
  GstHarness* harness_;
};

// Feeds a sink pad with RTP.
class Feeder : public Harness {
 public:
  // Sends stream-start, caps and segment when Start() is called.
  Feeder(GstElement* element, const char* pad, const char* caps)
      : Harness(element, pad, Side::kFeeds, caps), caps_(caps) {}

  void Start() {
    gst_harness_set_src_caps_str(get(), caps_.c_str());
    WaitForWorker();
  }
  GstFlowReturn Push(const Bytes& bytes) {
    return gst_harness_push(get(), MakeBuffer(bytes).release());
  }
  // One frame of VP8. Returns what was pushed.
  std::vector<BuiltPacket> PushFrame(bool key_frame = false);
  bool PushEvent(GstEvent* event) { return gst_harness_push_event(get(), event) != FALSE; }
  // The next upstream event of that name, custom ones by the name of their structure; others that
  // come before it are dropped.
  EventRef WaitForUpstream(const char* name);

 private:
  const std::string caps_;
  Vp8Source source_;
};

// Reads a source pad.
class Reader : public Harness {
 public:
  Reader(GstElement* element, const char* pad, const char* caps = nullptr)
      : Harness(element, pad, Side::kReads, caps) {
    WaitForWorker();
  }

  // Waits for it; empty when it did not come.
  BufferRef Pull() { return BufferRef::Adopt(gst_harness_pull(get())); }
  SeenPacket PullPacket() { return ReadPacket(Pull().get()); }
  std::vector<SeenPacket> PullPackets(size_t count);
  // The next event of that type; others that come before it are dropped.
  EventRef WaitFor(GstEventType type);
  unsigned received() const { return gst_harness_buffers_received(get()); }
};

// An element by itself, with a bus and the system clock. It goes to NULL at the end.
class Stage {
 public:
  explicit Stage(const char* factory, const char* name = nullptr);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  GstElement* get() const { return element_.get(); }
  GstStateChangeReturn SetState(GstState state) { return gst_element_set_state(get(), state); }
  void Play() { SetState(GST_STATE_PLAYING); }
  PadRef Pad(const char* name) const {
    return PadRef::Adopt(gst_element_get_static_pad(get(), name));
  }
  // The next message of these types, at once or after kPatience; empty if there is none.
  MessageRef PopMessage(GstMessageType types);
  MessageRef WaitForMessage(GstMessageType types);

 private:
  ElementRef element_;
  GstBus* bus_;
};

// Two of our elements, one behind the other: src_0 of `front`, linked to sink_0 of `back`.
struct Link {
  Link(const Stage& front, const Stage& back);
  // Keeps all buffers that pass from now on, beyond their push. `kept` must outlive the pads.
  void Keep(std::vector<BufferRef>* kept) const;

  const PadRef src;
  const PadRef sink;
};

// A pipeline made from text. It goes to NULL at the end.
class Pipeline {
 public:
  explicit Pipeline(const std::string& description);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  bool ok() const { return static_cast<bool>(pipeline_); }
  const std::string& error() const { return error_; }
  GstElement* get() const { return pipeline_.get(); }
  ElementRef Find(const char* name) const;
  PadRef FindPad(const char* element, const char* pad) const;
  // Waits until the state is reached.
  GstStateChangeReturn SetState(GstState state);
  MessageRef WaitForMessage(GstMessageType types);

 private:
  ElementRef pipeline_;
  std::string error_;
};

// The text of an error or warning message.
std::string TextOf(const MessageRef& message);

}  // namespace sfu::test

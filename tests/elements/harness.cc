// GstHarness waits up to a minute for a buffer; that is only ever used up when a test fails.
#include "harness.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/bytes.h"

namespace sfu::test {

ElementRef MakeElement(const char* factory, const char* name) {
  GstElement* element = gst_element_factory_make(factory, name);
  if (element == nullptr) return ElementRef();
  return ElementRef::Adopt(GST_ELEMENT(gst_object_ref_sink(element)));
}

CapsRef MakeCaps(const char* text) { return CapsRef::Adopt(gst_caps_from_string(text)); }

BufferRef MakeBuffer(const Bytes& bytes) {
  if (bytes.empty()) return BufferRef::Adopt(gst_buffer_new());
  return BufferRef::Adopt(gst_buffer_new_memdup(bytes.data(), bytes.size()));
}

EventRef UpstreamEvent(const char* name) {
  return EventRef::Adopt(
      gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, gst_structure_new_empty(name)));
}

SeenPacket ReadPacket(GstBuffer* buffer) {
  SeenPacket seen;
  GstMapInfo map;
  if (buffer == nullptr || !gst_buffer_map(buffer, &map, GST_MAP_READ)) return seen;
  if (map.size >= 12) {
    const uint8_t* data = map.data;
    seen.payload_type = data[1] & 0x7F;
    seen.marker = (data[1] & 0x80) != 0;
    seen.sequence_number = LoadBe16(data + 2);
    seen.timestamp = LoadBe32(data + 4);
    seen.ssrc = LoadBe32(data + 8);
    seen.payload.assign(data + 12, data + map.size);
  }
  gst_buffer_unmap(buffer, &map);
  return seen;
}

std::string GetString(gpointer object, const char* property) {
  gchar* text = Get<gchar*>(object, property);
  std::string copy = text == nullptr ? "" : text;
  g_free(text);
  return copy;
}

uint64_t Stat(gpointer object, const char* field) {
  auto* stats = Get<GstStructure*>(object, "stats");
  guint64 value = 0;
  gst_structure_get_uint64(stats, field, &value);
  gst_structure_free(stats);
  return value;
}

bool HasStat(gpointer object, const char* field) {
  auto* stats = Get<GstStructure*>(object, "stats");
  const bool has = gst_structure_has_field(stats, field) != FALSE;
  gst_structure_free(stats);
  return has;
}

Harness::Harness(GstElement* element, const char* pad, Side side, const char* caps)
    : caps_text_(caps == nullptr ? "ANY" : caps), side_(side), harness_(gst_harness_new_empty()) {
  const bool feeds = side == Side::kFeeds;
  // The harness makes both of its pads for an element that has pads of both kinds; one stays loose.
  src_template_ = {
      "src", GST_PAD_SRC, GST_PAD_ALWAYS, {nullptr, feeds ? caps_text_.c_str() : "ANY"}};
  sink_template_ = {
      "sink", GST_PAD_SINK, GST_PAD_ALWAYS, {nullptr, feeds ? "ANY" : caps_text_.c_str()}};
  gst_harness_add_element_full(harness_, element, &src_template_, feeds ? pad : nullptr,
                               &sink_template_, feeds ? nullptr : pad);
  if (!feeds && caps != nullptr) gst_harness_set_sink_caps_str(harness_, caps);
  gst_harness_use_systemclock(harness_);
}

Harness::~Harness() {
  gst_harness_teardown(harness_);
  // Static templates keep their caps for ever; ours are not static.
  gst_caps_replace(&src_template_.static_caps.caps, nullptr);
  gst_caps_replace(&sink_template_.static_caps.caps, nullptr);
}

std::vector<BuiltPacket> Feeder::PushFrame(bool key_frame) {
  if (key_frame) source_.ForceKeyFrame();
  std::vector<BuiltPacket> packets = source_.NextFrame(Timestamp());
  for (const BuiltPacket& packet : packets) Push(packet.bytes);
  return packets;
}

EventRef Feeder::WaitForUpstream(const char* name) {
  while (GstEvent* event = gst_harness_pull_upstream_event(get())) {
    auto owned = EventRef::Adopt(event);
    const GstStructure* s = gst_event_get_structure(event);
    if (s != nullptr && gst_structure_has_name(s, name)) return owned;
  }
  return EventRef();
}

std::vector<SeenPacket> Reader::PullPackets(size_t count) {
  std::vector<SeenPacket> packets;
  for (size_t i = 0; i < count; ++i) packets.push_back(PullPacket());
  return packets;
}

EventRef Reader::WaitFor(GstEventType type) {
  while (GstEvent* event = gst_harness_pull_event(get())) {
    auto owned = EventRef::Adopt(event);
    if (GST_EVENT_TYPE(event) == type) return owned;
  }
  return EventRef();
}

Stage::Stage(const char* factory, const char* name)
    : element_(MakeElement(factory, name)), bus_(gst_bus_new()) {
  gst_element_set_bus(get(), bus_);
}

Stage::~Stage() {
  gst_element_set_state(get(), GST_STATE_NULL);
  gst_bus_set_flushing(bus_, TRUE);
  gst_element_set_bus(get(), nullptr);
  gst_object_unref(bus_);
}

MessageRef Stage::PopMessage(GstMessageType types) {
  return MessageRef::Adopt(gst_bus_pop_filtered(bus_, types));
}

MessageRef Stage::WaitForMessage(GstMessageType types) {
  return MessageRef::Adopt(gst_bus_timed_pop_filtered(bus_, kPatience, types));
}

Link::Link(const Stage& front, const Stage& back)
    : src(PadRef::Adopt(gst_element_request_pad_simple(front.get(), "src_0"))),
      sink(PadRef::Adopt(gst_element_request_pad_simple(back.get(), "sink_0"))) {
  EXPECT_EQ(gst_pad_link(src.get(), sink.get()), GST_PAD_LINK_OK);
}

void Link::Keep(std::vector<BufferRef>* kept) const {
  gst_pad_add_probe(
      src.get(), GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad*, GstPadProbeInfo* info, gpointer data) {
        static_cast<std::vector<BufferRef>*>(data)->emplace_back(GST_PAD_PROBE_INFO_BUFFER(info));
        return GST_PAD_PROBE_OK;
      },
      kept, nullptr);
}

Pipeline::Pipeline(const std::string& description) {
  GError* error = nullptr;
  GstElement* made =
      gst_parse_launch_full(description.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &error);
  if (error != nullptr) error_ = error->message;
  g_clear_error(&error);
  if (made != nullptr) pipeline_ = ElementRef::Adopt(GST_ELEMENT(gst_object_ref_sink(made)));
}

Pipeline::~Pipeline() {
  if (ok()) gst_element_set_state(get(), GST_STATE_NULL);
}

ElementRef Pipeline::Find(const char* name) const {
  return ElementRef::Adopt(gst_bin_get_by_name(GST_BIN(get()), name));
}

PadRef Pipeline::FindPad(const char* element, const char* pad) const {
  return PadRef::Adopt(gst_element_get_static_pad(Find(element).get(), pad));
}

GstStateChangeReturn Pipeline::SetState(GstState state) {
  const GstStateChangeReturn result = gst_element_set_state(get(), state);
  if (result != GST_STATE_CHANGE_ASYNC) return result;
  return gst_element_get_state(get(), nullptr, nullptr, kPatience);
}

MessageRef Pipeline::WaitForMessage(GstMessageType types) {
  GstBus* bus = gst_element_get_bus(get());
  auto message = MessageRef::Adopt(gst_bus_timed_pop_filtered(bus, kPatience, types));
  gst_object_unref(bus);
  return message;
}

std::string TextOf(const MessageRef& message) {
  if (!message) return "";
  GError* error = nullptr;
  if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_WARNING) {
    gst_message_parse_warning(message.get(), &error, nullptr);
  } else {
    gst_message_parse_error(message.get(), &error, nullptr);
  }
  std::string text = error->message;
  g_error_free(error);
  return text;
}

}  // namespace sfu::test

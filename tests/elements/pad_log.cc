// The probe owns what it writes to, for it may still be running when it is removed.
#include "pad_log.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace sfu::test {

struct PadLog::Shared {
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::vector<PadEntry> entries;

  void Add(PadEntry entry) {
    entry.at = g_get_monotonic_time() * 1000;
    const std::lock_guard lock(mutex);
    entries.push_back(std::move(entry));
    changed.notify_all();
  }
  void Add(GstBuffer* buffer) {
    PadEntry entry;
    entry.packet = ReadPacket(buffer);
    entry.pts = GST_BUFFER_PTS(buffer);
    entry.discont = GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DISCONT);
    Add(std::move(entry));
  }
  void Add(GstEvent* event) {
    PadEntry entry;
    entry.event = GST_EVENT_TYPE(event);
    if (entry.event == GST_EVENT_CAPS) {
      GstCaps* caps = nullptr;
      gst_event_parse_caps(event, &caps);
      const char* name = gst_structure_get_string(gst_caps_get_structure(caps, 0), "encoding-name");
      entry.encoding = name == nullptr ? "" : name;
    }
    Add(std::move(entry));
  }
  bool Wait(GstEventType type, size_t count) const {
    const auto of_type = [type](const PadEntry& entry) { return entry.event == type; };
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::nanoseconds(kPatience), [&] {
      return static_cast<size_t>(std::count_if(entries.begin(), entries.end(), of_type)) >= count;
    });
  }
};

PadLog::PadLog(GstPad* pad) : pad_(pad), shared_(std::make_shared<Shared>()) {
  probe_ = gst_pad_add_probe(
      pad,
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST |
                                   GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
      &PadLog::OnProbe, new std::shared_ptr<Shared>(shared_),
      [](gpointer data) { delete static_cast<std::shared_ptr<Shared>*>(data); });
}

PadLog::~PadLog() { gst_pad_remove_probe(pad_.get(), probe_); }

GstPadProbeReturn PadLog::OnProbe(GstPad*, GstPadProbeInfo* info, gpointer data) {
  Shared& shared = **static_cast<std::shared_ptr<Shared>*>(data);
  if ((info->type & GST_PAD_PROBE_TYPE_BUFFER) != 0) {
    shared.Add(GST_PAD_PROBE_INFO_BUFFER(info));
  } else if ((info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) != 0) {
    GstBufferList* list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
    for (guint i = 0; i < gst_buffer_list_length(list); ++i) {
      shared.Add(gst_buffer_list_get(list, i));
    }
  } else {
    shared.Add(GST_PAD_PROBE_INFO_EVENT(info));
  }
  return GST_PAD_PROBE_OK;
}

bool PadLog::WaitForPackets(size_t count) const { return shared_->Wait(GST_EVENT_UNKNOWN, count); }

bool PadLog::WaitForEvents(GstEventType type, size_t count) const {
  return shared_->Wait(type, count);
}

std::vector<PadEntry> PadLog::entries() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->entries;
}

std::vector<PadEntry> PadLog::packets() const {
  std::vector<PadEntry> packets = entries();
  std::erase_if(packets, [](const PadEntry& e) { return e.event != GST_EVENT_UNKNOWN; });
  return packets;
}

std::string PadLog::Story() const {
  std::string story;
  const auto say = [&story](const std::string& word) {
    story += (story.empty() ? "" : " ") + word;
  };
  const std::vector<PadEntry> all = entries();
  for (size_t i = 0; i < all.size(); ++i) {
    // The stream-start may have come before the log was begun.
    const bool first = story.empty() && all[i].event == GST_EVENT_STREAM_START;
    if (first || all[i].event == GST_EVENT_GAP) continue;
    if (all[i].event == GST_EVENT_CAPS) {
      say("caps:" + all[i].encoding);
    } else if (all[i].event != GST_EVENT_UNKNOWN) {
      say(gst_event_type_get_name(all[i].event));
    } else {
      size_t end = i;
      while (end < all.size() && all[end].event == GST_EVENT_UNKNOWN &&
             all[end].packet.payload_type == all[i].packet.payload_type) {
        ++end;
      }
      say(std::to_string(all[i].packet.payload_type) + "*" + std::to_string(end - i));
      i = end - 1;
    }
  }
  return story;
}

std::string Unbroken(const std::vector<PadEntry>& packets) {
  std::string wrong;
  for (size_t i = 1; i < packets.size(); ++i) {
    const uint16_t before = packets[i - 1].packet.sequence_number;
    const uint16_t number = packets[i].packet.sequence_number;
    if (number == static_cast<uint16_t>(before + 1)) continue;
    wrong += std::to_string(before) + " then " + std::to_string(number) + "; ";
  }
  return wrong;
}

}  // namespace sfu::test

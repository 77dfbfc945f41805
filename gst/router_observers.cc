// Listeners are called on the Worker; the application hears of it on a thread that may wait.
#include "router_observers.h"

#include <utility>

#include "call_later.h"
#include "property_specs.h"

namespace sfu::gst {
namespace {

constexpr char kVolumesSignal[] = "volumes";
constexpr char kSilenceSignal[] = "silence";
constexpr char kDominantSpeaker[] = "dominant-speaker";

guint Millis(TimeDelta time) { return static_cast<guint>(time.ms()); }

}  // namespace

bool RouterObservers::SetProperty(guint id, const GValue* value) {
  const std::lock_guard lock(mutex_);
  switch (id) {
    case kRouterActiveSpeaker:
      settings_.active_speaker = g_value_get_boolean(value) != FALSE;
      return true;
    case kRouterAudioLevels:
      settings_.audio_levels = g_value_get_boolean(value) != FALSE;
      return true;
    case kRouterActiveSpeakerInterval:
      settings_.speaker_options.interval = TimeDelta::Millis(g_value_get_uint(value));
      ++settings_.speaker_version;
      return true;
    case kRouterAudioLevelsInterval:
      settings_.level_options.interval = TimeDelta::Millis(g_value_get_uint(value));
      break;
    case kRouterAudioLevelsThreshold:
      settings_.level_options.threshold = g_value_get_int(value);
      break;
    case kRouterAudioLevelsMaxEntries:
      settings_.level_options.max_entries = g_value_get_uint(value);
      break;
    default:
      return false;
  }
  ++settings_.level_version;
  return true;
}

bool RouterObservers::GetProperty(guint id, GValue* value) const {
  const std::lock_guard lock(mutex_);
  switch (id) {
    case kRouterActiveSpeaker:
      g_value_set_boolean(value, settings_.active_speaker);
      return true;
    case kRouterActiveSpeakerInterval:
      g_value_set_uint(value, Millis(settings_.speaker_options.interval));
      return true;
    case kRouterDominantSpeaker:
      g_value_set_string(value, dominant_speaker_.c_str());
      return true;
    case kRouterAudioLevels:
      g_value_set_boolean(value, settings_.audio_levels);
      return true;
    case kRouterAudioLevelsInterval:
      g_value_set_uint(value, Millis(settings_.level_options.interval));
      return true;
    case kRouterAudioLevelsThreshold:
      g_value_set_int(value, settings_.level_options.threshold);
      return true;
    case kRouterAudioLevelsMaxEntries:
      g_value_set_uint(value, static_cast<guint>(settings_.level_options.max_entries));
      return true;
    default:
      return false;
  }
}

RouterObservers::Settings RouterObservers::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

void RouterObservers::Open(RouterHub* hub) {
  hub_ = hub;
  Refresh();
}

void RouterObservers::Close() {
  if (hub_ == nullptr) return;
  hub_->router().CloseObserver(std::exchange(speaker_, nullptr));
  hub_->router().CloseObserver(std::exchange(levels_, nullptr));
  hub_ = nullptr;
  places_.clear();
  const std::lock_guard lock(mutex_);
  dominant_speaker_.clear();
}

void RouterObservers::Refresh() {
  if (hub_ == nullptr) return;
  const Settings wanted = settings();
  RefreshSpeaker(wanted);
  RefreshLevels(wanted);
  if (speaker_ == nullptr && levels_ == nullptr) places_.clear();
}

void RouterObservers::RefreshSpeaker(const Settings& wanted) {
  if (speaker_ != nullptr && wanted.active_speaker && speaker_version_ == wanted.speaker_version) {
    return;
  }
  if (speaker_ != nullptr) {
    const bool there_was_one = speaker_->dominant() != nullptr;
    hub_->router().CloseObserver(std::exchange(speaker_, nullptr));
    if (there_was_one) OnDominant(nullptr);
  }
  if (!wanted.active_speaker) return;
  auto made = hub_->router().CreateActiveSpeakerObserver(
      wanted.speaker_options, [this](const Producer* dominant) { OnDominant(dominant); });
  if (!made) {
    WarnLater(element_, "", made.error());
    return;
  }
  speaker_ = made.value();
  speaker_version_ = wanted.speaker_version;
  AddAll(speaker_);
}

void RouterObservers::RefreshLevels(const Settings& wanted) {
  if (levels_ != nullptr && wanted.audio_levels && level_version_ == wanted.level_version) return;
  hub_->router().CloseObserver(std::exchange(levels_, nullptr));
  if (!wanted.audio_levels) return;
  auto made = hub_->router().CreateAudioLevelObserver(
      wanted.level_options,
      [this](std::span<const ProducerVolume> volumes) { OnVolumes(volumes); });
  if (!made) {
    WarnLater(element_, "", made.error());
    return;
  }
  levels_ = made.value();
  level_version_ = wanted.level_version;
  AddAll(levels_);
}

void RouterObservers::AddAll(RtpObserver* observer) {
  hub_->ForEachProducer([&](const ProducerSlot& slot) { Add(observer, slot); });
}

void RouterObservers::Add(RtpObserver* observer, const ProducerSlot& slot) {
  if (observer == nullptr || !slot.observed) return;
  if (slot.producer->codec().kind != MediaKind::kAudio) return;
  if (observer->AddProducer(slot.producer, Worker::Now()).ok()) {
    places_[slot.id] = {slot.pad_name, slot.face_name};
  }
}

void RouterObservers::AddProducer(const ProducerSlot& slot) {
  Add(speaker_, slot);
  Add(levels_, slot);
}

void RouterObservers::ProducerChanged(const ProducerSlot& slot) {
  if (slot.observed) {
    AddProducer(slot);
    return;
  }
  if (speaker_ != nullptr) speaker_->RemoveProducer(slot.producer);
  if (levels_ != nullptr) levels_->RemoveProducer(slot.producer);
  RemoveProducer(slot);
}

void RouterObservers::AddPlace(GstStructure* s, const std::string& producer_id) const {
  const auto found = places_.find(producer_id);
  const Place place = found == places_.end() ? Place{} : found->second;
  gst_structure_set(s, "producer-id", G_TYPE_STRING, producer_id.c_str(), "pad", G_TYPE_STRING,
                    place.pad.c_str(), "router", G_TYPE_STRING, place.face.c_str(), nullptr);
}

void RouterObservers::OnDominant(const Producer* dominant) {
  const std::string id = dominant == nullptr ? "" : dominant->id();
  {
    const std::lock_guard lock(mutex_);
    dominant_speaker_ = id;
  }
  GstStructure* s = gst_structure_new_empty("sfu-dominant-speaker");
  AddPlace(s, id);
  CallLater(element_,
            [element = element_, message = gst_message_new_element(GST_OBJECT_CAST(element_), s)] {
              g_object_notify(G_OBJECT(element), kDominantSpeaker);
              gst_element_post_message(element, message);
            });
}

void RouterObservers::OnVolumes(std::span<const ProducerVolume> volumes) {
  if (volumes.empty()) {
    GstStructure* s = gst_structure_new_empty("sfu-silence");
    CallLater(element_, [element = element_,
                         message = gst_message_new_element(GST_OBJECT_CAST(element_), s)] {
      g_signal_emit_by_name(element, kSilenceSignal);
      gst_element_post_message(element, message);
    });
    return;
  }
  GValue list = G_VALUE_INIT;
  g_value_init(&list, GST_TYPE_ARRAY);
  for (const auto& [producer, volume] : volumes) {
    GstStructure* entry = gst_structure_new("sfu-volume", "volume", G_TYPE_INT, volume, nullptr);
    AddPlace(entry, producer->id());
    GValue item = G_VALUE_INIT;
    g_value_init(&item, GST_TYPE_STRUCTURE);
    g_value_take_boxed(&item, entry);
    gst_value_array_append_and_take_value(&list, &item);
  }
  GstStructure* s = gst_structure_new_empty("sfu-volumes");
  gst_structure_take_value(s, "volumes", &list);
  CallLater(element_,
            [element = element_, message = gst_message_new_element(GST_OBJECT_CAST(element_), s)] {
              g_signal_emit_by_name(element, kVolumesSignal, gst_message_get_structure(message));
              gst_element_post_message(element, message);
            });
}

void InstallRouterObservers(GObjectClass* klass) {
  const ActiveSpeakerOptions speaker;
  const AudioLevelOptions level;
  InstallSwitch(klass, kRouterActiveSpeaker, "active-speaker", "Active speaker",
                "Find out who speaks (see dominant-speaker), from the audio levels in "
                "the packets of the Router's audio Producers",
                false, kSettableAtAnyTime);
  g_object_class_install_property(
      klass, kRouterActiveSpeakerInterval,
      g_param_spec_uint(
          "active-speaker-interval", "Active speaker interval", "How often that is decided (ms)",
          Millis(ActiveSpeakerOptions::kMinInterval), Millis(ActiveSpeakerOptions::kMaxInterval),
          Millis(speaker.interval), kSettableAtAnyTime));
  InstallText(klass, kRouterDominantSpeaker, kDominantSpeaker, "Dominant speaker",
              "The id of the Producer that speaks, or spoke last. Empty: none yet, or "
              "active-speaker is off",
              "", kReadable);
  InstallSwitch(klass, kRouterAudioLevels, "audio-levels", "Audio levels",
                "Tell who is loudest, and when all are silent, from the audio levels in "
                "the packets of the Router's audio Producers",
                false, kSettableAtAnyTime);
  g_object_class_install_property(
      klass, kRouterAudioLevelsInterval,
      g_param_spec_uint("audio-levels-interval", "Audio levels interval",
                        "How often that is told, and over what time levels are averaged (ms)",
                        Millis(AudioLevelOptions::kMinInterval),
                        Millis(AudioLevelOptions::kMaxInterval), Millis(level.interval),
                        kSettableAtAnyTime));
  g_object_class_install_property(
      klass, kRouterAudioLevelsThreshold,
      g_param_spec_int("audio-levels-threshold", "Audio levels threshold",
                       "The least level that counts as sound (dBov)",
                       AudioLevelOptions::kMinThreshold, 0, level.threshold, kSettableAtAnyTime));
  g_object_class_install_property(
      klass, kRouterAudioLevelsMaxEntries,
      g_param_spec_uint("audio-levels-max-entries", "Audio levels max entries",
                        "How many of the loudest are told of", 1, Router::kMaxProducers,
                        static_cast<guint>(level.max_entries), kSettableAtAnyTime));
  g_signal_new(kVolumesSignal, G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, nullptr, nullptr,
               nullptr, G_TYPE_NONE, 1, GST_TYPE_STRUCTURE | G_SIGNAL_TYPE_STATIC_SCOPE);
  g_signal_new(kSilenceSignal, G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, nullptr, nullptr,
               nullptr, G_TYPE_NONE, 0);
}

}  // namespace sfu::gst

// Who speaks, and how loud: the observers (lib/router/rtp_observer.h) that a face of a Router asks
// for by its properties, and what the application hears of them.
#pragma once

#include <gst/gst.h>

#include <map>
#include <mutex>
#include <span>
#include <string>

#include "router_hub.h"

namespace sfu::gst {

// The numbers of its properties, behind all others of sfurouter.
enum RouterObserverProperty : guint {
  kRouterActiveSpeaker = 100,
  kRouterActiveSpeakerInterval,
  kRouterDominantSpeaker,
  kRouterAudioLevels,
  kRouterAudioLevelsInterval,
  kRouterAudioLevelsThreshold,
  kRouterAudioLevelsMaxEntries,
};

// Adds those properties, and the signals `volumes` and `silence`.
void InstallRouterObservers(GObjectClass* klass);

class RouterObservers {
 public:
  // `element` owns this.
  explicit RouterObservers(GstElement* element) : element_(element) {}
  RouterObservers(const RouterObservers&) = delete;
  RouterObservers& operator=(const RouterObservers&) = delete;

  // For the properties of InstallRouterObservers(), any thread. False if `id` is none of them. What
  // is set takes effect with the next Refresh().
  bool SetProperty(guint id, const GValue* value);
  bool GetProperty(guint id, GValue* value) const;

  // --- Worker ---
  // The face has joined the Router, and leaves it.
  void Open(RouterHub* hub);
  void Close();
  // Makes and closes observers as the properties say.
  void Refresh();
  void AddProducer(const ProducerSlot& slot);
  // It is to be observed now, or no longer.
  void ProducerChanged(const ProducerSlot& slot);
  void RemoveProducer(const ProducerSlot& slot) { places_.erase(slot.id); }

 private:
  struct Settings {
    bool active_speaker = false;
    bool audio_levels = false;
    ActiveSpeakerOptions speaker_options;
    AudioLevelOptions level_options;
    // Counts changes of either kind: who has another number makes his observer anew.
    unsigned speaker_version = 0;
    unsigned level_version = 0;
  };
  // Where a Producer comes in.
  struct Place {
    std::string pad;
    std::string face;
  };

  Settings settings() const;
  void RefreshSpeaker(const Settings& wanted);
  void RefreshLevels(const Settings& wanted);
  void AddAll(RtpObserver* observer);
  void Add(RtpObserver* observer, const ProducerSlot& slot);
  void OnDominant(const Producer* dominant);
  void OnVolumes(std::span<const ProducerVolume> volumes);
  void AddPlace(GstStructure* s, const std::string& producer_id) const;

  GstElement* const element_;
  mutable std::mutex mutex_;
  Settings settings_;             // guarded
  std::string dominant_speaker_;  // guarded
  // The Worker's.
  RouterHub* hub_ = nullptr;
  ActiveSpeakerObserver* speaker_ = nullptr;
  AudioLevelObserver* levels_ = nullptr;
  unsigned speaker_version_ = 0;
  unsigned level_version_ = 0;
  std::map<std::string, Place> places_;  // of the audio Producers, while there is an observer
};

}  // namespace sfu::gst

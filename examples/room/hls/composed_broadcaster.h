// Broadcasts a room as one picture and one sound, in one size or several. All sizes have their key
// frames at the same pictures, so that a player can change over.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../recording/mixer.h"
#include "broadcaster.h"
#include "rendition.h"

namespace room {

class ComposedBroadcaster : public Broadcaster {
 public:
  // How long a segment is, if all goes well.
  static constexpr int64_t kSegment = 1'000'000'000;  // ns

  // `room`: its router. `streams`: one for each of `renditions`. Throws std::runtime_error.
  ComposedBroadcaster(GstElement* room, const std::vector<Rendition>& renditions,
                      const LiveStreams& streams);

  // For its streams.
  static LiveStream::Settings StreamSettings();

  void Add(const StreamInfo& stream) override { mixer_->Add(stream); }
  void Remove(const std::string& producer) override { mixer_->Remove(producer); }
  std::string picture() const override { return "mixed"; }
  std::string TakeError() const override { return mixer_->TakeError(); }

 private:
  GstPtr<GstElement> Find(const std::string& name) const;

  std::vector<std::unique_ptr<LiveSink>> sinks_;  // before the mixer, which streams into them
  std::unique_ptr<Mixer> mixer_;
};

}  // namespace room

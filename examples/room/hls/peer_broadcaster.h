// Broadcasts one participant: his first picture as he sends it, if it is H.264 (otherwise it
// becomes that), and all his sounds, mixed and encoded.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../recording/mixer.h"
#include "broadcaster.h"

namespace room {

class PeerBroadcaster : public Broadcaster {
 public:
  // `room`: its router. `peer`: his name. Throws std::runtime_error.
  PeerBroadcaster(GstElement* room, std::string peer, const std::shared_ptr<LiveStream>& stream);

  // For its stream.
  static LiveStream::Settings StreamSettings();

  void Add(const StreamInfo& stream) override;
  void Remove(const std::string& producer) override;
  std::string picture() const override;
  std::string TakeError() const override { return mixer_->TakeError(); }

 private:
  struct Picture {
    Picture(GstElement* router, const StreamInfo& info, const std::shared_ptr<LiveStream>& live);

    const StreamInfo info;
    std::unique_ptr<LiveSink> sink;  // before the branch that streams into it
    RouterBranch branch;
  };

  void ShowNext();

  const std::string peer_;
  const std::shared_ptr<LiveStream> stream_;
  std::unique_ptr<LiveSink> sound_;  // before the mixer, which streams into it
  std::unique_ptr<Mixer> mixer_;     // of his sounds
  std::optional<Picture> picture_;   // in the mixer's pipeline
  std::vector<StreamInfo> waiting_;  // his other pictures
};

}  // namespace room

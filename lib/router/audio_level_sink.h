// What hears how loud a Producer is, packet by packet (RFC 6464). Nothing is decoded for it.
#pragma once

#include "base/time.h"
#include "rtp/extension_values.h"

namespace sfu {

class AudioLevelSink {
 public:
  virtual ~AudioLevelSink() = default;
  // A packet of a Producer that is not paused said so. Must not add or remove sinks, nor call the
  // application.
  virtual void OnAudioLevel(AudioLevel level, Timestamp now) = 0;
  // The Producer was paused: what was heard of it counts no more.
  virtual void OnAudioPaused() = 0;
};

}  // namespace sfu

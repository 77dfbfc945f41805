// A whole room as one picture and one sound: each stream is decoded and mixed; where the pictures
// stand follows who is there. What comes out of it is for whatever hangs on its encoders.
#pragma once

#include <gst/gst.h>

#include <map>
#include <memory>
#include <string>

#include "recorder_pipeline.h"
#include "router_branch.h"

namespace room {

class Mixer {
 public:
  // How late the mixed streams are: repairs and decoders have so much time.
  static constexpr int64_t kLatency = 1'500'000'000;  // ns

  // `room`: its router. `encoders`: a gst-launch-1.0 line with the elements `picture`, which takes
  // raw video, and `sound`, which takes raw audio. Throws std::runtime_error.
  Mixer(GstElement* room, const std::string& encoders);

  void Add(const StreamInfo& stream);
  void Remove(const std::string& producer);
  // Ends the streams that come out.
  void End() const;

  GstElement* pipeline() const { return pipeline_.get(); }
  uint64_t dropped() const;
  std::string TakeError() const { return pipeline_.TakeError(); }

 private:
  // One stream, up to a pad of the compositor or the audiomixer.
  struct Input {
    Input(GstElement* router, const StreamInfo& stream, GstElement* mixing_bin, GstElement* to);
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;
    ~Input();

    GstElement* const bin;
    GstElement* const mixer;
    GstPtr<GstPad> mixed;
    GstPad* ghost = nullptr;  // of the bin: the way to that pad
    RouterBranch branch;
  };

  void Arrange() const;

  RecorderPipeline pipeline_;
  const GstPtr<GstElement> bin_;      // mixers and encoders
  GstElement* compositor_ = nullptr;  // of the bin, as the next
  GstElement* audiomixer_ = nullptr;
  std::map<std::string, std::unique_ptr<Input>> inputs_;  // by Producer
  uint64_t dropped_before_ = 0;
};

}  // namespace room

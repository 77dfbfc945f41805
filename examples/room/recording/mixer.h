// A whole room as one picture and one sound, or the sound alone: each stream is decoded and mixed;
// where the pictures stand follows who is there. What comes out of it is for whatever hangs on its
// encoders.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "recorder_pipeline.h"
#include "router_branch.h"

namespace room {

class Mixer {
 public:
  // How late the mixed streams are: repairs and decoders have so much time.
  static constexpr int64_t kLatency = 1'500'000'000;  // ns
  // How much of it decoders have.
  static constexpr int64_t kDecoding = 500'000'000;  // ns
  // The compositor shows a picture up to one frame of its own early: by that its times are wrong.
  static constexpr int64_t kPictureShift = 20'000'000;  // ns
  // An AAC encoder begins with 1024 samples that are not in what it was given.
  static constexpr int64_t kAacShift = -21'333'333;  // ns
  static constexpr int kWidth = 1280;
  static constexpr int kHeight = 720;

  struct Settings {
    // A gst-launch-1.0 line with the elements `picture`, which takes raw video, and `sound`, which
    // takes raw audio.
    std::string encoders;
    int64_t latency = kLatency;  // ns, at least kDecoding
    bool pictures = true;        // or there is no `picture`, and Add() takes none
  };

  // `room`: its router. Throws std::runtime_error.
  Mixer(GstElement* room, const Settings& settings);

  void Add(const StreamInfo& stream);
  void Remove(const std::string& producer);
  // Ends the streams that come out.
  void End() const;

  // The room's, in the mixer's pipeline.
  GstElement* router() const { return pipeline_.router(); }
  GstElement* pipeline() const { return pipeline_.get(); }
  uint64_t dropped() const;
  std::string TakeError() const { return pipeline_.TakeError(); }

 private:
  // One stream, up to a pad of the compositor or the audiomixer.
  struct Input {
    Input(GstElement* router, const StreamInfo& stream, GstElement* mixing_bin, GstElement* to,
          int latency);
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
  const int input_latency_;           // ms
  GstElement* compositor_ = nullptr;  // of the bin, as the next; null: no pictures
  GstElement* audiomixer_ = nullptr;
  // By Producer, in the order in which they came: so nobody changes places with who was there
  // before.
  std::vector<std::pair<std::string, std::unique_ptr<Input>>> inputs_;
  uint64_t dropped_before_ = 0;
};

}  // namespace room

// One participant of the load test: joins a room as a page does, with two webrtctransports of our
// own (full ICE) in place of a browser's, sends a camera and a microphone, and receives all
// others'.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "frames.h"
#include "judge.h"
#include "room_socket.h"

namespace load {

// What all participants share.
struct Scene {
  std::string url;  // of the WebSocket
  SoupSession* session = nullptr;
  GstElement* pipeline = nullptr;  // plays
  GstElement* sink_router = nullptr;
  const Encoded* frames = nullptr;
  Judge* judge = nullptr;
  RoomSocket::OnFailure failed;
};

// A stream that a participant sends, and the pad that feeds his transport. Pushed by one thread.
class SentStream {
 public:
  SentStream(const Scene& scene, GstElement* transport, bool video, uint32_t ssrc);
  ~SentStream();
  SentStream(const SentStream&) = delete;
  SentStream& operator=(const SentStream&) = delete;

  // The next frame.
  void Push(int64_t now);
  // Packets.
  uint32_t sent() const { return frames_.sent(); }
  int64_t interval() const { return 1'000'000'000 / (video_ ? kVideoRate : kAudioRate); }
  bool video() const { return video_; }

 private:
  const bool video_;
  RtpFrames frames_;
  GstPad* pad_;
  std::atomic<bool> key_frame_wanted_ = false;
};

class Participant {
 public:
  Participant(const Scene& scene, int number);
  ~Participant();
  Participant(const Participant&) = delete;
  Participant& operator=(const Participant&) = delete;

  // Whether both transports are connected and what he sends has been accepted.
  bool ready() const;
  // Streams that he has resumed.
  size_t consumed() const { return consumed_; }
  const std::vector<std::unique_ptr<SentStream>>& streams() const { return streams_; }

 private:
  void OnOpen();
  void OnTransport(const char* direction, const Json& theirs);
  void Produce(bool video);
  void OnNotification(const std::string& method, const Json& data);
  void Consume(const Json& consumer);

  const Scene& scene_;
  const int number_;
  GstElement* send_;
  GstElement* receive_;
  std::vector<std::unique_ptr<SentStream>> streams_;
  size_t accepted_ = 0;
  size_t consumed_ = 0;
  Json capabilities_;
  std::unique_ptr<RoomSocket> socket_;
};

}  // namespace load

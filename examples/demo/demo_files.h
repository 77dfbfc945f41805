// What the demo needs of FFmpeg: a clip to send, the process that sends it, and the description of
// what is forwarded, for a player.
#pragma once

#include <gio/gio.h>

#include <memory>
#include <string>

struct SubprocessDeleter {
  void operator()(GSubprocess* process) const { g_object_unref(process); }
};
using SubprocessRef = std::unique_ptr<GSubprocess, SubprocessDeleter>;

// Makes DIRECTORY/clip.webm, if it is not there: 20 s of a moving test picture with a timer in it,
// and a beep each second. False, with a message on stderr, if FFmpeg fails.
bool MakeClip(const std::string& directory);

// Starts an FFmpeg that sends the clip over and over, at its own pace: VP8 as payload type 96 and
// Opus as 111, both to `port` of the loopback. Null, with a message on stderr, if it cannot be
// started.
SubprocessRef StartSender(const std::string& directory, int port);

// Ends the sender and waits for it.
void StopSender(GSubprocess* sender);

// Writes the SDP by which a player receives what is forwarded to `port`.
void WriteForwardSdp(const std::string& path, int port);

// What records a room, as long as it goes on: one kind or the other (peer_recorder.h). Its calls
// are for one thread at a time; the files' own are for any.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "media_file.h"
#include "router_branch.h"

namespace room {

struct RecordedFile {
  std::string name;  // in the recording's folder
  std::string peer;  // whose it is; empty: everybody's
  std::shared_ptr<MediaFile> media;
};

class Recorder {
 public:
  virtual ~Recorder() = default;
  // Somebody sends another stream, or no longer. What cannot be recorded is thrown as
  // std::runtime_error.
  virtual void Add(const StreamInfo& stream) = 0;
  virtual void Remove(const std::string& producer) = 0;
  // Now and then, at least once a second.
  virtual void Tick() = 0;
  // Lets come in what is under way, and completes the files. Takes its time, where the disk does.
  virtual void Close() = 0;

  virtual std::vector<RecordedFile> files() const = 0;
  // Packets lost because disk or processor did not keep up.
  virtual uint64_t dropped() const = 0;
};

}  // namespace room

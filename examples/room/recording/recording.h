// One recording of a room: from its start until it is stopped, fails, or the room stays empty. For
// the thread of the main loop.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "../server/conference.h"
#include "../server/protocol.h"
#include "file_sink.h"
#include "recorder.h"

namespace room {

class Recording : public StreamListener {
 public:
  // How long nobody may be in the room.
  static constexpr int64_t kEmptyPatience = 60'000'000;  // µs
  // Streams that cannot be recorded, of which is told.
  static constexpr size_t kMaxSkipped = 100;

  struct Identity {
    std::string id;
    std::string room;
    std::string kind;
    std::string folder;  // is there, and empty
  };

  // `conference` stays until Stop() was called, by whomever.
  Recording(Identity identity, Conference* conference, std::unique_ptr<Recorder> recorder);
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  // Stops it, and waits until the files are complete.
  ~Recording() override;

  const Identity& identity() const { return identity_; }
  bool running() const { return conference_ != nullptr; }
  bool ended() const { return state_ == "done" || state_ == "failed"; }

  // Often: looks after it.
  void Tick();
  // Its files are completed elsewhere, meanwhile it is "stopping".
  void Stop();
  // For the REST API; the same stands in the folder, as recording.json.
  Json Describe() const;

  void OnProducer(const Peer& peer, const std::string& id, const Producer& producer) override;
  void OnProducerClosed(const std::string& id) override;
  Json Output() const override;

 private:
  Json DescribeFile(const RecordedFile& file) const;
  void CheckFiles();
  void Save();

  const Identity identity_;
  Conference* conference_;  // null: it is stopped
  std::shared_ptr<Recorder> recorder_;
  std::string state_ = "recording";
  std::string error_;
  const int64_t started_;    // ns, as Now()
  const int64_t began_;      // ms since 1970
  int64_t stopped_ = 0;      // ns, as Now()
  int64_t next_look_ = 0;    // µs
  int64_t empty_since_ = 0;  // µs; 0: somebody is there
  std::vector<RecordedFile> files_;
  uint64_t dropped_ = 0;
  Json skipped_ = Json::array();
  size_t saved_files_ = 0;
  std::future<void> closing_;
};

}  // namespace room

#include "recordings.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "../server/log.h"
#include "composed_recorder.h"
#include "peer_recorder.h"
#include "track_codec.h"

namespace room {
namespace {

constexpr guint kTickInterval = 100;  // ms
constexpr int kMode = 0750;
constexpr int kMaxSameSecond = 1000;

bool IsId(const std::string& id) {
  return !id.empty() &&
         std::ranges::all_of(id, [](char c) { return g_ascii_isdigit(c) || c == '-'; });
}

[[noreturn]] void ThrowNotFound(const std::string& field, const std::string& what) {
  throw RequestError("not-found", field, "there is no " + what);
}

// When it began; the number tells several of a second apart.
std::string MakeId(int number) {
  GDateTime* now = g_date_time_new_now_utc();
  gchar* text = g_date_time_format(now, "%Y%m%d-%H%M%S");
  std::string id = text;
  g_free(text);
  g_date_time_unref(now);
  return number == 0 ? id : id + "-" + std::to_string(number);
}

std::unique_ptr<Recorder> MakeRecorder(const std::string& kind, GstElement* router,
                                       const std::string& folder) {
  if (kind == "composed") return std::make_unique<ComposedRecorder>(router, folder);
  return std::make_unique<PeerRecorder>(router, folder);
}

}  // namespace

Recordings::Recordings(Conferences* conferences, std::string folder, int max_running)
    : conferences_(conferences),
      folder_(std::move(folder)),
      max_running_(static_cast<size_t>(max_running)) {
  if (!folder_.empty()) LoadDepayloaders();
  timer_ = g_timeout_add(
      kTickInterval,
      [](gpointer self) -> gboolean {
        static_cast<Recordings*>(self)->Tick();
        return G_SOURCE_CONTINUE;
      },
      this);
}

Recordings::~Recordings() {
  g_source_remove(timer_);
  // Side by side.
  for (const auto& [key, recording] : recordings_) recording->Stop();
  recordings_.clear();
}

size_t Recordings::running() const { return recordings_.size(); }

void Recordings::Tick() {
  for (auto& [key, recording] : recordings_) {
    const bool was_running = recording->running();
    recording->Tick();
    if (was_running && !recording->running())
      conferences_->CloseIfEmpty(recording->identity().room);
  }
  std::erase_if(recordings_, [](const auto& one) { return one.second->ended(); });
}

std::string Recordings::RoomFolder(const std::string& room) const {
  CheckRoomName(room);
  if (folder_.empty()) ThrowNotFound("", "folder for recordings: --recordings DIR names one");
  return folder_ + "/" + room;
}

std::string Recordings::MakeFolder(const std::string& room, std::string* id) const {
  const std::string parent = RoomFolder(room);
  g_mkdir_with_parents(parent.c_str(), kMode);
  for (int number = 0; number < kMaxSameSecond; ++number) {
    *id = MakeId(number);
    std::string folder = parent + "/" + *id;
    if (g_mkdir(folder.c_str(), kMode) == 0) return folder;
    if (errno != EEXIST) break;
  }
  throw RequestError("failed", "", "the folder cannot be made: " + std::string(g_strerror(errno)));
}

Json Recordings::Start(const std::string& room, const std::string& kind) {
  RoomFolder(room);
  Conference& conference = conferences_->Get(room);
  if (running() >= max_running_) {
    throw RequestError("full", "", "as many recordings are being made as may be");
  }
  Recording::Identity identity{{}, room, kind, {}};
  identity.folder = MakeFolder(room, &identity.id);
  auto recorder = MakeRecorder(kind, conference.router(), identity.folder);
  auto recording = std::make_unique<Recording>(identity, &conference, std::move(recorder));
  Json json = recording->Describe();
  recordings_[room + "/" + identity.id] = std::move(recording);
  return json;
}

Recording* Recordings::Find(const std::string& room, const std::string& id) const {
  const auto found = recordings_.find(room + "/" + id);
  return found == recordings_.end() ? nullptr : found->second.get();
}

Json Recordings::Stop(const std::string& room, const std::string& id) {
  Recording* recording = Find(room, id);
  if (recording == nullptr) return Get(room, id);
  recording->Stop();
  conferences_->CloseIfEmpty(room);
  return recording->Describe();
}

Json Recordings::Get(const std::string& room, const std::string& id) const {
  const Recording* recording = Find(room, id);
  return recording == nullptr ? Load(room, id) : recording->Describe();
}

Json Recordings::Load(const std::string& room, const std::string& id) const {
  const std::string folder = RoomFolder(room) + "/" + id;
  gchar* text = nullptr;
  gsize size = 0;
  if (!IsId(id) ||
      g_file_get_contents((folder + "/recording.json").c_str(), &text, &size, nullptr) == FALSE) {
    ThrowNotFound("id", "recording " + id);
  }
  Json json = Json::parse(text, text + size, nullptr, false);
  g_free(text);
  if (!json.is_object() || !json.contains("files")) ThrowNotFound("id", "recording " + id);
  if (json.value("state", "") != "done" && json.value("state", "") != "failed") {
    // The server was killed: how far it came the files know, and they can be played.
    json["state"] = "interrupted";
    for (Json& file : json["files"]) {
      struct stat status = {};
      const std::string path = folder + "/" + file.value("name", "");
      if (stat(path.c_str(), &status) == 0) file["bytes"] = status.st_size;
    }
  }
  return json;
}

Json Recordings::List(const std::string& room) const {
  std::set<std::string, std::greater<>> ids;
  GDir* folder = g_dir_open(RoomFolder(room).c_str(), 0, nullptr);
  while (const char* name = folder == nullptr ? nullptr : g_dir_read_name(folder)) {
    if (!IsId(name)) continue;
    ids.insert(name);
    if (ids.size() > kMaxListed) ids.erase(std::prev(ids.end()));
  }
  if (folder != nullptr) g_dir_close(folder);
  Json list = Json::array();
  for (const std::string& id : ids) {
    try {
      list.push_back(Get(room, id));
    } catch (const RequestError&) {
      // A folder that is none of ours.
    }
  }
  return {{"recordings", list}};
}

std::string Recordings::FindFile(const std::string& room, const std::string& id,
                                 const std::string& file) const {
  const Json json = Get(room, id);
  for (const Json& known : json.at("files")) {
    if (known.at("name") != file) continue;
    return RoomFolder(room).append("/").append(id).append("/").append(file);
  }
  ThrowNotFound("file", "file " + file);
}

}  // namespace room

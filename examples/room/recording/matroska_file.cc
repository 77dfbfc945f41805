#include "matroska_file.h"

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <system_error>
#include <utility>

namespace room {
namespace {

using ebml::Bytes;

constexpr int64_t kMilli = 1'000'000;  // ns
// DateUTC counts from 2001.
constexpr int64_t kMatroskaEpoch = int64_t{978'307'200} * 1'000'000'000;
// A block's time is 16 bits beside its cluster's.
constexpr int64_t kMaxBehind = 30'000;  // ms
constexpr size_t kSeekHeadBytes = 128;
// Players throw away so much sound after a seek.
constexpr uint64_t kOpusSeekPreRoll = 80'000'000;  // ns, RFC 7845

enum Id : uint32_t {
  kEbml = 0x1A45DFA3,
  kDocType = 0x4282,
  kDocTypeVersion = 0x4287,
  kDocTypeReadVersion = 0x4285,
  kSegment = 0x18538067,
  kSeekHead = 0x114D9B74,
  kSeek = 0x4DBB,
  kSeekId = 0x53AB,
  kSeekPosition = 0x53AC,
  kInfo = 0x1549A966,
  kTimestampScale = 0x2AD7B1,
  kDuration = 0x4489,
  kDateUtc = 0x4461,
  kTitle = 0x7BA9,
  kMuxingApp = 0x4D80,
  kWritingApp = 0x5741,
  kTracks = 0x1654AE6B,
  kTrackEntry = 0xAE,
  kTrackNumber = 0xD7,
  kTrackUid = 0x73C5,
  kTrackType = 0x83,
  kFlagLacing = 0x9C,
  kLanguage = 0x22B59C,
  kName = 0x536E,
  kCodecId = 0x86,
  kCodecPrivate = 0x63A2,
  kSeekPreRoll = 0x56BB,
  kVideo = 0xE0,
  kPixelWidth = 0xB0,
  kPixelHeight = 0xBA,
  kAudio = 0xE1,
  kSamplingFrequency = 0xB5,
  kChannels = 0x9F,
  kCluster = 0x1F43B675,
  kTimestamp = 0xE7,
  kSimpleBlock = 0xA3,
  kCues = 0x1C53BB6B,
  kCuePoint = 0xBB,
  kCueTime = 0xB3,
  kCueTrackPositions = 0xB7,
  kCueTrack = 0xF7,
  kCueClusterPosition = 0xF1,
};

Bytes TrackEntry(unsigned number, const MatroskaTrack& track) {
  const bool video = track.kind == MatroskaTrack::Kind::kVideo;
  Bytes entry;
  ebml::PutUint(entry, kTrackNumber, number);
  ebml::PutUint(entry, kTrackUid, number);
  ebml::PutUint(entry, kTrackType, video ? 1 : 2);
  ebml::PutUint(entry, kFlagLacing, 0);
  ebml::PutText(entry, kLanguage, "und");
  ebml::PutText(entry, kName, track.name);
  ebml::PutText(entry, kCodecId, track.codec);
  if (!track.codec_private.empty()) ebml::PutBinary(entry, kCodecPrivate, track.codec_private);
  if (track.codec == "A_OPUS") ebml::PutUint(entry, kSeekPreRoll, kOpusSeekPreRoll);
  Bytes detail;
  if (video) {
    ebml::PutUint(detail, kPixelWidth, static_cast<uint64_t>(track.width));
    ebml::PutUint(detail, kPixelHeight, static_cast<uint64_t>(track.height));
  } else {
    ebml::PutFloat(detail, kSamplingFrequency, track.sample_rate);
    ebml::PutUint(detail, kChannels, static_cast<uint64_t>(track.channels));
  }
  ebml::PutBinary(entry, video ? kVideo : kAudio, detail);
  return entry;
}

Bytes Seek(uint32_t id, uint64_t position) {
  Bytes id_bytes;
  ebml::PutId(id_bytes, id);
  Bytes seek;
  ebml::PutBinary(seek, kSeekId, id_bytes);
  ebml::PutUint(seek, kSeekPosition, position);
  return seek;
}

[[noreturn]] void ThrowErrno() { throw std::system_error(errno, std::generic_category()); }

}  // namespace

MatroskaFile::MatroskaFile(const std::string& path, const std::string& title, int64_t wall_clock)
    : file_(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640)) {
  if (file_ < 0) ThrowErrno();
  try {
    WriteHead(title, wall_clock);
  } catch (...) {
    close(file_);
    throw;
  }
}

MatroskaFile::~MatroskaFile() {
  if (file_ >= 0) close(file_);
}

void MatroskaFile::WriteAt(uint64_t position, std::span<const uint8_t> bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(position));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) ThrowErrno();
    position += static_cast<uint64_t>(written);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
}

// All of it or nothing.
void MatroskaFile::Append(const Bytes& bytes) {
  try {
    WriteAt(end_, bytes);
  } catch (const std::system_error&) {
    // If that fails as well, readers stop at the torn element.
    [[maybe_unused]] const int cut = ftruncate(file_, static_cast<off_t>(end_));
    throw;
  }
  end_ += bytes.size();
}

void MatroskaFile::WriteHead(const std::string& title, int64_t wall_clock) {
  Bytes type;
  ebml::PutText(type, kDocType, "matroska");
  ebml::PutUint(type, kDocTypeVersion, 4);
  ebml::PutUint(type, kDocTypeReadVersion, 2);
  Bytes head;
  ebml::PutBinary(head, kEbml, type);
  ebml::PutId(head, kSegment);
  ebml::PutSize(head, ebml::kUnknownSize);
  segment_ = head.size();
  ebml::PutVoid(head, kSeekHeadBytes);
  info_ = head.size();
  Bytes info;
  ebml::PutUint(info, kTimestampScale, kMilli);
  ebml::PutText(info, kMuxingApp, "gst-sfu");
  ebml::PutText(info, kWritingApp, "sfu-room");
  ebml::PutText(info, kTitle, title);
  Bytes date;
  ebml::PutBigEndian(date, static_cast<uint64_t>(wall_clock - kMatroskaEpoch), 8);
  ebml::PutBinary(info, kDateUtc, date);
  ebml::PutFloat(info, kDuration, 0);
  ebml::PutBinary(head, kInfo, info);
  duration_at_ = head.size() - 8;
  tracks_at_ = head.size();
  ebml::PutVoid(head, kTracksBytes);
  Append(head);
}

std::optional<unsigned> MatroskaFile::AddTrack(const MatroskaTrack& track) {
  tracks_.push_back(track);
  if (WriteTracks()) return static_cast<unsigned>(tracks_.size());
  tracks_.pop_back();
  return std::nullopt;
}

bool MatroskaFile::WriteTracks() const {
  Bytes entries;
  unsigned number = 0;
  for (const MatroskaTrack& track : tracks_) {
    ebml::PutBinary(entries, kTrackEntry, TrackEntry(++number, track));
  }
  Bytes region;
  ebml::PutBinary(region, kTracks, entries);
  constexpr size_t kLeastVoid = 1 + ebml::kSizeBytes;
  if (region.size() + kLeastVoid > kTracksBytes) return false;
  ebml::PutVoid(region, kTracksBytes - region.size());
  WriteAt(tracks_at_, region);
  return true;
}

void MatroskaFile::Write(unsigned track, int64_t time, int64_t duration, bool key_frame,
                         std::span<const uint8_t> data) {
  time = std::max<int64_t>(time, 0);
  const int64_t millis = (time + kMilli / 2) / kMilli;
  const bool video = tracks_.at(track - 1).kind == MatroskaTrack::Kind::kVideo;
  const int64_t behind = millis - cluster_millis_;
  if (blocks_.empty() || behind >= kClusterMillis || behind < -kMaxBehind ||
      blocks_.size() + data.size() > kClusterBytes || (video && key_frame)) {
    BeginCluster(millis);
  }
  // Where there is no picture, one can seek to any cluster.
  if (!cluster_cue_ && key_frame && (video || blocks_.empty())) {
    cluster_cue_ = Cue{static_cast<uint64_t>(millis), track, 0};
  }
  Bytes head;
  ebml::PutShortSize(head, track);
  ebml::PutBigEndian(head, static_cast<uint16_t>(millis - cluster_millis_), 2);
  head.push_back(key_frame ? 0x80 : 0);
  ebml::PutId(blocks_, kSimpleBlock);
  ebml::PutShortSize(blocks_, head.size() + data.size());
  blocks_.insert(blocks_.end(), head.begin(), head.end());
  blocks_.insert(blocks_.end(), data.begin(), data.end());
  duration_ = std::max(duration_, time + duration);
}

void MatroskaFile::BeginCluster(int64_t millis) {
  Flush();
  cluster_millis_ = millis;
}

void MatroskaFile::Flush() {
  if (blocks_.empty()) return;
  Bytes content;
  ebml::PutUint(content, kTimestamp, static_cast<uint64_t>(cluster_millis_));
  content.insert(content.end(), blocks_.begin(), blocks_.end());
  blocks_.clear();
  Bytes cluster;
  ebml::PutBinary(cluster, kCluster, content);
  const uint64_t position = end_ - segment_;
  if (auto cue = std::exchange(cluster_cue_, std::nullopt)) {
    cue->position = position;
    cues_.push_back(*cue);
  }
  Append(cluster);
  WriteDuration();
}

void MatroskaFile::WriteDuration() const {
  Bytes value;
  ebml::PutBigEndian(
      value, std::bit_cast<uint64_t>(static_cast<double>(duration_) / static_cast<double>(kMilli)),
      8);
  WriteAt(duration_at_, value);
}

void MatroskaFile::Finish() {
  if (file_ < 0) return;
  const int file = file_;
  try {
    Flush();
    WriteIndex();
  } catch (...) {
    file_ = -1;
    close(file);
    throw;
  }
  file_ = -1;
  // Some file systems tell only now that the disk is full.
  if (close(file) != 0) ThrowErrno();
}

void MatroskaFile::WriteIndex() {
  const uint64_t cues_at = end_ - segment_;
  Bytes points;
  for (const Cue& cue : cues_) {
    Bytes positions;
    ebml::PutUint(positions, kCueTrack, cue.track);
    ebml::PutUint(positions, kCueClusterPosition, cue.position);
    Bytes point;
    ebml::PutUint(point, kCueTime, cue.time);
    ebml::PutBinary(point, kCueTrackPositions, positions);
    ebml::PutBinary(points, kCuePoint, point);
  }
  Bytes entries;
  ebml::PutBinary(entries, kSeek, Seek(kInfo, info_ - segment_));
  ebml::PutBinary(entries, kSeek, Seek(kTracks, tracks_at_ - segment_));
  if (!points.empty()) {
    Bytes cues;
    ebml::PutBinary(cues, kCues, points);
    Append(cues);
    ebml::PutBinary(entries, kSeek, Seek(kCues, cues_at));
  }
  Bytes seek_head;
  ebml::PutBinary(seek_head, kSeekHead, entries);
  ebml::PutVoid(seek_head, kSeekHeadBytes - seek_head.size());
  WriteAt(segment_, seek_head);
  Bytes size;
  ebml::PutSize(size, end_ - segment_);
  WriteAt(segment_ - ebml::kSizeBytes, size);
}

}  // namespace room

#include "plain_guests.h"

#include <utility>
#include <vector>

#include "log.h"
#include "outlet.h"
#include "plain_output.h"

namespace room {
namespace {

constexpr guint kSweepInterval = 500;  // ms

// What FFmpeg can send that browsers can decode.
struct Codec {
  const char* name;  // as requests call it
  const char* kind;
  const char* source;
  Json parameters;      // RtpCodecParameters
  const char* encoder;  // FFmpeg's options
};

// FFmpeg hears no NACK and no request for a key frame: so there is one each second, and parameter
// sets with it.
const std::vector<Codec>& Codecs() {
  static const std::vector<Codec> kCodecs = {
      {"VP8",
       "video",
       "cam",
       {{"mimeType", "video/VP8"}, {"payloadType", 96}, {"clockRate", 90000}},
       "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 1M -g 30"},
      {"H264",
       "video",
       "cam",
       {{"mimeType", "video/H264"},
        {"payloadType", 97},
        {"clockRate", 90000},
        {"parameters", {{"packetization-mode", 1}, {"profile-level-id", "42e01f"}}}},
       "-c:v libx264 -profile:v baseline -pix_fmt yuv420p -preset veryfast -tune zerolatency -b:v "
       "1M "
       "-g 30 -bsf:v dump_extra=freq=keyframe"},
      {"opus",
       "audio",
       "mic",
       {{"mimeType", "audio/opus"}, {"payloadType", 111}, {"clockRate", 48000}, {"channels", 2}},
       "-c:a libopus -ac 2"},
  };
  return kCodecs;
}

const Codec* FindCodec(const std::string& name) {
  for (const Codec& codec : Codecs()) {
    if (codec.name == name) return &codec;
  }
  return nullptr;
}

std::string Choice(const Fields& fields, const char* field,
                   std::initializer_list<std::string_view> values) {
  return fields.Has(field) ? fields.OneOf(field, values) : std::string(*values.begin());
}

// What is to be produced: one of each kind at most.
std::vector<const Codec*> Wanted(const Fields& fields) {
  std::vector<const Codec*> wanted;
  for (const std::string& name : {Choice(fields, "video", {"VP8", "H264", "none"}),
                                  Choice(fields, "audio", {"opus", "none"})}) {
    if (const Codec* codec = FindCodec(name)) wanted.push_back(codec);
  }
  if (wanted.empty()) throw RequestError("invalid", "audio", "one of video and audio must be sent");
  return wanted;
}

// Test pictures and a tone; who uses it puts his own input in their place.
std::string Command(const std::vector<const Codec*>& codecs, const std::string& host,
                    unsigned port) {
  std::string inputs;
  std::string outputs;
  int input = 0;
  for (const Codec* codec : codecs) {
    const bool video = std::string_view(codec->kind) == "video";
    inputs += video ? " -re -f lavfi -i testsrc2=size=640x360:rate=30"
                    : " -re -f lavfi -i sine=frequency=440:sample_rate=48000";
    outputs += " -map " + std::to_string(input++) + " " + codec->encoder + " -payload_type " +
               codec->parameters.at("payloadType").dump() + " -f rtp \"rtp://" + host + ":" +
               std::to_string(port) + "?pkt_size=1200\"";
  }
  return "ffmpeg" + inputs + outputs;
}

}  // namespace

struct PlainGuests::Guest {
  DeafOutlet outlet;
  Conferences::Place place;
  std::string room;
  Json description;
  bool sends = false;
  // Of who sends:
  int64_t patience = 0;  // µs
  uint64_t packets = 0;
  // When there were more packets, or when key frames were asked for. µs of the monotonic clock.
  int64_t last = g_get_monotonic_time();
};

PlainGuests::PlainGuests(Conferences* conferences, const Options& options)
    : conferences_(conferences),
      // Anybody may send who reaches the port: so nobody from elsewhere does where nobody from
      // elsewhere gets at the server.
      address_(options.media_address.empty() ? options.address : options.media_address),
      announced_(options.announced_address.substr(0, options.announced_address.find(','))),
      anywhere_(!options.token_key.empty()) {
  timer_ = g_timeout_add(
      kSweepInterval,
      [](gpointer self) -> gboolean {
        static_cast<PlainGuests*>(self)->Sweep();
        return G_SOURCE_CONTINUE;
      },
      this);
}

PlainGuests::~PlainGuests() {
  g_source_remove(timer_);
  for (const auto& [id, guest] : guests_) conferences_->Leave(guest->place);
}

Json PlainGuests::Add(const std::string& room, const Fields& fields, const std::string& host) {
  auto guest = std::make_unique<Guest>();
  guest->room = room;
  guest->sends = Choice(fields, "direction", {"in", "out"}) == "in";
  try {
    guest->description =
        guest->sends ? Receive(fields, host, guest.get()) : Send(fields, guest.get());
  } catch (...) {
    conferences_->Leave(guest->place);
    throw;
  }
  guest->description["direction"] = guest->sends ? "in" : "out";
  guest->description["id"] = std::to_string(++last_id_);
  Json description = guest->description;
  guests_[description.at("id")] = std::move(guest);
  return description;
}

// What the guest sends.
Json PlainGuests::Receive(const Fields& fields, const std::string& host, Guest* guest) const {
  const std::string name = fields.Text("name", kMaxNameBytes);
  const std::vector<const Codec*> codecs = Wanted(fields);
  const int timeout = fields.Has("timeout") ? fields.Integer("timeout", 1, kMaxTimeout) : kTimeout;
  guest->patience = timeout * int64_t{G_USEC_PER_SEC};
  guest->place = conferences_->Enter(guest->room, name, "", &guest->outlet, Via::kPlain);
  std::string to = announced_;
  if (to.empty()) to = address_ == "0.0.0.0" || address_ == "::" ? host : address_;
  if (to.find(':') != std::string::npos && !to.starts_with('[')) to = "[" + to + "]";
  const auto peer = guest->place.peer.lock();
  const unsigned port = peer->media.OpenPlain(address_);
  Json media = Json::array();
  for (const Codec* codec : codecs) {
    const Json parameters = {{"codecs", {codec->parameters}}, {"encodings", {Json::object()}}};
    guest->place.conference->Handle(
        *peer, {nullptr,
                "produce",
                {{"source", codec->source}, {"kind", codec->kind}, {"rtpParameters", parameters}}});
    media.push_back({{"kind", codec->kind},
                     {"codec", codec->name},
                     {"payloadType", codec->parameters.at("payloadType")},
                     {"clockRate", codec->parameters.at("clockRate")}});
  }
  return {{"peerId", peer->id}, {"name", name},
          {"timeout", timeout}, {"address", to},
          {"port", port},       {"rtcpPort", port + 1},
          {"media", media},     {"ffmpeg", Command(codecs, to, port)}};
}

// What the guest gets: a port for pictures, and one for sound.
Json PlainGuests::Send(const Fields& fields, Guest* guest) const {
  const std::string name = fields.OptionalText("peer", kMaxNameBytes);
  const PlainDestination first = ReadDestination(fields, anywhere_);
  // Nobody opens a room by watching it.
  conferences_->Get(guest->room);
  guest->place = conferences_->Enter(guest->room, "", "", &guest->outlet, Via::kPlainOut);
  Conference& conference = *guest->place.conference;
  const Peer* watched = conference.FindToWatch(name);
  if (watched == nullptr) {
    throw RequestError("not-found", "peer", "there is nobody of whom anything could be sent");
  }
  std::vector<PlainOutput> outputs;
  Json media = Json::array();
  for (const char* source : {"cam", "mic"}) {
    for (const auto& [id, producer] : watched->producers) {
      if (producer.source != source) continue;
      PlainOutput output{first, producer.kind, {}};
      if (producer.kind == "audio") output.to.port += 2;
      output.codec = conference.WatchPlain(*guest->place.peer.lock(), id, output.to)
                         .at("rtpParameters")
                         .at("codecs")
                         .at(0);
      media.push_back(Describe(output));
      outputs.push_back(std::move(output));
    }
  }
  if (outputs.empty()) {
    throw RequestError("not-found", "peer",
                       watched->name + " has neither camera nor microphone on");
  }
  const std::string sdp = PlainSdp(outputs);
  return {{"peerId", watched->id},
          {"peer", watched->name},
          {"address", first.address},
          {"port", first.port},
          {"media", media},
          {"sdp", sdp},
          {"ffmpeg", ReceivingCommand(sdp)}};
}

void PlainGuests::Sweep() {
  const int64_t now = g_get_monotonic_time();
  std::vector<std::string> over;
  for (const auto& [id, guest] : guests_) {
    const auto peer = guest->place.peer.lock();
    if (!guest->sends) {
      if (peer->consumers.empty()) over.push_back(id);
      if (now - guest->last < kKeyFrameInterval) continue;
      guest->last = now;
      peer->media.AskForKeyFrames();
      continue;
    }
    const uint64_t packets = peer->media.PacketsReceived();
    if (packets != guest->packets) guest->last = now;
    guest->packets = packets;
    if (now - guest->last > guest->patience) over.push_back(id);
  }
  for (const std::string& id : over) {
    const auto guest = guests_.extract(id);
    const char* reason = guest.mapped()->sends ? "is silent" : "there is nothing to send any more";
    Log("plain-ended", {{"room", guest.mapped()->room}, {"id", id}, {"reason", reason}});
    conferences_->Leave(guest.mapped()->place);
  }
}

Json PlainGuests::List(const std::string& room) const {
  Json list = Json::array();
  for (const auto& [id, guest] : guests_) {
    if (guest->room == room) list.push_back(guest->description);
  }
  return list;
}

PlainGuests::Guest& PlainGuests::Find(const std::string& room, const std::string& id) const {
  const auto found = guests_.find(id);
  if (found == guests_.end() || found->second->room != room) {
    throw RequestError("not-found", "id", "there is no " + id);
  }
  return *found->second;
}

void PlainGuests::Remove(const std::string& room, const std::string& id) {
  conferences_->Leave(Find(room, id).place);
  guests_.erase(id);
}

}  // namespace room

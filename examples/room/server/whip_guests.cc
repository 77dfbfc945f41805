#include "whip_guests.h"

#include <stdexcept>
#include <utility>
#include <vector>

#include "examples/echo/actions.h"
#include "limits.h"
#include "log.h"

namespace room {
namespace {

constexpr guint kSweepInterval = 500;  // ms

GstPtr<GstElement> MakeElement(const char* factory) {
  GstElement* made = gst_element_factory_make(factory, nullptr);
  if (made == nullptr) throw std::runtime_error(std::string("there is no ") + factory);
  return GstPtr<GstElement>(GST_ELEMENT(gst_object_ref_sink(made)));
}

// As all rooms have it.
std::string RouterCapabilities() {
  return GetJson(MakeElement("sfurouter").get(), "rtp-capabilities").dump();
}

// The path without the room: sfuwhip knows none.
std::string PathOf(const HttpRequest& request) {
  return request.path.substr(request.path.find('/', std::string("/rooms/").size()));
}

void SetHeader(GstStructure* structure, const HttpRequest& request, const char* name,
               const char* field) {
  const std::string value = request.Header(name);
  if (!value.empty()) gst_structure_set(structure, field, G_TYPE_STRING, value.c_str(), nullptr);
}

struct FreeStructure {
  void operator()(GstStructure* structure) const { gst_structure_free(structure); }
};
using StructurePtr = std::unique_ptr<GstStructure, FreeStructure>;

StructurePtr ToStructure(const HttpRequest& request) {
  // GStreamer's texts are UTF-8, and so is SDP (RFC 8866, section 5).
  if (g_utf8_validate(request.body.data(), static_cast<gssize>(request.body.size()), nullptr) ==
      FALSE) {
    throw RequestError("invalid", "body", "is not UTF-8");
  }
  StructurePtr structure(gst_structure_new(
      "sfu-http-request", "client", G_TYPE_STRING, request.client.c_str(), "method", G_TYPE_STRING,
      request.method.c_str(), "path", G_TYPE_STRING, PathOf(request).c_str(), "body", G_TYPE_STRING,
      request.body.c_str(), nullptr));
  SetHeader(structure.get(), request, "content-type", "content-type");
  SetHeader(structure.get(), request, "accept", "accept");
  SetHeader(structure.get(), request, "if-match", "if-match");
  return structure;
}

std::string Text(const GstStructure& structure, const char* field) {
  const char* text = gst_structure_get_string(&structure, field);
  return text == nullptr ? "" : text;
}

// `room`: its path. Who may ask from other origins, the table of routes says.
HttpResponse ToResponse(const GstStructure& structure, const std::string& room) {
  HttpResponse response;
  int status = 500;
  gst_structure_get_int(&structure, "status", &status);
  response.status = static_cast<unsigned>(status);
  response.type = Text(structure, "content-type");
  response.body = Text(structure, "body");
  const GValue* headers = gst_structure_get_value(&structure, "headers");
  if (headers == nullptr) return response;
  const GstStructure* all = gst_value_get_structure(headers);
  for (int i = 0; i < gst_structure_n_fields(all); ++i) {
    const std::string name = gst_structure_nth_field_name(all, static_cast<guint>(i));
    if (name == "Access-Control-Allow-Origin" || name == "Access-Control-Expose-Headers") continue;
    const std::string value = Text(*all, name.c_str());
    response.Add(name, name == "Location" ? room + value : value);
  }
  return response;
}

const char* FaultOf(const std::string& code) {
  if (code == "invalid") return "unusable";
  return code == "conflict" || code == "not-found" ? "nothing-yet" : "unavailable";
}

Json Fault(const char* fault, const std::string& reason) {
  return {{"fault", fault}, {"reason", reason}};
}

// What the first, the second … of a kind is called.
const std::vector<const char*>& SourcesOf(const std::string& kind) {
  static const std::vector<const char*> kAudio = {"mic", "screen-audio"};
  static const std::vector<const char*> kVideo = {"cam", "screen"};
  return kind == "audio" ? kAudio : kVideo;
}

}  // namespace

struct WhipGuests::Guest {
  DeafOutlet outlet;
  Conferences::Place place;
  std::string room;
  std::string transport;
  bool watches = false;
};

WhipGuests::WhipGuests(Conferences* conferences)
    : conferences_(conferences), whip_(MakeElement("sfuwhip")) {
  g_object_set(whip_.get(), "max-sessions", kMaxWhipSessions, "rtp-capabilities",
               RouterCapabilities().c_str(), nullptr);
  using OnOpen = gchar* (*)(GstElement*, const gchar*, const gchar*, const gchar*, gpointer);
  const OnOpen open = [](GstElement*, const gchar* id, const gchar* role, const gchar* offer,
                         gpointer self) {
    const bool publish = std::string_view(role) == "publish";
    return g_strdup(static_cast<WhipGuests*>(self)->Open(id, publish, offer).c_str());
  };
  using OnRestart = gchar* (*)(GstElement*, const gchar*, gpointer);
  const OnRestart restart = [](GstElement*, const gchar* id, gpointer self) {
    return g_strdup(static_cast<WhipGuests*>(self)->RestartIce(id).c_str());
  };
  using OnClose = void (*)(GstElement*, const gchar*, gpointer);
  const OnClose close = [](GstElement*, const gchar* id, gpointer self) {
    static_cast<WhipGuests*>(self)->Close(id);
  };
  // NOLINTBEGIN(bugprone-casting-through-void): what G_CALLBACK is made of
  g_signal_connect(whip_.get(), "open", G_CALLBACK(open), this);
  g_signal_connect(whip_.get(), "restart", G_CALLBACK(restart), this);
  g_signal_connect(whip_.get(), "close", G_CALLBACK(close), this);
  // NOLINTEND(bugprone-casting-through-void)
  timer_ = g_timeout_add(
      kSweepInterval,
      [](gpointer self) -> gboolean {
        static_cast<WhipGuests*>(self)->Sweep();
        return G_SOURCE_CONTINUE;
      },
      this);
}

WhipGuests::~WhipGuests() {
  g_source_remove(timer_);
  for (const auto& [id, guest] : guests_) conferences_->Leave(guest->place);
}

HttpResponse WhipGuests::Handle(const HttpRequest& request) {
  const auto id = request.names.find("id");
  if (id != request.names.end()) {
    const auto guest = guests_.find(id->second);
    if (guest == guests_.end() || guest->second->room != request.names.at("room")) {
      throw RequestError("not-found", "id", "there is no such session");
    }
  }
  // What is wrong with the address is said before there is a room.
  for (const char* name : {"name", "peer"}) {
    const Json query(request.query);
    Fields(query).OptionalText(name, kMaxNameBytes);
  }
  const StructurePtr asked = ToStructure(request);
  request_ = &request;
  GstStructure* answered = nullptr;
  g_signal_emit_by_name(whip_.get(), "request", asked.get(), &answered);
  request_ = nullptr;
  const StructurePtr answer(answered);
  return ToResponse(*answer, "/rooms/" + request.names.at("room"));
}

std::string WhipGuests::Open(const std::string& id, bool publish, const std::string& text) {
  auto guest = std::make_unique<Guest>();
  guest->room = request_->names.at("room");
  guest->watches = !publish;
  Json answer;
  try {
    // Nobody opens a room by watching it.
    if (!publish) conferences_->Get(guest->room);
    std::string name = request_->Query("name");
    if (publish && name.empty()) name = "WHIP " + std::to_string(++last_name_);
    guest->place = conferences_->Enter(guest->room, name, "", &guest->outlet,
                                       publish ? Via::kWhip : Via::kWhep);
    const Json offer = Json::parse(text);
    PeerMedia& media = guest->place.peer.lock()->media;
    answer = media.CreateTransport(publish ? "send" : "recv");
    guest->transport = answer.at("id");
    media.Connect(guest->transport, offer.at("dtlsParameters"));
    answer["media"] = Json(std::vector<Json>(offer.at("media").size()));
    if (publish) {
      Publish(*guest, offer, &answer);
    } else {
      Watch(*guest, offer, &answer);
    }
    guests_[id] = std::move(guest);
    return answer.dump();
  } catch (const RequestError& error) {
    answer = Fault(FaultOf(error.code()), error.what());
  } catch (const std::exception& error) {
    // Not the client's mistake: no port is left, say.
    answer = Fault("unavailable", error.what());
  }
  conferences_->Leave(guest->place);
  Log("whip-refused", {{"room", guest->room}, {"reason", answer.at("reason")}});
  return JsonText(answer);
}

void WhipGuests::Publish(Guest& guest, const Json& offer, Json* answer) const {
  const auto peer = guest.place.peer.lock();
  std::map<std::string, size_t> sent;  // by kind
  for (size_t i = 0; i < offer.at("media").size(); ++i) {
    const Json& section = offer.at("media").at(i);
    if (section.is_null()) continue;
    const std::string kind = section.at("kind");
    const size_t number = sent[kind]++;
    if (number >= SourcesOf(kind).size()) {
      throw RequestError("invalid", "sdp", "there are more than two tracks of " + kind);
    }
    const Json& parameters = section.at("rtpParameters");
    guest.place.conference->Handle(
        *peer,
        {nullptr,
         "produce",
         {{"source", SourcesOf(kind).at(number)}, {"kind", kind}, {"rtpParameters", parameters}}});
    answer->at("media").at(i) = {{"rtpParameters", parameters}};
  }
}

void WhipGuests::Watch(Guest& guest, const Json& offer, Json* answer) const {
  const auto viewer = guest.place.peer.lock();
  Conference& conference = *guest.place.conference;
  const Peer* watched = conference.FindToWatch(request_->Query("peer"));
  if (watched == nullptr) throw RequestError("not-found", "peer", "there is nothing to watch yet");
  std::string reason = "the offer has no section for what there is to watch";
  for (size_t i = 0; i < offer.at("media").size(); ++i) {
    const Json& section = offer.at("media").at(i);
    if (section.is_null()) continue;
    const Json options = {{"mid", section.at("mid")}, {"numbers", "receiver"}};
    for (const char* source : SourcesOf(section.at("kind"))) {
      const Producer* found = nullptr;
      std::string id;
      for (const auto& [producer_id, producer] : watched->producers) {
        if (producer.source == source && !viewer->consumers.contains(producer_id)) {
          found = &producer;
          id = producer_id;
        }
      }
      if (found == nullptr) continue;
      try {
        const Json consumer = conference.Watch(*viewer, id, section.at("rtpCapabilities"), options);
        answer->at("media").at(i) = {{"rtpParameters", consumer.at("rtpParameters")}};
        break;
      } catch (const RequestError& error) {
        reason = error.what();
      }
    }
  }
  if (viewer->consumers.empty()) throw RequestError("invalid", "sdp", reason);
}

std::string WhipGuests::RestartIce(const std::string& id) {
  const Guest& guest = *guests_.at(id);
  PeerMedia& media = guest.place.peer.lock()->media;
  try {
    Json local = media.Local(guest.transport);
    local["iceParameters"] = media.RestartIce(guest.transport);
    return local.dump();
  } catch (const RequestError& error) {
    return JsonText({{"reason", error.what()}});
  }
}

void WhipGuests::Close(const std::string& id) {
  const auto guest = guests_.extract(id);
  if (!guest.empty()) conferences_->Leave(guest.mapped()->place);
}

void WhipGuests::Sweep() {
  g_signal_emit_by_name(whip_.get(), "expire");
  std::vector<std::string> over;
  for (const auto& [id, guest] : guests_) {
    const auto peer = guest->place.peer.lock();
    const auto connection = peer->media.connection();
    if (connection == PeerMedia::Connection::kConnected) {
      g_signal_emit_by_name(whip_.get(), "set-connected", id.c_str());
    }
    const bool nothing_left = guest->watches && peer->consumers.empty();
    if (connection == PeerMedia::Connection::kOver || nothing_left) over.push_back(id);
  }
  for (const std::string& id : over) {
    g_signal_emit_by_name(whip_.get(), "forget", id.c_str());
    Close(id);
  }
}

}  // namespace room

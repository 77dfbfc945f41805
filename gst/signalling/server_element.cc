// What becomes of offers: transports, pads of the router, links between them.
#include "signalling/server_element.h"

#include <set>
#include <utility>

#include "net/worker.h"
#include "ortc/consumer_parameters.h"
#include "ortc_caps.h"
#include "router_control.h"
#include "router_element.h"
#include "signalling/page.h"
#include "signalling/sdp_tracks.h"
#include "signalling/session_id.h"

namespace sfu::gst {
namespace {

using signalling::HttpRequest;
using signalling::HttpResponse;
using signalling::SdpAnswerMedia;
using signalling::SdpLocalTransport;
using signalling::SdpMedia;
using signalling::SdpOffer;
using signalling::SessionRole;

GstElement* MakeRouter(GstBin* bin) {
  GstElement* router = gst_element_factory_make("sfurouter", "router");
  gst_bin_add(bin, router);
  return router;
}

// A page of our own: nothing of other origins, and nobody frames it.
HttpResponse Page(const HttpRequest& request) {
  if (!IsGet(request)) {
    HttpResponse response = signalling::HttpFault(405, "allowed here: GET, HEAD");
    response.Add("Allow", "GET, HEAD");
    return response;
  }
  HttpResponse response;
  response.content_type = "text/html; charset=utf-8";
  response.body = signalling::kPage;
  response.Add("Content-Security-Policy",
               "default-src 'self' 'unsafe-inline'; media-src 'self' blob: mediastream:; "
               "img-src data:; "
               "frame-ancestors 'none'");
  return response;
}

}  // namespace

std::string MediaAddress(const ServerSettings& settings) {
  if (!settings.ice_address.empty()) return settings.ice_address;
  GInetAddress* address = g_inet_address_new_from_string(settings.address.c_str());
  if (address == nullptr) return settings.address;
  const bool loopback = g_inet_address_get_is_loopback(address) != FALSE;
  g_object_unref(address);
  return loopback ? std::string() : settings.address;
}

ServerElement::ServerElement(GstBin* bin)
    : bin_(bin),
      router_(MakeRouter(bin)),
      fed_pads_(GST_ELEMENT(bin), router_.get()),
      published_pads_(GST_ELEMENT(bin), router_.get(),
                      [this](std::function<void()> task) { Later(std::move(task)); }),
      left_tracks_(router_.get()) {}

ServerSettings ServerElement::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

void ServerElement::Change(const std::function<void(ServerSettings*)>& change) {
  const std::lock_guard lock(mutex_);
  change(&settings_);
}

unsigned ServerElement::port() const {
  const std::lock_guard lock(mutex_);
  return thread_ == nullptr ? settings_.port : thread_->port();
}

void ServerElement::Later(std::function<void()> task, unsigned delay) {
  const std::lock_guard lock(mutex_);
  if (thread_ != nullptr) thread_->Post(std::move(task), delay);
}

Status ServerElement::Start() {
  const ServerSettings settings = this->settings();
  SessionHost* host = this;
  auto endpoint = std::make_shared<signalling::WhipEndpoint>(
      host, signalling::WhipEndpoint::Options{settings.token, settings.max_sessions},
      signalling::NewSessionId);
  // The first request may come before this returns: it must find the thread that it is on.
  const std::lock_guard lock(mutex_);
  // The server keeps the bin, which stops it before it goes.
  auto thread = signalling::ServerThread::Start(
      settings.address, static_cast<uint16_t>(settings.port),
      [endpoint, keep = ElementRef(GST_ELEMENT(bin_))](const HttpRequest& request) {
        return request.path == "/" ? Page(request) : endpoint->Handle(request, Worker::Now());
      });
  if (!thread) return thread.error();
  thread_ = std::move(thread).value();
  endpoint_ = std::move(endpoint);
  return OkStatus();
}

void ServerElement::Stop() {
  std::unique_ptr<signalling::ServerThread> thread;
  {
    const std::lock_guard lock(mutex_);
    thread = std::move(thread_);
    endpoint_.reset();
  }
  thread.reset();
  std::map<std::string, std::shared_ptr<ServerPeer>> peers;
  {
    const std::lock_guard lock(mutex_);
    peers = std::move(peers_);
    peers_.clear();
  }
  peers.clear();
  left_tracks_.Clear();
  published_pads_.Reset();
  fed_pads_.Reset();
}

std::shared_ptr<signalling::WhipEndpoint> ServerElement::endpoint() const {
  const std::lock_guard lock(mutex_);
  return thread_ != nullptr && thread_->IsThisThread() ? endpoint_ : nullptr;
}

signalling::SessionHost::Opened ServerElement::Open(const std::string& id, SessionRole role,
                                                    const SdpOffer& offer) {
  Opened opened;
  const ServerSettings settings = this->settings();
  const PeerSettings peer_settings{MediaAddress(settings), settings.ice_port,
                                   settings.announced_address,
                                   RouterElementOf(router_.get()).worker_name()};
  auto made = ServerPeer::Make(bin_, peer_settings, offer);
  if (!made) {
    opened.fault = Fault::kUnavailable;
    opened.error = made.error();
    return opened;
  }
  const std::shared_ptr<ServerPeer> peer = std::move(made).value();
  opened.media.resize(offer.media.size());
  if (role == SessionRole::kPublish) {
    const Status published = Publish(offer, peer.get(), &opened);
    if (!published) {
      opened.fault = Fault::kUnusable;
      opened.error = published.error();
    }
  } else {
    Watch(offer, peer.get(), &opened);
  }
  auto local = peer->Local();
  if (!local && !opened.fault) {
    opened.fault = Fault::kUnavailable;
    opened.error = local.error();
  }
  if (opened.fault) {
    Leave(peer.get());
    return opened;
  }
  opened.local = std::move(local).value();
  if (!Keep(id, peer)) {
    opened.fault = Fault::kUnavailable;
    opened.error = {"", "the server was stopped"};
    Leave(peer.get());
  }
  return opened;
}

bool ServerElement::Keep(const std::string& id, const std::shared_ptr<ServerPeer>& peer) {
  {
    const std::lock_guard lock(mutex_);
    if (thread_ == nullptr || !thread_->IsThisThread()) return false;
    peers_[id] = peer;
  }
  peer->Watch([this, id] { Later([this, id] { Check(id); }); });
  Later(
      [this] {
        if (const auto running = endpoint()) running->HandleTimeout(Worker::Now());
      },
      static_cast<unsigned>(signalling::WhipEndpoint::kConnectTime.ms()));
  return true;
}

void ServerElement::Check(const std::string& id) {
  const std::shared_ptr<ServerPeer> peer = FindPeer(id);
  const auto running = endpoint();
  if (peer == nullptr || running == nullptr) return;
  if (peer->IsConnected()) running->SetConnected(id);
  if (!peer->IsOver()) return;
  running->Forget(id);
  Close(id);
}

std::shared_ptr<ServerPeer> ServerElement::FindPeer(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = peers_.find(id);
  return found == peers_.end() ? nullptr : found->second;
}

std::shared_ptr<ServerPeer> ServerElement::TakePeer(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = peers_.find(id);
  if (found == peers_.end()) return nullptr;
  std::shared_ptr<ServerPeer> peer = std::move(found->second);
  peers_.erase(found);
  return peer;
}

void ServerElement::Close(const std::string& id) {
  const std::shared_ptr<ServerPeer> peer = TakePeer(id);
  if (peer != nullptr) Leave(peer.get());
}

void ServerElement::Leave(ServerPeer* peer) {
  std::vector<ServerTrack> tracks;
  if (peer->role() == SessionRole::kPublish) {
    tracks = peer->TakeTracks();
    std::vector<std::string> ids;
    ids.reserve(tracks.size());
    for (const ServerTrack& track : tracks) ids.push_back(track.producer_id);
    published_pads_.Drop(ids);
  }
  left_tracks_.Settle(std::move(tracks), Watched());
}

std::set<std::string> ServerElement::Watched() const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> ids;
  for (const auto& [session, peer] : peers_) {
    if (peer->role() != SessionRole::kWatch) continue;
    for (const ServerTrack& track : peer->tracks()) ids.insert(track.producer_id);
  }
  return ids;
}

Result<SdpLocalTransport> ServerElement::RestartIce(const std::string& id) {
  const std::shared_ptr<ServerPeer> peer = FindPeer(id);
  if (peer == nullptr) return Error{"", "the session has ended"};
  return peer->RestartIce();
}

Status ServerElement::Publish(const SdpOffer& offer, ServerPeer* peer, Opened* opened) {
  peer->set_role(SessionRole::kPublish);
  const Status publishable =
      signalling::CheckPublished(offer, RouterElementOf(router_.get()).rtp_capabilities());
  if (!publishable) return publishable.error();
  for (const size_t index : signalling::VideoFirst(offer)) {
    if (!signalling::IsSent(offer.media[index])) continue;
    Status published = PublishTrack(offer.media[index], peer, &opened->media[index]);
    if (!published) return published;
  }
  return OkStatus();
}

Status ServerElement::PublishTrack(const SdpMedia& section, ServerPeer* peer,
                                   std::optional<SdpAnswerMedia>* media) {
  const ortc::RtpCapabilities router = RouterElementOf(router_.get()).rtp_capabilities();
  // A pad that waits may decide the codec: it is linked to something that takes one only.
  PublishedPads::SlotRef slot;
  auto parameters = section.Sendable(router, [&](ortc::RtpParameters candidate) {
    if (candidate.encodings.empty()) candidate.encodings.emplace_back();
    const CapsRef caps = CapsOfStream(candidate, 0);
    if (caps) slot = published_pads_.TakeWaiting(caps.get());
    return slot != nullptr;
  });
  if (!parameters) parameters = section.Sendable(router);
  if (!parameters) return parameters.error();
  ortc::ProduceRequest request;
  request.kind = section.kind;
  request.parameters = parameters.value();
  // Viewers may wait for such a track, whose publisher has gone.
  std::optional<ServerTrack> left;
  auto link =
      LinkProducer(router_.get(), peer->transport(), request, [&](const ProducedStream& stream) {
        left = left_tracks_.Take(stream.RouterPayloadType());
        return left ? left->router_pad : PadRef();
      });
  if (!link) {
    if (slot != nullptr) published_pads_.GiveBack(slot);
    return link.error();
  }
  const ProducedStream& stream = *link.value().produced.stream;
  const std::string id = left ? left->producer_id : stream.id;
  peer->Keep({link.value().router_pad, id, stream.RouterPayloadType()});
  published_pads_.Assign(slot, id);
  *media = SdpAnswerMedia{true, stream.description.parameters};
  return OkStatus();
}

void ServerElement::Watch(const SdpOffer& offer, ServerPeer* peer, Opened* opened) {
  peer->set_role(SessionRole::kWatch);
  RouterElement& router = RouterElementOf(router_.get());
  const auto hub = router.TakeHub();
  if (!hub) {
    opened->fault = Fault::kUnavailable;
    opened->error = hub.error();
    return;
  }
  std::set<std::string> used;
  bool any_producer = false;
  bool any = false;
  opened->error = {"sdp", "has no section for what there is to watch"};
  for (const size_t index : signalling::VideoFirst(offer)) {
    const SdpMedia& section = offer.media[index];
    if (!Receives(section.direction)) continue;
    ortc::ConsumeRequest request;
    request.capabilities = section.Receivable();
    request.mid = section.mid;
    request.numbers = ortc::ConsumerNumbers::kReceiver;
    for (const ProducerEntry& entry : hub.value()->Producers(&router)) {
      const auto producer = hub.value()->Describe(entry.id);
      if (!producer || left_tracks_.Has(entry.id)) continue;
      any_producer = true;
      if (producer.value().kind != section.kind || used.contains(entry.id)) continue;
      if (!ortc::CanConsume(producer.value().consumable, request.capabilities)) continue;
      request.producer_id = entry.id;
      auto link = LinkConsumer(router_.get(), peer->transport(), request);
      if (!link) {
        opened->error = link.error();
        continue;
      }
      used.insert(entry.id);
      peer->Keep({link.value().router_pad, entry.id});
      opened->media[index] = SdpAnswerMedia{false, link.value().consumed.stream->parameters};
      signalling::NameStream(entry.id, &opened->media[index]->parameters);
      any = true;
      break;
    }
  }
  if (any) return;
  opened->fault = any_producer ? Fault::kUnusable : Fault::kNothingYet;
  if (!any_producer) opened->error = {"", "there is nothing to watch yet"};
}

GstStructure* ServerElement::Stats() const {
  std::vector<std::shared_ptr<ServerPeer>> peers;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, peer] : peers_) peers.push_back(peer);
  }
  guint publishers = 0;
  GValue transports = G_VALUE_INIT;
  g_value_init(&transports, GST_TYPE_ARRAY);
  for (const auto& peer : peers) {
    if (peer->role() == SessionRole::kPublish) ++publishers;
    GstStructure* stats = nullptr;
    g_object_get(peer->transport(), "stats", &stats, nullptr);
    if (stats == nullptr) continue;
    GValue value = G_VALUE_INIT;
    g_value_init(&value, GST_TYPE_STRUCTURE);
    g_value_take_boxed(&value, stats);
    gst_value_array_append_and_take_value(&transports, &value);
  }
  GstStructure* router = nullptr;
  g_object_get(router_.get(), "stats", &router, nullptr);
  GstStructure* all =
      gst_structure_new("application/x-sfu-server-stats", "publishers", G_TYPE_UINT, publishers,
                        "viewers", G_TYPE_UINT, static_cast<guint>(peers.size()) - publishers,
                        "router", GST_TYPE_STRUCTURE, router, nullptr);
  gst_structure_take_value(all, "transports", &transports);
  if (router != nullptr) gst_structure_free(router);
  return all;
}

}  // namespace sfu::gst

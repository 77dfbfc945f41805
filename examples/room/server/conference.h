// One room: a router, the people in it, and what they tell each other.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "census.h"
#include "limits.h"
#include "media_counters.h"
#include "peer.h"
#include "pipeline.h"
#include "protocol.h"
#include "transcoder.h"

namespace room {

// Hears who sends what, and takes it elsewhere: a recording, say.
class StreamListener {
 public:
  virtual ~StreamListener() = default;
  virtual void OnProducer(const Peer& peer, const std::string& id, const Producer& producer) = 0;
  virtual void OnProducerClosed(const std::string& id) = 0;
  // What the people in the room are told of it, always the same; null: nothing.
  virtual Json Output() const { return nullptr; }
};

class Conference {
 public:
  // Its router is on the Worker of `transports`.
  Conference(std::string name, Pipeline* pipeline, TransportSettings transports);
  Conference(const Conference&) = delete;
  Conference& operator=(const Conference&) = delete;
  ~Conference();

  const std::string& name() const { return name_; }
  size_t size() const { return peers_.size(); }
  GstElement* router() const { return router_->get(); }

  bool HasPerson(const std::string& name) const;
  // Who has this session; null: nobody.
  Peer* FindSession(const std::string& session) const;
  // A new person. Throws RequestError when the name is taken. The peer lives until Leave().
  std::shared_ptr<Peer> Join(const std::string& name, const std::string& session, Via via,
                             Outlet* outlet);
  // What the new one is told first.
  Json Welcome(const Peer& peer) const;
  void Leave(const Peer& peer);
  // Whom a viewer watches: who has that name; without a name the first who sends pictures, or else
  // sound. Null: there is nobody who sends anything.
  const Peer* FindToWatch(const std::string& name) const;
  // Gives a viewer that Producer, as PeerMedia::Consume() does, until it is closed.
  Json Watch(Peer& viewer, const std::string& producer_id, const Json& capabilities,
             const Json& options);
  // The same, as PeerMedia::ConsumePlain() does.
  Json WatchPlain(Peer& viewer, const std::string& producer_id, const PlainDestination& to);
  // Who is there and what they send, for the REST API.
  Json Describe() const;
  // Adds its peers and their media to what there is, and what they have counted.
  void Count(Census* census, MediaCounters* counters) const;

  // It is told of all that is sent now, too.
  void AddListener(StreamListener* listener);
  void RemoveListener(StreamListener* listener);
  // Somebody has a use for it, though nobody may be in it.
  bool has_listeners() const { return !listeners_.empty(); }

  // Does what a request asks for. Gives the data of its answer, or throws RequestError.
  Json Handle(Peer& peer, const Request& request);

 private:
  using TranscoderKey = std::pair<std::string, std::string>;  // Producer and codec

  Json CreateTransport(Peer& peer, const Fields& fields);
  Json ConnectTransport(Peer& peer, const Fields& fields);
  Json RestartIce(Peer& peer, const Fields& fields);
  Json Receive(Peer& peer, const Fields& fields);
  Json Produce(Peer& peer, const Fields& fields);
  Json CloseProducer(Peer& peer, const Fields& fields);
  Json PauseProducer(Peer& peer, const Fields& fields);
  Json ResumeProducer(Peer& peer, const Fields& fields);
  Json PauseConsumer(Peer& peer, const Fields& fields);
  Json ResumeConsumer(Peer& peer, const Fields& fields);
  Json Chat(Peer& peer, const Fields& fields);
  Json RaiseHand(Peer& peer, const Fields& fields);
  Json GetStats(Peer& peer, const Fields& fields);

  void Consume(Peer& viewer, const Peer& from, const std::string& producer_id);
  void TellConsumer(const Peer& viewer, const Peer& from, const std::string& producer_id,
                    Json consumer) const;
  static void TellNotConsumable(const Peer& viewer, const Peer& from,
                                const std::string& producer_id, const std::string& reason);
  // Whether the viewer cannot get it for its codec, and for nothing else.
  bool LacksCodec(const Peer& viewer, const std::string& producer_id) const;
  // Has the viewer get it in another codec, soon. False: he cannot; `reason` says why if that is
  // not why he cannot get it as it is.
  bool Transcode(Peer& viewer, const Peer& from, const std::string& producer_id,
                 std::string* reason);
  // Gives what is transcoded by now to those who wait for it. False: nobody waits any more.
  bool ServeTranscoded();
  void ServeTranscoded(Peer& viewer, const std::string& producer_id, const Transcoder& transcoder);
  // Ends those of which nothing comes.
  void GiveUpTranscoders();
  // Who gets its result, or waits for it.
  std::vector<Peer*> ViewersOf(const TranscoderKey& transcoder) const;
  // Ends those that nobody uses.
  void EndTranscoders();
  // Ends what the viewer gets of it, if he does.
  static void CloseConsumer(Peer& viewer, const std::string& producer_id);
  // It goes: for all who get it.
  void StopConsuming(const std::string& producer_id);
  void SetProducerPaused(Peer& peer, const Fields& fields, bool paused);
  const Peer* Owner(const std::string& producer_id) const;
  // What the listeners say of themselves.
  Json Outputs() const;
  void TellOutputs() const;
  void Hear(const GstStructure& message);
  void HearVolumes(const GstStructure& message);
  void TellScores();
  void TellAll(std::string_view method, const Json& data, const Peer* except = nullptr) const;

  const std::string name_;
  Pipeline* const pipeline_;
  const TransportSettings transports_;
  std::unique_ptr<Pipeline::Element> router_;
  std::vector<std::shared_ptr<Peer>> peers_;
  std::vector<StreamListener*> listeners_;
  unsigned last_id_ = 0;
  std::deque<Json> chat_;
  std::string speaker_;  // a peer's id; empty: nobody
  guint timer_ = 0;
  guint transcoding_timer_ = 0;  // 0: nobody waits
  // At most kMaxTranscoders.
  std::map<TranscoderKey, std::unique_ptr<Transcoder>> transcoders_;
};

}  // namespace room

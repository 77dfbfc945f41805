// The media of one person: a transport for what is sent, one for what is received, and the
// producers and consumers on them. Each call is one property or action of the elements; what they
// refuse is thrown as RequestError.
#pragma once

#include <gst/gst.h>

#include <map>
#include <memory>
#include <string>

#include "media_counters.h"
#include "pipeline.h"
#include "plain_output.h"
#include "protocol.h"

namespace room {

// How the transports of one Worker reach browsers.
struct TransportSettings {
  std::string worker;
  std::string address;    // to bind; empty: all of the machine
  std::string announced;  // by which browsers reach us; empty: the bound ones
  unsigned port = 0;      // UDP and TCP; 0: any free one
  // Takes what a transport or a stream has counted when it ends. Outlives both.
  MediaCounters* ended = nullptr;
};

class PeerMedia {
 public:
  // `router` outlives it.
  PeerMedia(Pipeline* pipeline, GstElement* router, TransportSettings settings);
  PeerMedia(const PeerMedia&) = delete;
  PeerMedia& operator=(const PeerMedia&) = delete;
  ~PeerMedia();

  // `direction`: send or recv, as the client sees it. One of each.
  Json CreateTransport(const std::string& direction);
  // In place of one for sending: a port that takes RTP, and RTCP on the next one, of whoever sends.
  // Gives its number. `address`: to bind. Throws std::runtime_error if there is none.
  unsigned OpenPlain(const std::string& address);
  // Our end of it: its id, iceParameters, iceCandidates and dtlsParameters.
  Json Local(const std::string& transport_id) const;
  void Connect(const std::string& transport_id, const Json& dtls_parameters);
  // The new iceParameters.
  Json RestartIce(const std::string& transport_id);

  // Gives the Producer's id.
  std::string Produce(const std::string& kind, const Json& rtp_parameters, bool paused);
  void CloseProducer(const std::string& id);
  void PauseProducer(const std::string& id, bool paused);
  // How well the stream arrives: 10 is perfect.
  unsigned ProducerScore(const std::string& id) const;

  bool can_receive() const { return recv_ != nullptr; }
  // A Consumer of any Producer of the room. `options`: what else the router's consume() takes.
  // Gives what mediasoup-client's consume() takes.
  Json Consume(const std::string& producer_id, const Json& rtp_capabilities, const Json& options);
  // The same, as plain RTP to that address, from a port of its own. Throws std::runtime_error if
  // there is none, too.
  Json ConsumePlain(const std::string& producer_id, const PlainDestination& to);
  // Of all that goes out as plain RTP, for who receives that does not ask.
  void AskForKeyFrames() const;
  void CloseConsumer(const std::string& id);
  void PauseConsumer(const std::string& id, bool paused);

  // How its transports are, of which it has one.
  enum class Connection { kNew, kConnected, kOver };
  Connection connection() const;

  // What has come in so far, RTCP included.
  uint64_t PacketsReceived() const;
  // The statistics of its transports: {send, recv}, and the names of those of plain RTP that goes
  // out.
  Json Stats() const;

 private:
  using Pads = std::map<std::string, std::string>;  // id: the router's pad

  Json MakeConsumer(GstElement* transport, const Json& options);
  void Close(const char* action, const std::string& id, const std::string& router_pad);
  GstElement* Transport(const std::string& id) const;
  GstPtr<GstPad> RouterPad(const Pads& pads, const std::string& id, const char* field) const;

  Pipeline* const pipeline_;
  GstElement* const router_;
  const TransportSettings settings_;
  std::unique_ptr<Pipeline::Element> send_;
  std::unique_ptr<Pipeline::Element> recv_;
  std::map<std::string, std::unique_ptr<Pipeline::Element>> plain_outs_;  // by Consumer
  Pads producers_;
  Pads consumers_;
};

}  // namespace room

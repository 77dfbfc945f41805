// Negotiation of one transport's streams.
//
// An id is taken in the table before its pad is made, so that of two calls with the same id one
// fails, and what a pad was negotiated for is known before anybody can see the pad.
#include <algorithm>
#include <utility>

#include "action_answer.h"
#include "element_pads.h"
#include "net/entropy.h"
#include "ortc/requests_json.h"
#include "router_hub.h"
#include "sfu_transport.h"

namespace sfu::gst {
namespace {

std::string NewId() {
  gchar* text = g_uuid_string_random();
  std::string id = text;
  g_free(text);
  return id;
}

template <typename Table>
auto FindPad(const Table& table, const GstPad* pad) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const auto& item) { return item.second.pad.get() == pad; });
  return found == table.end() ? nullptr : found->second.stream;
}

template <typename Table>
PadRef PadOf(const Table& table, const std::string& id) {
  const auto found = table.find(id);
  return found == table.end() ? PadRef() : found->second.pad;
}

template <typename Table>
auto StreamsOf(const Table& table) {
  std::vector<decltype(table.begin()->second.stream)> streams;
  for (const auto& [id, entry] : table) {
    if (entry.pad) streams.push_back(entry.stream);
  }
  return streams;
}

}  // namespace

TransportControl::TransportControl(GstElement* element, TransportPads* pads, const Options& options)
    : element_(element), pads_(pads), options_(options), random_(EntropySeed()) {}

// That of the first Producer that has one, for all of them are one endpoint's.
std::string TransportControl::CnameOf(const ortc::ProduceRequest& request) {
  if (!cname_.empty()) return cname_;
  return request.parameters.rtcp.cname.empty() ? NewId() : request.parameters.rtcp.cname;
}

Result<ortc::ProducerDescription> TransportControl::Describe(const ortc::ProduceRequest& request,
                                                             const ortc::RtpCapabilities& router) {
  ortc::ProducerOptions options;
  options.allow_unknown_source = options_.allow_unknown_source;
  options.cname = CnameOf(request);
  auto description =
      ortc::DescribeProducer(request.kind, request.parameters, router, options, &random_);
  if (description) cname_ = options.cname;
  return description;
}

Result<TransportControl::Produced> TransportControl::Produce(const ortc::ProduceRequest& request,
                                                             const ortc::RtpCapabilities& router) {
  auto stream = std::make_shared<ProducedStream>();
  stream->id = request.id.empty() ? NewId() : request.id;
  stream->paused = request.paused;
  stream->key_frame_request_delay = request.key_frame_request_delay;
  {
    const std::lock_guard lock(mutex_);
    if (producers_.contains(stream->id)) {
      return Error{"id", "'" + stream->id + "' is taken by another producer of this transport"};
    }
    auto description = Describe(request, router);
    if (!description) return description.error();
    stream->description = std::move(description).value();
    producers_[stream->id].stream = stream;
  }
  const auto pad = Show(&producers_, stream->id, pads_->MakeProducerPad(stream));
  if (!pad) return pad.error();
  return Produced{stream, pad.value()};
}

Result<TransportControl::Consumed> TransportControl::Consume(
    const ortc::ConsumeRequest& request, const ortc::ProducerDescription& producer) {
  auto stream = std::make_shared<ConsumedStream>();
  stream->id = NewId();
  stream->producer_id = request.producer_id;
  stream->kind = producer.kind;
  stream->type = producer.type;
  stream->paused = request.paused;
  ortc::ConsumerOptions options;
  options.enable_rtx = request.enable_rtx.value_or(producer.kind == MediaKind::kVideo);
  options.numbers = request.numbers;
  {
    const std::lock_guard lock(mutex_);
    options.mid = request.mid.empty() ? mids_.Next() : request.mid;
    auto parameters =
        ortc::MakeConsumerParameters(producer.consumable, request.capabilities, options, &random_);
    if (!parameters) return parameters.error();
    stream->parameters = std::move(parameters).value();
    consumers_[stream->id].stream = stream;
  }
  const auto pad = Show(&consumers_, stream->id, pads_->MakeConsumerPad(stream));
  if (!pad) return pad.error();
  return Consumed{stream, pad.value()};
}

template <typename Stream>
Result<PadRef> TransportControl::Show(Table<Stream>* table, const std::string& id,
                                      Result<PadRef> pad) {
  {
    const std::lock_guard lock(mutex_);
    if (!pad) {
      table->erase(id);
      return pad;
    }
    (*table)[id].pad = pad.value();
  }
  AddElementPad(element_, pad.value().get());
  return pad;
}

// Releasing the pad calls Forget().
template <typename Stream>
Status TransportControl::Close(const Table<Stream>& table, const std::string& id) {
  PadRef pad;
  {
    const std::lock_guard lock(mutex_);
    pad = PadOf(table, id);
  }
  if (!pad) return Error{"id", "there is no '" + id + "' in this transport"};
  // Also of a template of sometimes pads.
  GST_ELEMENT_GET_CLASS(element_)->release_pad(element_, pad.get());
  return OkStatus();
}

Status TransportControl::CloseProducer(const std::string& id) { return Close(producers_, id); }
Status TransportControl::CloseConsumer(const std::string& id) { return Close(consumers_, id); }

ProducedStreamRef TransportControl::ProducedOf(const GstPad* pad) const {
  const std::lock_guard lock(mutex_);
  return FindPad(producers_, pad);
}

ConsumedStreamRef TransportControl::ConsumedOf(const GstPad* pad) const {
  const std::lock_guard lock(mutex_);
  return FindPad(consumers_, pad);
}

PadRef TransportControl::PadOfProducer(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  return PadOf(producers_, id);
}

PadRef TransportControl::PadOfConsumer(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  return PadOf(consumers_, id);
}

std::vector<ProducedStreamRef> TransportControl::producers() const {
  const std::lock_guard lock(mutex_);
  return StreamsOf(producers_);
}

std::vector<ConsumedStreamRef> TransportControl::consumers() const {
  const std::lock_guard lock(mutex_);
  return StreamsOf(consumers_);
}

void TransportControl::Forget(const GstPad* pad) {
  const std::lock_guard lock(mutex_);
  const auto is_it = [pad](const auto& item) { return item.second.pad.get() == pad; };
  std::erase_if(producers_, is_it);
  std::erase_if(consumers_, is_it);
}

void TransportControl::SetRouterName(const std::string& name) {
  const std::lock_guard lock(mutex_);
  router_name_ = name;
}

std::string TransportControl::router_name() const {
  const std::lock_guard lock(mutex_);
  return router_name_;
}

Result<std::string> TransportControl::ProduceJson(const char* json) {
  const auto text = ActionText(json);
  if (!text) return text.error();
  const auto request = ortc::ParseProduceRequest(text.value());
  if (!request) return request.error();
  const std::string name = router_name();
  RouterHubRef hub;
  if (!name.empty()) {
    hub = RouterHub::Find(name);
    if (hub == nullptr) return Error{"router", "there is no router '" + name + "'"};
    if (Status free = hub->CheckIdFree(request.value().id); !free) return free.error();
  }
  const auto produced = Produce(
      request.value(), hub == nullptr ? DefaultCapabilities() : hub->codecs().capabilities());
  if (!produced) return produced.error();
  return ProduceAnswerText(produced.value());
}

Result<std::string> TransportControl::ConsumeJson(const char* json) {
  const auto text = ActionText(json);
  if (!text) return text.error();
  const auto request = ortc::ParseConsumeRequest(text.value());
  if (!request) return request.error();
  const std::string name = router_name();
  if (name.empty()) {
    return Error{"router", "is not set: name the router of the producer, or use its own consume"};
  }
  const RouterHubRef hub = RouterHub::Find(name);
  if (hub == nullptr) return Error{"router", "there is no router '" + name + "'"};
  const auto producer = hub->Describe(request.value().producer_id);
  if (!producer) return producer.error();
  const auto consumed = Consume(request.value(), producer.value());
  if (!consumed) return consumed.error();
  return ConsumeAnswerText(consumed.value());
}

std::string ProduceAnswerText(const TransportControl::Produced& produced, GstPad* router_pad) {
  const ProducedStream& stream = *produced.stream;
  return ortc::ToJson(ortc::ProduceAnswer{stream.id, stream.description.kind,
                                          stream.description.type, GST_PAD_NAME(produced.pad.get()),
                                          router_pad == nullptr ? "" : GST_PAD_NAME(router_pad)});
}

std::string ConsumeAnswerText(const TransportControl::Consumed& consumed, GstPad* router_pad) {
  const ConsumedStream& stream = *consumed.stream;
  return ortc::ToJson(ortc::ConsumeAnswer{
      stream.id, stream.producer_id, stream.kind, stream.parameters, stream.type,
      GST_PAD_NAME(consumed.pad.get()), router_pad == nullptr ? "" : GST_PAD_NAME(router_pad)});
}

}  // namespace sfu::gst

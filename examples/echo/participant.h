// One browser: a transport for what it sends, and one for what it gets.
#pragma once

#include <gst/gst.h>

#include <map>
#include <string>

#include "actions.h"

// The room that participants join.
struct Room {
  GstElement* pipeline;
  GstElement* router;   // the sfurouter in it
  std::string address;  // where browsers send their media
};

class Participant {
 public:
  explicit Participant(const Room& room) : room_(room) {}
  Participant(const Participant&) = delete;
  Participant& operator=(const Participant&) = delete;
  // Nothing of it stays in the pipeline.
  ~Participant();

  // Does what a message asks for, and gives the data of the answer. Throws std::exception.
  Json Handle(const std::string& type, const Json& data);

 private:
  Json CreateTransport(bool sender);
  Json Produce(const Json& data);
  Json Consume(const Json& data);
  Json Resume(const Json& data);
  void RemoveTransport(GstElement* transport);

  const Room room_;
  GstElement* send_transport_ = nullptr;  // the pipeline owns both
  GstElement* recv_transport_ = nullptr;
  std::map<std::string, std::string> producers_;  // id: the router's pad
  std::map<std::string, std::string> consumers_;
};

// The elements of gst-sfu speak mediasoup's JSON: read a property, call an action, both as objects.
#pragma once

#include <gst/gst.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>

using Json = nlohmann::json;

// The value of a property that holds JSON.
Json GetJson(GstElement* element, const char* property);

// What an element says is wrong, and with which field of the options.
class ActionError : public std::runtime_error {
 public:
  ActionError(std::string field, const std::string& reason)
      : std::runtime_error(reason), field_(std::move(field)) {}
  const std::string& field() const { return field_; }

 private:
  std::string field_;
};

// What an action answers, to `options` where it takes some. Throws ActionError, whose text names
// the field, too.
Json Call(GstElement* element, const char* action);
Json Call(GstElement* element, const char* action, const std::string& options);
Json Call(GstElement* router, const char* action, GstElement* transport, const Json& options);

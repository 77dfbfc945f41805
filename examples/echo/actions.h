// The elements of gst-sfu speak mediasoup's JSON: read a property, call an action, both as objects.
#pragma once

#include <gst/gst.h>

#include <nlohmann/json.hpp>
#include <string>

using Json = nlohmann::json;

// The value of a property that holds JSON.
Json GetJson(GstElement* element, const char* property);

// What an action answers to `options`. Throws std::runtime_error with the element's explanation,
// which names the field that is wrong.
Json Call(GstElement* element, const char* action, const std::string& options);
Json Call(GstElement* router, const char* action, GstElement* transport, const Json& options);

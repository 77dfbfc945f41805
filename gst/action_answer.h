// How the actions of our elements answer: with a GstStructure that holds either `json`, the answer
// as text, or `error`.
//
//   sfu-answer, json=(string)"{…}"
//   sfu-error, error=(GError)…, field=(string)rtpParameters.codecs[0].mimeType, reason=(string)…
//
// The error is a GST_RESOURCE_ERROR_SETTINGS whose message is "field: reason"; nothing has changed
// then.
#pragma once

#include <gst/gst.h>

#include <string>

#include "base/result.h"

namespace sfu::gst {

// The caller frees what these return.
GstStructure* NewAnswer(const std::string& json);
GstStructure* NewErrorAnswer(const Error& error);
GstStructure* NewAnswer(const Result<std::string>& json);

// The text of an action's argument; an error if it is NULL.
Result<std::string> ActionText(const char* text, const char* name = "options");

// Adds an action without argument. `handler` is a GstStructure* (*)(ELEMENT*), of the class's type.
void InstallAction(GObjectClass* klass, const char* name, GCallback handler);
// Adds an action that takes one text and gives an answer. `handler` is a
// GstStructure* (*)(GstElement*, const char*).
void InstallTextAction(GObjectClass* klass, const char* name,
                       GstStructure* (*handler)(GstElement*, const char*));

}  // namespace sfu::gst

// The form of what clients say and are told (docs/room-protocol.md): requests, answers and
// notifications, as JSON text. Knows no GStreamer and no network.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace room {

using Json = nlohmann::json;

// How deep arrays and objects of a message may be nested. What real clients send has 7.
constexpr int kMaxDepth = 20;

// Why a request was refused, for its sender. `code` is for programs: invalid, not-joined,
// not-found, conflict, full, token, failed. `field`: what in the message is wrong, or empty.
class RequestError : public std::runtime_error {
 public:
  RequestError(std::string code, std::string field, const std::string& reason)
      : std::runtime_error(reason), code_(std::move(code)), field_(std::move(field)) {}
  const std::string& code() const { return code_; }
  const std::string& field() const { return field_; }

 private:
  std::string code_;
  std::string field_;
};

struct Request {
  Json id;  // null until a valid one was read
  std::string method;
  Json data = Json::object();
};

// Reads an object of JSON of bounded depth. Throws RequestError, whose field is `what` then.
Json ParseObject(std::string_view text, const std::string& what);

// Reads `text` into `request`. Throws RequestError; `request` has the id then, if that was valid.
void ParseRequest(std::string_view text, Request* request);

// Bytes that are no UTF-8 become U+FFFD.
std::string JsonText(const Json& json);
// {code, field, reason}.
Json ToJson(const RequestError& error);

std::string AnswerText(const Json& id, const Json& data);
std::string ErrorText(const Json& id, const RequestError& error);
std::string NotificationText(std::string_view method, const Json& data);

// The name of a room stands in addresses and in the names of files. Throws RequestError unless it
// may.
void CheckRoomName(const std::string& name);

// Reads the fields of a request's data, which must outlive it. Everything throws RequestError with
// the field's name.
class Fields {
 public:
  explicit Fields(const Json& data) : data_(data) {}

  bool Has(const char* name) const { return data_.contains(name); }
  // 1 to `max` bytes of UTF-8 without control characters.
  std::string Text(const char* name, size_t max) const;
  // As above, or empty where the field is not there.
  std::string OptionalText(const char* name, size_t max) const;
  // As Text(), but lines may end and tabs stand in it.
  std::string Lines(const char* name, size_t max) const;
  std::string OneOf(const char* name, std::initializer_list<std::string_view> values) const;
  int Integer(const char* name, int min, int max) const;
  bool Flag(const char* name) const;
  bool Flag(const char* name, bool otherwise) const;
  const Json& Object(const char* name) const;

 private:
  const Json& At(const char* name) const;
  const Json& data_;
};

}  // namespace room

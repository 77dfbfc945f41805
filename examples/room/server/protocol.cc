#include "protocol.h"

#include <glib.h>

#include <algorithm>

#include "limits.h"

namespace room {
namespace {

constexpr uint64_t kMaxId = (uint64_t{1} << 53) - 1;  // what a number of JavaScript holds
constexpr size_t kMaxMethod = 40;

RequestError Invalid(const std::string& field, const std::string& reason) {
  return {"invalid", field, field + " " + reason};
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

// The depth is bounded while the text is read: a deep value would end the stack of who writes it.
Json ParseObject(std::string_view text, const std::string& what) {
  const auto bounded = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > kMaxDepth) throw Invalid(what, "is nested too deep");
    return true;
  };
  Json object;
  try {
    object = Json::parse(text, bounded);
  } catch (const Json::exception&) {
    throw Invalid(what, "is not JSON");
  }
  if (!object.is_object()) throw Invalid(what, "must be an object");
  return object;
}

std::string JsonText(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json ToJson(const RequestError& error) {
  return {{"code", error.code()}, {"field", error.field()}, {"reason", error.what()}};
}

void CheckRoomName(const std::string& name) {
  const auto good = [](char c) { return g_ascii_isalnum(c) || c == '-' || c == '_' || c == '.'; };
  if (name.empty() || name.size() > kMaxRoomBytes || !std::ranges::all_of(name, good) ||
      name.front() == '.') {
    throw Invalid("room", "must be made of letters, digits, - _ and ., " +
                              std::to_string(kMaxRoomBytes) + " at most");
  }
}

void ParseRequest(std::string_view text, Request* request) {
  const Json message = ParseObject(text, "message");
  const auto id = message.find("id");
  if (id == message.end() || !id->is_number_unsigned() || id->get<uint64_t>() > kMaxId) {
    throw Invalid("id", "must be a number from 0 up");
  }
  request->id = *id;
  request->method = Fields(message).Text("method", kMaxMethod);
  if (message.contains("data")) request->data = Fields(message).Object("data");
}

std::string AnswerText(const Json& id, const Json& data) {
  return JsonText({{"id", id}, {"data", data}});
}

std::string ErrorText(const Json& id, const RequestError& error) {
  return JsonText({{"id", id}, {"error", ToJson(error)}});
}

std::string NotificationText(std::string_view method, const Json& data) {
  return JsonText({{"method", method}, {"data", data}});
}

const Json& Fields::At(const char* name) const {
  const auto field = data_.find(name);
  if (field == data_.end()) throw Invalid(name, "is missing");
  return *field;
}

std::string Fields::Lines(const char* name, size_t max) const {
  const Json& field = At(name);
  if (!field.is_string()) throw Invalid(name, "must be a string");
  auto text = field.get<std::string>();
  if (text.empty()) throw Invalid(name, "must not be empty");
  if (text.size() > max) throw Invalid(name, "is longer than " + std::to_string(max) + " bytes");
  const auto wrong = [](char c) { return IsControl(c) && c != '\n' && c != '\t'; };
  if (std::ranges::any_of(text, wrong)) throw Invalid(name, "has control characters");
  return text;
}

std::string Fields::Text(const char* name, size_t max) const {
  std::string text = Lines(name, max);
  if (std::ranges::any_of(text, IsControl)) throw Invalid(name, "has control characters");
  return text;
}

std::string Fields::OptionalText(const char* name, size_t max) const {
  return data_.contains(name) ? Text(name, max) : std::string();
}

std::string Fields::OneOf(const char* name, std::initializer_list<std::string_view> values) const {
  const Json& field = At(name);
  std::string all;
  for (const std::string_view value : values) {
    if (field.is_string() && field.get_ref<const std::string&>() == value) {
      return std::string(value);
    }
    all += (all.empty() ? "" : ", ") + std::string(value);
  }
  throw Invalid(name, "must be one of " + all);
}

int Fields::Integer(const char* name, int min, int max) const {
  const Json& field = At(name);
  const bool whole = field.is_number_integer() || field.is_number_unsigned();
  if (!whole || field < min || field > max) {
    throw Invalid(name,
                  "must be a number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return field.get<int>();
}

bool Fields::Flag(const char* name) const {
  const Json& field = At(name);
  if (!field.is_boolean()) throw Invalid(name, "must be true or false");
  return field.get<bool>();
}

bool Fields::Flag(const char* name, bool otherwise) const {
  return data_.contains(name) ? Flag(name) : otherwise;
}

const Json& Fields::Object(const char* name) const {
  const Json& field = At(name);
  if (!field.is_object()) throw Invalid(name, "must be an object");
  return field;
}

}  // namespace room

// A cursor into a JSON value that knows its path, for readers that say exactly what is wrong.
//
// Like ByteReader it is sticky: the first error is kept, reading goes on with defaults, and the
// caller looks once at the end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "ortc/bounded_json.h"
#include "ortc/field_path.h"
#include "ortc/limits.h"
#include "ortc/word_table.h"

namespace sfu::ortc {

class JsonField {
 public:
  // The whole value. Both must outlive this and all that comes of it.
  JsonField(const Json& value, std::string_view name, std::optional<Error>* error)
      : value_(&value), path_(name), error_(error) {}

  // A member of this object; absent if there is none. It is an error if this is no object.
  JsonField Member(std::string_view name) const;
  // Whether it is there, and not null: JavaScript makes null of undefined in some places.
  bool present() const { return value_ != nullptr && !value_->is_null(); }
  // Whether it can hold members; an error if it is anything else, or absent.
  bool IsObject() const;
  bool IsArray(size_t max_size) const;

  // Required values. After an error: an empty text, `min`, false.
  std::string Text(size_t min_size = 1, size_t max_size = kMaxTextSize) const;
  int64_t Integer(int64_t min, int64_t max) const;
  bool Boolean() const;
  template <typename T>
  T Number(int64_t min, int64_t max) const {
    return static_cast<T>(Integer(min, max));
  }
  // One of several words.
  template <typename T, size_t N>
  T Choice(const std::array<std::pair<std::string_view, T>, N>& choices) const;

  // Values that may be left off.
  std::string TextOr(std::string_view by_default, size_t max_size = kMaxTextSize) const {
    return present() ? Text(0, max_size) : std::string(by_default);
  }
  bool BooleanOr(bool by_default) const { return present() ? Boolean() : by_default; }
  template <typename T>
  std::optional<T> OptionalNumber(int64_t min, int64_t max) const {
    return present() ? std::optional<T>(Number<T>(min, max)) : std::nullopt;
  }
  template <typename T, size_t N>
  T ChoiceOr(const std::array<std::pair<std::string_view, T>, N>& choices, T by_default) const {
    return present() ? Choice(choices) : by_default;
  }

  // Each element of this array by `read(const JsonField&)`. Empty if it is absent.
  template <typename Read>
  auto List(size_t max_size, const Read& read) const {
    std::vector<std::invoke_result_t<Read, const JsonField&>> list;
    if (!present() || !IsArray(max_size)) return list;
    list.reserve(value_->size());
    for (size_t i = 0; i < value_->size() && !failed(); ++i) {
      list.push_back(read(JsonField(&(*value_)[i], At(path_, i), error_)));
    }
    return list;
  }
  // The same, but an error if it is absent.
  template <typename Read>
  auto RequiredList(size_t max_size, const Read& read) const {
    if (!present()) Fail("is missing");
    return List(max_size, read);
  }
  // Each member of this object by `read(name, const JsonField&)`. Nothing if it is absent.
  template <typename Read>
  void ForEachMember(size_t max_size, const Read& read) const {
    if (!present() || !IsObject() || !FitsNames(max_size)) return;
    for (const auto& [name, value] : value_->items()) {
      if (failed()) return;
      read(name, JsonField(&value, path_ + "." + name, error_));
    }
  }

  // Notes an error in this field, if it is the first.
  void Fail(std::string reason) const;
  // Takes over the error of a check of what was read, which names the field itself.
  void Check(const Status& status) const {
    if (!failed() && !status.ok()) *error_ = status.error();
  }
  bool failed() const { return error_->has_value(); }
  const std::string& path() const { return path_; }
  // For values of more than one type. Only if present().
  const Json& value() const { return *value_; }

 private:
  JsonField(const Json* value, std::string path, std::optional<Error>* error)
      : value_(value), path_(std::move(path)), error_(error) {}
  // Whether the members are no more than that, and have names that can stand in an error.
  bool FitsNames(size_t max_size) const;
  // Whether a value of this type is there; an error if not.
  bool Expect(bool right_type, std::string_view type) const;

  const Json* value_;  // null: absent
  std::string path_;
  std::optional<Error>* error_;
};

template <typename T, size_t N>
T JsonField::Choice(const std::array<std::pair<std::string_view, T>, N>& choices) const {
  const std::string text = Text();
  std::string words;
  for (const auto& [word, value] : choices) {
    if (text == word) return value;
    words += (words.empty() ? "" : ", ") + std::string(word);
  }
  Fail("must be one of " + words);
  return choices[0].second;
}

// Parses `text` and reads it by `read(const JsonField&)`. `name` is what errors call the object.
template <typename Read>
auto ReadJson(std::string_view text, std::string_view name, const Read& read)
    -> Result<std::invoke_result_t<Read, const JsonField&>> {
  const Result<Json> json = ParseBoundedJson(text, name);
  if (!json) return json.error();
  std::optional<Error> error;
  auto result = read(JsonField(json.value(), name, &error));
  if (error) return *error;
  return result;
}

}  // namespace sfu::ortc

// Type and range checks.
#include "ortc/field_json.h"

#include <algorithm>
#include <cmath>

namespace sfu::ortc {
namespace {

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

bool HasControl(std::string_view text) { return std::any_of(text.begin(), text.end(), IsControl); }

// JavaScript has one type of number: 96.0 is 96.
std::optional<int64_t> WholeNumber(const Json& value, int64_t min, int64_t max) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<uint64_t>();
    if (max < 0 || number > static_cast<uint64_t>(max)) return std::nullopt;
    const auto whole = static_cast<int64_t>(number);
    return whole >= min ? std::optional(whole) : std::nullopt;
  }
  if (value.is_number_integer()) {
    const auto number = value.get<int64_t>();
    return number >= min && number <= max ? std::optional(number) : std::nullopt;
  }
  const auto number = value.get<double>();
  // All ranges here lie within what a double holds exactly.
  if (!(number >= static_cast<double>(min) && number <= static_cast<double>(max))) {
    return std::nullopt;
  }
  if (std::trunc(number) != number) return std::nullopt;
  return static_cast<int64_t>(number);
}

}  // namespace

JsonField JsonField::Member(std::string_view name) const {
  std::string path = path_ + "." + std::string(name);
  if (!IsObject()) return {nullptr, std::move(path), error_};
  const auto found = value_->find(name);
  return {found == value_->end() ? nullptr : &*found, std::move(path), error_};
}

bool JsonField::IsObject() const { return Expect(present() && value_->is_object(), "an object"); }

bool JsonField::IsArray(size_t max_size) const {
  if (!Expect(present() && value_->is_array(), "an array")) return false;
  if (value_->size() <= max_size) return true;
  Fail("has more than " + std::to_string(max_size) + " elements");
  return false;
}

bool JsonField::FitsNames(size_t max_size) const {
  if (value_->size() > max_size) {
    Fail("has more than " + std::to_string(max_size) + " members");
    return false;
  }
  for (const auto& [name, value] : value_->items()) {
    if (name.empty() || name.size() > kMaxNameSize || HasControl(name)) {
      Fail("has a member whose name is empty, longer than " + std::to_string(kMaxNameSize) +
           " or not printable");
      return false;
    }
  }
  return true;
}

std::string JsonField::Text(size_t min_size, size_t max_size) const {
  if (!Expect(present() && value_->is_string(), "a string")) return {};
  const auto& text = *value_->get_ptr<const std::string*>();
  if (text.size() < min_size) {
    Fail(min_size == 1 ? "must not be empty" : "is shorter than " + std::to_string(min_size));
    return {};
  }
  if (text.size() > max_size) {
    Fail("is longer than " + std::to_string(max_size));
    return {};
  }
  if (HasControl(text)) {
    Fail("must not have control characters");
    return {};
  }
  return text;
}

int64_t JsonField::Integer(int64_t min, int64_t max) const {
  if (!Expect(present() && value_->is_number(), "a number")) return min;
  const std::optional<int64_t> number = WholeNumber(*value_, min, max);
  if (number) return *number;
  Fail("must be " + std::to_string(min) + ".." + std::to_string(max));
  return min;
}

bool JsonField::Boolean() const {
  return Expect(present() && value_->is_boolean(), "true or false") && value_->get<bool>();
}

void JsonField::Fail(std::string reason) const {
  if (!failed()) *error_ = Error{path_, std::move(reason)};
}

bool JsonField::Expect(bool right_type, std::string_view type) const {
  if (right_type) return true;
  Fail(present() ? "must be " + std::string(type) : "is missing");
  return false;
}

}  // namespace sfu::ortc

// The parameters of a codec or a header extension: what SDP writes behind "a=fmtp:".
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace sfu::ortc {

// Numbers are numbers where the sender wrote them so. JSON has fractions, too.
using ParameterValue = std::variant<int64_t, double, std::string>;

class FormatParameters {
 public:
  using Map = std::map<std::string, ParameterValue, std::less<>>;

  FormatParameters() = default;
  FormatParameters(std::initializer_list<Map::value_type> values) : values_(values) {}

  const Map& values() const { return values_; }
  bool empty() const { return values_.empty(); }
  size_t size() const { return values_.size(); }

  // The value as a whole number, also where it came as a text ("1"). Nothing if there is none.
  std::optional<int64_t> Integer(std::string_view name) const;
  // The value as a text; a number as its digits, for SDP parsers take a profile-level-id of
  // "640028" for a number.
  std::optional<std::string> Text(std::string_view name) const;
  bool Has(std::string_view name) const { return values_.find(name) != values_.end(); }

  void Set(std::string_view name, ParameterValue value);
  void Erase(std::string_view name);
  // Takes over all of `other`, also where a value exists.
  void Merge(const FormatParameters& other);

  bool operator==(const FormatParameters&) const = default;

 private:
  Map values_;
};

}  // namespace sfu::ortc

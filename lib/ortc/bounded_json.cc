// The bounds are checked in a first pass that builds nothing, so a text that breaks them costs no
// memory.
#include "ortc/bounded_json.h"

#include <optional>

#include "ortc/limits.h"

namespace sfu::ortc {
namespace {

// `position` counts bytes from 1.
std::string NoJsonReason(size_t position) {
  return "is not JSON, see byte " + std::to_string(position);
}

// Takes the events of the parser and stops it where a bound is broken.
class BoundsCheck : public nlohmann::json_sax<Json> {
 public:
  const std::optional<std::string>& reason() const { return reason_; }

  bool null() override { return CountValue(); }
  bool boolean(bool /*value*/) override { return CountValue(); }
  bool number_integer(number_integer_t /*value*/) override { return CountValue(); }
  bool number_unsigned(number_unsigned_t /*value*/) override { return CountValue(); }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override {
    return CountValue();
  }
  bool string(string_t& /*value*/) override { return CountValue(); }
  bool binary(binary_t& /*value*/) override { return CountValue(); }
  bool key(string_t& /*value*/) override { return true; }
  bool start_object(size_t /*elements*/) override { return Enter(); }
  bool end_object() override { return Leave(); }
  bool start_array(size_t /*elements*/) override { return Enter(); }
  bool end_array() override { return Leave(); }
  bool parse_error(size_t position, const std::string& /*last_token*/,
                   const nlohmann::detail::exception& /*exception*/) override {
    reason_ = NoJsonReason(position);
    return false;
  }

 private:
  bool CountValue() {
    if (++values_ > kMaxJsonValues) {
      reason_ = "has more than " + std::to_string(kMaxJsonValues) + " values";
    }
    return !reason_;
  }
  bool Enter() {
    if (++depth_ > kMaxJsonDepth) {
      reason_ = "is nested deeper than " + std::to_string(kMaxJsonDepth);
    }
    return CountValue();
  }
  bool Leave() {
    --depth_;
    return true;
  }

  size_t depth_ = 0;
  size_t values_ = 0;
  std::optional<std::string> reason_;
};

}  // namespace

Result<Json> ParseBoundedJson(std::string_view text, std::string_view name) {
  if (text.size() > kMaxJsonBytes) {
    return Error{std::string(name), "is larger than " + std::to_string(kMaxJsonBytes) + " bytes"};
  }
  // The parser takes a zero byte for the end.
  const size_t zero = text.find('\0');
  if (zero != std::string_view::npos) return Error{std::string(name), NoJsonReason(zero + 1)};
  BoundsCheck check;
  if (!Json::sax_parse(text.begin(), text.end(), &check)) {
    return Error{std::string(name), check.reason().value_or("is not JSON")};
  }
  Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return Error{std::string(name), "is not JSON"};
  return json;
}

std::string JsonText(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace sfu::ortc

// The outcome of a call of the API that can be wrong: a value, or which field is wrong and why.
//
// Only for calls by the application. Input from the network is dropped and counted by reason
// instead (base/drop_counters.h).
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace sfu {

struct Error {
  std::string
      field;  // the parameter that is wrong, as the caller spells it: "srtpParameters.keyBase64"
  std::string reason;  // what is wrong with it, as a sentence without a full stop
  std::string ToString() const { return field.empty() ? reason : field + ": " + reason; }
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }
  // Only when ok().
  T& value() & { return *std::get_if<T>(&state_); }
  const T& value() const& { return *std::get_if<T>(&state_); }
  T&& value() && { return std::move(*std::get_if<T>(&state_)); }
  // Only when not ok().
  const Error& error() const { return *std::get_if<Error>(&state_); }

 private:
  std::variant<T, Error> state_;
};

using Status = Result<std::monostate>;
inline Status OkStatus() { return std::monostate{}; }

}  // namespace sfu

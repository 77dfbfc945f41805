// Names of request pads: sink_%u and src_%u.
#pragma once

#include <gst/gst.h>

#include <optional>
#include <set>
#include <string>
#include <utility>

namespace sfu::gst {

// Hands out the numbers of one element's pads of one kind. Not thread-safe.
class PadNumbers {
 public:
  // `prefix`: "sink_".
  explicit PadNumbers(std::string prefix) : prefix_(std::move(prefix)) {}

  // The number that `name` asks for, or the lowest free one when it is null or the bare template
  // name. Nothing when the name has another form or its number is taken.
  std::optional<unsigned> Take(const char* name);
  void GiveBack(unsigned number) {
    taken_.erase(number);
    if (number < next_) next_ = number;
  }
  std::string NameOf(unsigned number) const { return prefix_ + std::to_string(number); }

 private:
  const std::string prefix_;
  std::set<unsigned> taken_;
  unsigned next_ = 0;  // no lower number is free
};

}  // namespace sfu::gst

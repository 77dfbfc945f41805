// Points in time and lengths of time, in nanoseconds, as types that cannot be mixed up with
// numbers.
//
// Everything below net/ gets its time handed in. The one time line is the "SFU clock": monotonic
// nanoseconds (CLOCK_MONOTONIC in production, virtual in tests). A wall clock appears only inside
// RTCP, as NtpTime (rtp/ntp_time.h).
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace sfu {

// A length of time. Signed; Infinite() is larger than any other and absorbs additions.
class TimeDelta {
 public:
  constexpr TimeDelta() = default;
  static constexpr TimeDelta Nanos(int64_t v) { return TimeDelta(v); }
  static constexpr TimeDelta Micros(int64_t v) { return TimeDelta(v * 1'000); }
  static constexpr TimeDelta Millis(int64_t v) { return TimeDelta(v * 1'000'000); }
  static constexpr TimeDelta Seconds(int64_t v) { return TimeDelta(v * 1'000'000'000); }
  static constexpr TimeDelta Zero() { return TimeDelta(0); }
  static constexpr TimeDelta Infinite() { return TimeDelta(std::numeric_limits<int64_t>::max()); }

  constexpr int64_t ns() const { return ns_; }
  constexpr int64_t us() const { return ns_ / 1'000; }
  constexpr int64_t ms() const { return ns_ / 1'000'000; }
  constexpr double seconds() const { return static_cast<double>(ns_) * 1e-9; }
  constexpr bool is_infinite() const { return *this == Infinite(); }

  constexpr auto operator<=>(const TimeDelta&) const = default;
  constexpr TimeDelta operator-() const { return TimeDelta(-ns_); }
  constexpr TimeDelta operator+(TimeDelta o) const {
    return is_infinite() || o.is_infinite() ? Infinite() : TimeDelta(ns_ + o.ns_);
  }
  constexpr TimeDelta operator-(TimeDelta o) const {
    return is_infinite() ? Infinite() : TimeDelta(ns_ - o.ns_);
  }
  constexpr TimeDelta operator*(int64_t k) const { return TimeDelta(ns_ * k); }
  constexpr TimeDelta operator/(int64_t k) const { return TimeDelta(ns_ / k); }
  constexpr TimeDelta& operator+=(TimeDelta o) { return *this = *this + o; }
  constexpr TimeDelta& operator-=(TimeDelta o) { return *this = *this - o; }

 private:
  explicit constexpr TimeDelta(int64_t ns) : ns_(ns) {}
  int64_t ns_ = 0;
};

// A point on the SFU clock. Never() is later than any other: "no deadline".
class Timestamp {
 public:
  constexpr Timestamp() = default;
  static constexpr Timestamp FromNanos(int64_t v) { return Timestamp(v); }
  static constexpr Timestamp FromMillis(int64_t v) { return Timestamp(v * 1'000'000); }
  static constexpr Timestamp Never() { return Timestamp(std::numeric_limits<int64_t>::max()); }

  constexpr int64_t ns() const { return ns_; }
  constexpr int64_t ms() const { return ns_ / 1'000'000; }
  constexpr bool is_never() const { return *this == Never(); }

  constexpr auto operator<=>(const Timestamp&) const = default;
  constexpr Timestamp operator+(TimeDelta d) const {
    return is_never() || d.is_infinite() ? Never() : Timestamp(ns_ + d.ns());
  }
  constexpr Timestamp operator-(TimeDelta d) const {
    return is_never() ? Never() : Timestamp(ns_ - d.ns());
  }
  constexpr TimeDelta operator-(Timestamp o) const { return TimeDelta::Nanos(ns_ - o.ns_); }
  constexpr Timestamp& operator+=(TimeDelta d) { return *this = *this + d; }

 private:
  explicit constexpr Timestamp(int64_t ns) : ns_(ns) {}
  int64_t ns_ = 0;
};

}  // namespace sfu

// NTP time as RTCP carries it (RFC 3550, section 4): the 64-bit form, seconds since 1900 with 32
// bits of fraction, and the compact form, its middle 32 bits. And the bridge to the SFU clock.
//
// Both wrap (the 64-bit form in 2036, the compact one every 18 hours), so both are compared by the
// shorter way round. Every value that a peer can send is safe here.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace sfu {

class NtpTime {
 public:
  // From 1900-01-01 (NTP) to 1970-01-01 (Unix), RFC 5905, figure 4.
  static constexpr int64_t kUnixEpochSeconds = 2'208'988'800;

  constexpr NtpTime() = default;
  explicit constexpr NtpTime(uint64_t value) : value_(value) {}
  constexpr NtpTime(uint32_t seconds, uint32_t fraction)
      : value_(static_cast<uint64_t>(seconds) << 32 | fraction) {}
  // Any 64-bit count of nanoseconds since 1900; whole wraps of 2^32 seconds fall away.
  static constexpr NtpTime FromNanos(int64_t since_1900) {
    int64_t seconds = since_1900 / kNanosPerSecond;
    int64_t rest = since_1900 % kNanosPerSecond;
    if (rest < 0) {
      rest += kNanosPerSecond;
      --seconds;
    }
    // Rounded to the nearest, so that a nanosecond survives the way there and back. The largest
    // rest rounds to less than 2^32, so there is no carry.
    const uint64_t fraction =
        ((static_cast<uint64_t>(rest) << 32) + kNanosPerSecond / 2) / kNanosPerSecond;
    return NtpTime(static_cast<uint32_t>(seconds), static_cast<uint32_t>(fraction));
  }
  static constexpr NtpTime FromUnixNanos(int64_t since_1970) {
    return FromNanos(since_1970 + kUnixEpochSeconds * kNanosPerSecond);
  }

  constexpr uint64_t value() const { return value_; }
  constexpr uint32_t seconds() const { return static_cast<uint32_t>(value_ >> 32); }
  constexpr uint32_t fraction() const { return static_cast<uint32_t>(value_); }
  // Zero means "no wall clock" in a sender report (RFC 3550, section 6.4.1).
  constexpr bool is_zero() const { return value_ == 0; }

  // Nanoseconds since 1900, in the era 1900..2036. Fits for every value.
  constexpr int64_t ToNanos() const {
    return static_cast<int64_t>(seconds()) * kNanosPerSecond + FractionToNanos(fraction());
  }

  constexpr bool operator==(const NtpTime&) const = default;
  // The shorter way round: -2^31..2^31 seconds.
  constexpr TimeDelta operator-(NtpTime o) const {
    const int64_t ticks = static_cast<int64_t>(value_ - o.value_);
    return TimeDelta::Nanos((ticks >> 32) * kNanosPerSecond +
                            FractionToNanos(static_cast<uint32_t>(ticks)));
  }
  constexpr NtpTime operator+(TimeDelta d) const {
    return NtpTime(value_ + FromNanos(d.ns()).value_);
  }
  constexpr NtpTime operator-(TimeDelta d) const {
    return NtpTime(value_ - FromNanos(d.ns()).value_);
  }

 private:
  static constexpr int64_t kNanosPerSecond = 1'000'000'000;
  static constexpr int64_t FractionToNanos(uint32_t fraction) {
    return static_cast<int64_t>(
        (static_cast<uint64_t>(fraction) * kNanosPerSecond + (uint64_t{1} << 31)) >> 32);
  }

  uint64_t value_ = 0;
};

// The middle 32 bits of an NtpTime, in units of 1/65536 s: LSR and LRR of RTCP.
class CompactNtp {
 public:
  constexpr CompactNtp() = default;
  explicit constexpr CompactNtp(uint32_t value) : value_(value) {}
  explicit constexpr CompactNtp(NtpTime time) : value_(static_cast<uint32_t>(time.value() >> 16)) {}

  constexpr uint32_t value() const { return value_; }
  constexpr bool is_zero() const { return value_ == 0; }
  constexpr bool operator==(const CompactNtp&) const = default;

 private:
  uint32_t value_ = 0;
};

// A length of time in units of 1/65536 s (DLSR, DLRR): 0..65535.99998 s, clamped when converted
// from a TimeDelta outside of it.
class CompactDelay {
 public:
  constexpr CompactDelay() = default;
  explicit constexpr CompactDelay(uint32_t value) : value_(value) {}
  explicit constexpr CompactDelay(TimeDelta d) {
    const int64_t ns = std::clamp(d.ns(), int64_t{0}, int64_t{65'536} * 1'000'000'000);
    const uint64_t ticks = static_cast<uint64_t>(ns) * 65'536 / 1'000'000'000;
    value_ = static_cast<uint32_t>(std::min<uint64_t>(ticks, 0xFFFF'FFFF));
  }

  constexpr uint32_t value() const { return value_; }
  constexpr bool operator==(const CompactDelay&) const = default;
  constexpr TimeDelta ToDelta() const {
    return TimeDelta::Nanos(static_cast<int64_t>(uint64_t{value_} * 1'000'000'000 >> 16));
  }

 private:
  uint32_t value_ = 0;
};

// A round trip is never taken as longer than this, whatever a peer claims.
inline constexpr TimeDelta kMaxRoundTripTime = TimeDelta::Seconds(10);

// The round-trip time from a report block or a DLRR block that arrived at `now`: now - last - delay
// (RFC 3550, section 6.4.1), clamped to 0..kMaxRoundTripTime. Nothing when the peer has not had a
// report of ours yet (`last` is 0).
constexpr std::optional<TimeDelta> RoundTripTime(CompactNtp now, CompactNtp last,
                                                 CompactDelay delay) {
  if (last.is_zero()) return std::nullopt;
  // The peer's clock ticks a little faster or slower, so the difference may come out below zero.
  const uint32_t ticks = now.value() - last.value() - delay.value();
  if (static_cast<int32_t>(ticks) < 0) return TimeDelta::Zero();
  return std::min(CompactDelay(ticks).ToDelta(), kMaxRoundTripTime);
}

// Maps the SFU clock to NTP time and back by a fixed offset, chosen once by whoever owns the clock.
class NtpClock {
 public:
  // `at` and `ntp` are the same moment.
  constexpr NtpClock(Timestamp at, NtpTime ntp) : at_(at), ntp_(ntp) {}
  constexpr NtpTime ToNtp(Timestamp t) const { return ntp_ + (t - at_); }
  // The nearest moment with this NTP time: within 68 years of `at`.
  constexpr Timestamp ToTimestamp(NtpTime t) const { return at_ + (t - ntp_); }

 private:
  Timestamp at_;
  NtpTime ntp_;
};

}  // namespace sfu

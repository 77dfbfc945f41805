// The forwarding threads have one core; the thread that feeds and the one that drains share the
// other. What forwards is charged with the CPU time of the whole process less that of these two.
#include "forward_run.h"

#include <unistd.h>

#include <cstdio>
#include <functional>

#include "alloc_counter.h"
#include "bare_loops.h"
#include "cpu.h"
#include "drain_sinks.h"
#include "feeder.h"

namespace sfu::bench {
namespace {

struct Result {
  uint64_t expected = 0;  // packets that the sinks should have got
  uint64_t received = 0;
  double cpu_seconds = 0;
  uint64_t allocations = 0;
};

struct Totals {
  uint64_t expected = 0;
  uint64_t received = 0;
  Timestamp cpu;
  uint64_t allocations = 0;
};

uint64_t ResidentKib() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  unsigned long size = 0;
  unsigned long resident = 0;
  const bool read = std::fscanf(file, "%lu %lu", &size, &resident) == 2;
  std::fclose(file);
  return read ? resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) / 1024 : 0;
}

std::unique_ptr<Forwarder> MakeForwarder(const RunOptions& run, const ForwarderOptions& options,
                                         std::string* error) {
  if (run.row == "bare_gso") return MakeBareGso(options, error);
  if (run.row == "libsfu") return MakeLibsfu(options, error);
  if (run.row == "webrtc") return MakeLibsfuWebRtc(options, error);
#ifdef SFU_BENCH_GST
  if (run.row == "elements") return MakeElements(options, error);
  if (run.row == "multiudpsink") return MakeMultiUdpSink(options, error);
#endif
  *error = "no such row";
  return nullptr;
}

// Sends the scenario's bursts through a forwarder.
class Player {
 public:
  Player(const RunOptions& run, const Scenario& scenario, DrainSinks& sinks,
         const Forwarder& forwarder)
      : run_(run), scenario_(scenario), sinks_(sinks) {
    for (size_t i = 0; i < scenario.endpoints(); ++i) {
      if (!scenario.sends(i)) continue;
      feeders_.emplace_back(sinks.fd(i), forwarder.ingress()[i], static_cast<uint32_t>(i));
    }
  }

  // Sends the first burst, a key frame, until everybody gets it: a pipeline that plays may still be
  // binding its pads.
  void Start() {
    constexpr int kTries = 50;
    uint64_t lost = 0;
    for (int i = 0; i < kTries; ++i) {
      PlaySaturated(scenario_.cycle[0]);
      if (lost_ == lost) return;
      lost = lost_;
    }
  }

  // The delay of what is sent from now on is measured.
  void StartStamping() {
    for (Feeder& feeder : feeders_) feeder.SetStamping(true);
  }

  // Plays for `span`.
  void Play(TimeDelta span) {
    const Timestamp end = MonotonicNow() + span;
    Timestamp next = MonotonicNow();
    while (MonotonicNow() < end) {
      const MediaBurst& burst = scenario_.cycle[position_++ % scenario_.cycle.size()];
      run_.paced ? PlayPaced(burst, &next) : PlaySaturated(burst);
    }
    Settle();
  }

  Totals Now() const {
    const Timestamp own = ThreadCpuNow();
    const Timestamp process = ReadClock(CLOCK_PROCESS_CPUTIME_ID);
    Totals totals;
    totals.expected = sent_ * scenario_.receivers_per_burst();
    totals.received = sinks_.received();
    totals.cpu = Timestamp::FromNanos(process.ns() - own.ns() - sinks_.CpuTime().ns());
    totals.allocations = AllocationCount();
    return totals;
  }

 private:
  void PlayPaced(const MediaBurst& burst, Timestamp* next) {
    // The senders are spread over the time of a burst, as they would be.
    const TimeDelta step = burst.gap / static_cast<int64_t>(feeders_.size());
    for (Feeder& feeder : feeders_) {
      const TimeDelta wait = *next - MonotonicNow();
      if (wait > TimeDelta::Zero()) SleepFor(wait);
      feeder.Send(burst);
      sent_ += burst.sizes.size();
      *next += step;
    }
  }

  void PlaySaturated(const MediaBurst& burst) {
    for (Feeder& feeder : feeders_) {
      feeder.Send(burst);
      sent_ += burst.sizes.size();
    }
    Settle();
  }

  // Waits until all has arrived that still will.
  void Settle() {
    const uint64_t wanted = sent_ * scenario_.receivers_per_burst();
    if (!sinks_.WaitFor(wanted - lost_)) lost_ = wanted - sinks_.received();
  }

  const RunOptions& run_;
  const Scenario& scenario_;
  DrainSinks& sinks_;
  std::vector<Feeder> feeders_;
  uint64_t sent_ = 0;
  uint64_t lost_ = 0;
  size_t position_ = 0;
};

bool Fail(const RunOptions& run, const std::string& reason) {
  std::printf("{\"row\":\"%s\",\"scenario\":\"%s\",\"ok\":false,\"reason\":\"%s\"}\n",
              run.row.c_str(), run.scenario.c_str(), reason.c_str());
  return false;
}

void Print(const RunOptions& run, const Result& result, const DelayHistogram* delays,
           int64_t resident_kib) {
  const auto received = static_cast<double>(result.received);
  const auto expected = static_cast<double>(result.expected);
  std::printf("{\"row\":\"%s\",\"scenario\":\"%s\",\"consumers\":%zu,\"suite\":\"%s\",\"ok\":true,",
              run.row.c_str(), run.scenario.c_str(), run.consumers,
              run.suite ? GetSrtpSuiteInfo(*run.suite).name.data() : "");
  std::printf("\"mode\":\"%s\",\"packets\":%.0f,\"loss\":%.6f,\"cpu_s\":%.4f,",
              run.paced ? "paced" : "saturated", received,
              expected > received ? (expected - received) / expected : 0.0, result.cpu_seconds);
  if (!run.paced) {
    std::printf("\"packets_per_cpu_s\":%.0f}\n",
                result.cpu_seconds > 0 ? received / result.cpu_seconds : 0.0);
    return;
  }
  // The stamps of protected packets cannot be read.
  if (!run.suite) {
    std::printf("\"delay_p50_us\":%zu,\"delay_p99_us\":%zu,", delays->Quantile(0.5),
                delays->Quantile(0.99));
  }
  std::printf("\"rss_kib\":%lld,", static_cast<long long>(resident_kib));
  std::printf("\"allocations_per_packet\":%.5f}\n",
              received > 0 ? static_cast<double>(result.allocations) / received : 0.0);
}

bool RunBare(const RunOptions& run, const Scenario& scenario) {
  LoopOptions options;
  options.sinks = scenario.endpoints();
  options.copies = scenario.all_send ? scenario.receivers_per_burst() : 1;
  if (!scenario.all_send) options.sinks = scenario.peers;
  options.bursts.clear();
  for (const MediaBurst& burst : scenario.cycle) options.bursts.push_back(burst.sizes);
  options.duration = run.duration;
  options.cpu = run.cpu;
  options.drain_cpu = run.drain_cpu;
  options.suite = run.suite;
  const LoopResult loop = run.row == "bare_gso" ? RunBareGso(options) : RunBareSendto(options);
  if (!loop.ok) return Fail(run, "no sockets");
  Print(run, {loop.sent, loop.received, loop.cpu_seconds, 0}, nullptr, 0);
  return true;
}

Result Difference(const Totals& begin, const Totals& end) {
  return {end.expected - begin.expected, end.received - begin.received,
          (end.cpu - begin.cpu).seconds(), end.allocations - begin.allocations};
}

bool RunThrough(const RunOptions& run, const Scenario& scenario) {
  DrainOptions drain;
  drain.sinks = scenario.endpoints();
  drain.cpu = run.drain_cpu;
  drain.held = true;
  if (run.paced && !run.suite) drain.stamp_offset = kStampOffset;
  DrainSinks sinks(drain);
  if (!sinks.ok()) return Fail(run, "no sockets for the sinks");
  const uint64_t resident_before = ResidentKib();
  ForwarderOptions options;
  options.scenario = scenario;
  options.endpoints = sinks.addresses();
  if (run.suite) {
    const std::vector<uint8_t> keying(GetSrtpSuiteInfo(*run.suite).keying_size(), 0x77);
    options.key = MakeSrtpKey(*run.suite, keying).value();
    options.suite = *run.suite;
  }
  for (size_t i = 0; i < scenario.endpoints(); ++i) options.descriptors.push_back(sinks.fd(i));
  PinThisThread(run.cpu);
  std::string error;
  const std::unique_ptr<Forwarder> forwarder = MakeForwarder(run, options, &error);
  if (!forwarder) return Fail(run, error);
  sinks.Begin();
  PinThisThread(run.drain_cpu);
  Player player(run, scenario, sinks, *forwarder);
  player.Start();
  player.Play(run.warm_up);
  const Totals begin = player.Now();
  CountAllocations(run.paced);
  player.StartStamping();
  player.Play(run.duration);
  CountAllocations(false);
  const Totals end = player.Now();
  const auto resident = static_cast<int64_t>(ResidentKib() - resident_before);
  sinks.Finish();
  Print(run, Difference(begin, end), &sinks.delays(), resident);
  return true;
}

}  // namespace

bool RunForward(const RunOptions& options) {
  const auto scenario = FindScenario(options.scenario, options.consumers);
  if (!scenario) return Fail(options, "no such scenario");
  const bool bare = options.row.starts_with("bare_");
  return bare && !options.paced ? RunBare(options, *scenario) : RunThrough(options, *scenario);
}

}  // namespace sfu::bench

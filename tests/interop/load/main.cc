// Many headless participants in one room of sfu-room, each of whom gets all the others.
//
// usage: room_load URL PARTICIPANTS SECONDS
//
// They come one after the other. When everything flows, it writes `measuring`, and after SECONDS
// `measured` and a report as JSON; it goes on being there, silently, until its standard input ends.
// Exit code 1: they were refused, or something did not begin to flow.
#include <gst/gst.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>

#include "judge.h"
#include "participant.h"
#include "router_element.h"
#include "webrtc_transport_element.h"

namespace load {
namespace {

constexpr int64_t kPatience = 30'000'000'000;  // ns
constexpr int64_t kBetweenParticipants = 40'000'000;
// So that key frames, which come with each new receiver, are over.
constexpr int64_t kSettle = 500'000'000;

// Gives all UDP sockets of this process large buffers, as browsers have them. libnice leaves them
// at the kernel's default: 92 packets, which a pause of 30 ms fills.
void EnlargeSockets() {
  constexpr int kBytes = 2 << 20;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename());
    int type = 0;
    socklen_t size = sizeof(type);
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_DGRAM) continue;
    // Beyond net.core.rmem_max who may, others up to it.
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kBytes, sizeof(kBytes)) != 0) {
      setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kBytes, sizeof(kBytes));
    }
  }
}

// Sends all streams, each at its own pace, evenly spread.
class Sender {
 public:
  explicit Sender(const std::vector<std::unique_ptr<Participant>>& participants) {
    const int64_t now = MonotonicNow();
    int64_t index = 0;
    for (const auto& participant : participants) {
      for (const auto& stream : participant->streams()) {
        const int64_t count = static_cast<int64_t>(participants.size());
        due_.push_back({now + stream->interval() * (index++ / 2) / count, stream.get()});
      }
    }
    thread_ = std::thread([this] { Run(); });
  }
  ~Sender() { Stop(); }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  void Stop() {
    running_ = false;
    if (thread_.joinable()) thread_.join();
  }

 private:
  struct Due {
    int64_t time;
    SentStream* stream;
  };

  void Run() {
    while (running_) {
      const auto next = std::ranges::min_element(due_, {}, &Due::time);
      const int64_t wait = next->time - MonotonicNow();
      if (wait > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(wait));
      next->stream->Push(MonotonicNow());
      next->time += next->stream->interval();
    }
  }

  std::vector<Due> due_;
  std::atomic<bool> running_ = true;
  std::thread thread_;
};

class Load {
 public:
  Load(const std::string& url, size_t count) : count_(count), frames_(EncodeFrames()) {
    pipeline_ = gst_pipeline_new(nullptr);
    GstElement* router = gst_element_factory_make("sfurouter", nullptr);
    g_object_set(router, "worker", "load", nullptr);
    gst_bin_add(GST_BIN(pipeline_), router);
    gst_element_set_state(pipeline_, GST_STATE_PLAYING);
    // Each has a connection of his own to the one server.
    session_ = soup_session_new_with_options("max-conns", 1000, "max-conns-per-host", 1000,
                                             "proxy-resolver", nullptr, nullptr);
    scene_ = {.url = "ws" + url.substr(url.find(':')) + "ws",
              .session = session_,
              .pipeline = pipeline_,
              .sink_router = router,
              .frames = &frames_,
              .judge = &judge_,
              .failed = [this](const std::string& why) { failure_ = why; }};
  }
  ~Load() {
    sender_.reset();
    participants_.clear();
    gst_element_set_state(pipeline_, GST_STATE_NULL);
    gst_object_unref(pipeline_);
    g_object_unref(session_);
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  int Run(int seconds) {
    for (size_t i = 0; i < count_; ++i) {
      participants_.push_back(std::make_unique<Participant>(scene_, static_cast<int>(i)));
      Pass(kBetweenParticipants);
    }
    const auto all = [this](auto is) { return std::ranges::all_of(participants_, is); };
    if (!WaitFor("connections", [&] { return all([](const auto& p) { return p->ready(); }); }) ||
        !WaitFor("consumers", [&] {
          return all([&](const auto& p) { return p->consumed() == 2 * (count_ - 1); });
        })) {
      return 1;
    }
    EnlargeSockets();
    sender_ = std::make_unique<Sender>(participants_);
    if (!WaitFor("media", [this] { return judge_.flowing() == 2 * count_ * (count_ - 1); })) {
      return 1;
    }
    Pass(kSettle);
    std::cout << "measuring" << std::endl;
    judge_.Begin();
    Pass(int64_t{seconds} * 1'000'000'000);
    judge_.End();
    sender_->Stop();
    // What is under way arrives.
    Pass(kSettle);
    std::cout << "measured " << Report() << std::endl;
    if (!failure_.empty()) std::cerr << failure_ << std::endl;
    return failure_.empty() ? 0 : 1;
  }

 private:
  void Pass(int64_t nanos) {
    const int64_t end = MonotonicNow() + nanos;
    while (MonotonicNow() < end) {
      while (g_main_context_iteration(nullptr, FALSE)) {
      }
      g_usleep(1000);
    }
  }
  template <typename Condition>
  bool WaitFor(const char* what, Condition is) {
    const int64_t end = MonotonicNow() + kPatience;
    while (!is()) {
      Pass(20'000'000);
      if (failure_.empty() && MonotonicNow() < end) continue;
      std::cerr << "no " << what << ": " << failure_ << std::endl;
      return false;
    }
    return true;
  }
  Json Report() const {
    Json report = {{"participants", count_}};
    for (const bool video : {false, true}) {
      Json kind = judge_.Report(video);
      uint64_t sent = 0;
      for (const auto& participant : participants_) {
        for (const auto& stream : participant->streams()) {
          if (stream->video() == video) sent += stream->sent();
        }
      }
      kind["sent"] = sent;
      report[video ? "video" : "audio"] = kind;
    }
    return report;
  }

  const size_t count_;
  const Encoded frames_;
  Judge judge_;
  GstElement* pipeline_ = nullptr;
  SoupSession* session_ = nullptr;
  Scene scene_;
  std::string failure_;
  std::vector<std::unique_ptr<Participant>> participants_;
  std::unique_ptr<Sender> sender_;
};

}  // namespace
}  // namespace load

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc != 4) return 2;
  // The elements are linked into this program, so that it can look into their batches.
  GST_ELEMENT_REGISTER(sfurouter, nullptr);
  GST_ELEMENT_REGISTER(webrtctransport, nullptr);
  try {
    load::Load load(argv[1], static_cast<size_t>(std::atoi(argv[2])));
    const int result = load.Run(std::atoi(argv[3]));
    while (result == 0 && std::cin.get() != EOF) {
    }
    return result;
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}

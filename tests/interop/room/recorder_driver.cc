// Records what is in a pipeline, as sfu-room does, for tests that judge the files.
//
//   recorder_driver FOLDER STEPS PIPELINE [peers | composed]
//
// PIPELINE has an sfurouter named r. STEPS is a JSON array of {"at": seconds after the start,
// "do": "add", "stream": {producer, peer, source, codec}} or {…, "do": "remove" | "pause" |
// "resume", "producer": id, "pad": of the router}. Prints "recording", and each second {bytes,
// dropped, error} of all files; on SIGINT or SIGTERM it completes the files, prints {files: [{name,
// peer, start, duration, error}]} and ends. `start` is in seconds after the start.
#include <glib-unix.h>
#include <gst/gst.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "examples/room/recording/composed_recorder.h"
#include "examples/room/recording/peer_recorder.h"

namespace {

using Json = nlohmann::json;

struct Driver {
  GstElement* pipeline;
  GstElement* router;
  room::Recorder* recorder;
  Json steps;
  int64_t began = 0;
  int64_t next_report = 0;
  GMainLoop* loop = nullptr;
};

constexpr int64_t kSecond = 1'000'000'000;

void Do(const Driver& driver, const Json& step) {
  const std::string what = step.at("do");
  if (what == "add") {
    const Json& stream = step.at("stream");
    driver.recorder->Add(
        {stream.at("producer"), stream.at("peer"), stream.at("source"), stream.at("codec")});
  } else if (what == "remove") {
    driver.recorder->Remove(step.at("producer"));
  } else {
    GstPad* pad =
        gst_element_get_static_pad(driver.router, step.at("pad").get<std::string>().c_str());
    g_object_set(pad, "paused", static_cast<gboolean>(what == "pause"), nullptr);
    gst_object_unref(pad);
  }
}

void Print(const Json& json) {
  std::puts(json.dump().c_str());
  std::fflush(stdout);
}

void Report(const Driver& driver) {
  uint64_t bytes = 0;
  std::string error;
  for (const auto& file : driver.recorder->files()) {
    const auto progress = file.media->progress();
    bytes += progress.bytes;
    error += progress.error;
  }
  Print({{"bytes", bytes}, {"dropped", driver.recorder->dropped()}, {"error", error}});
}

gboolean Tick(gpointer data) {
  auto& driver = *static_cast<Driver*>(data);
  const int64_t now = room::Now();
  while (!driver.steps.empty() && driver.steps.front().at("at").get<double>() * kSecond <=
                                      static_cast<double>(now - driver.began)) {
    Do(driver, driver.steps.front());
    driver.steps.erase(0);
  }
  if (now >= driver.next_report) {
    driver.next_report = now + kSecond;
    driver.recorder->Tick();
    Report(driver);
  }
  return G_SOURCE_CONTINUE;
}

void Run(Driver& driver) {
  driver.loop = g_main_loop_new(nullptr, FALSE);
  for (const int number : {SIGINT, SIGTERM}) {
    g_unix_signal_add(
        number,
        [](gpointer data) -> gboolean {
          g_main_loop_quit(static_cast<Driver*>(data)->loop);
          return G_SOURCE_REMOVE;
        },
        &driver);
  }
  driver.began = room::Now();
  const guint timer = g_timeout_add(10, Tick, &driver);
  Tick(&driver);
  std::puts("recording");
  std::fflush(stdout);
  g_main_loop_run(driver.loop);
  g_source_remove(timer);
  g_main_loop_unref(driver.loop);
}

void Finish(const Driver& driver) {
  driver.recorder->Close();
  Json files = Json::array();
  for (const auto& file : driver.recorder->files()) {
    const auto progress = file.media->progress();
    files.push_back({{"name", file.name},
                     {"peer", file.peer},
                     {"start", static_cast<double>(progress.start - driver.began) / kSecond},
                     {"duration", static_cast<double>(progress.duration) / kSecond},
                     {"error", progress.error}});
  }
  Print({{"files", files}});
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc != 4 && argc != 5) return 2;
  GError* error = nullptr;
  Driver driver{};
  driver.pipeline = gst_parse_launch(argv[3], &error);
  if (error != nullptr) {
    std::fprintf(stderr, "%s\n", error->message);
    return 1;
  }
  driver.steps = Json::parse(argv[2]);
  driver.router = gst_bin_get_by_name(GST_BIN(driver.pipeline), "r");
  gst_element_set_state(driver.pipeline, GST_STATE_PLAYING);
  {
    std::unique_ptr<room::Recorder> recorder;
    if (argc == 5 && std::string(argv[4]) == "composed") {
      recorder = std::make_unique<room::ComposedRecorder>(driver.router, argv[1]);
    } else {
      recorder = std::make_unique<room::PeerRecorder>(driver.router, argv[1]);
    }
    driver.recorder = recorder.get();
    Run(driver);
    Finish(driver);
  }
  gst_element_set_state(driver.pipeline, GST_STATE_NULL);
  gst_object_unref(driver.router);
  gst_object_unref(driver.pipeline);
  gst_deinit();
  return 0;
}

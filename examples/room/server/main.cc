// sfu-room: rooms in which people meet, and the page for it. See docs/guides/room.md, or --help.
//
//   browser ──WebSocket──▶ Client ─▶ Signalling ─▶ Conferences ─▶ Conference ─▶ PeerMedia
//      │                                                              │             │
//      └───────── ICE, DTLS, SRTP ─────────▶ webrtctransport ◀───▶ sfurouter ◀──────┘ actions
#include <glib-unix.h>
#include <gst/gst.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <vector>

#include "../hls/broadcasts.h"
#include "../recording/recordings.h"
#include "api/all_routes.h"
#include "conferences.h"
#include "join_token.h"
#include "options.h"
#include "pipeline.h"
#include "plain_guests.h"
#include "web_server.h"
#include "whip_guests.h"

namespace {

// How long the end of broadcasts stays, for their players to read.
constexpr guint kFarewell = 2500;  // ms

// `timeout` in ms; 0: none.
void RunUntilSignal(guint timeout = 0) {
  const std::unique_ptr<GMainLoop, decltype(&g_main_loop_unref)> loop(
      g_main_loop_new(nullptr, FALSE), &g_main_loop_unref);
  const GSourceFunc quit = [](gpointer data) -> gboolean {
    g_main_loop_quit(static_cast<GMainLoop*>(data));
    return G_SOURCE_CONTINUE;
  };
  std::vector<guint> sources;
  for (const int number : {SIGINT, SIGTERM}) {
    sources.push_back(g_unix_signal_add(number, quit, loop.get()));
  }
  if (timeout != 0) sources.push_back(g_timeout_add(timeout, quit, loop.get()));
  g_main_loop_run(loop.get());
  for (const guint source : sources) g_source_remove(source);
}

void Serve(const room::Options& options) {
  room::RequireElements({"sfurouter", "webrtctransport", "plaintransport", "sfuwhip"});
  room::Pipeline pipeline;
  room::Conferences conferences(&pipeline, options);
  room::PlainGuests plain_guests(&conferences, options);
  room::WhipGuests whip_guests(&conferences);
  room::Recordings recordings(&conferences, options.recordings, options.limits.max_recordings);
  room::Broadcasts broadcasts(&conferences, options.limits.max_broadcasts);
  room::Routes routes(options.token_key);
  room::AddAllRoutes(&routes,
                     {&conferences, &plain_guests, &whip_guests, &recordings, &broadcasts});
  const room::WebServer server(&conferences, &routes, options);
  std::printf("open %s\n", server.url().c_str());
  std::fflush(stdout);
  RunUntilSignal();
  if (broadcasts.StopAll()) RunUntilSignal(kFarewell);
}

void WriteToken(const room::Options& options) {
  const int64_t expires = g_get_real_time() / G_USEC_PER_SEC + options.token_hours * int64_t{3600};
  std::printf("%s\n", room::MakeToken(options.token_key, options.make_token, expires).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const room::Options options = room::ParseOptions(&argc, &argv, ROOM_PAGE);
    if (options.make_token.empty()) {
      Serve(options);
    } else {
      WriteToken(options);
    }
  } catch (const std::exception& error) {
    g_printerr("sfu-room: %s\n", error.what());
    return 1;
  }
  gst_deinit();  // only so that GStreamer's leaks tracer tells what is left
  return 0;
}

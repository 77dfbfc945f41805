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

#include "../recording/recordings.h"
#include "api/all_routes.h"
#include "conferences.h"
#include "join_token.h"
#include "options.h"
#include "pipeline.h"
#include "plain_guests.h"
#include "web_server.h"

namespace {

void RunUntilSignal() {
  const std::unique_ptr<GMainLoop, decltype(&g_main_loop_unref)> loop(
      g_main_loop_new(nullptr, FALSE), &g_main_loop_unref);
  for (const int number : {SIGINT, SIGTERM}) {
    g_unix_signal_add(
        number,
        [](gpointer data) -> gboolean {
          g_main_loop_quit(static_cast<GMainLoop*>(data));
          return G_SOURCE_REMOVE;
        },
        loop.get());
  }
  g_main_loop_run(loop.get());
}

void Serve(const room::Options& options) {
  room::RequireElements({"sfurouter", "webrtctransport", "plaintransport"});
  room::Pipeline pipeline;
  room::Conferences conferences(&pipeline, options);
  room::PlainGuests plain_guests(&conferences, options);
  room::Recordings recordings(&conferences, options.recordings, options.limits.max_recordings);
  room::Routes routes(options.token_key);
  room::AddAllRoutes(&routes, {&conferences, &plain_guests, &recordings});
  const room::WebServer server(&conferences, &routes, options);
  std::printf("open %s\n", server.url().c_str());
  std::fflush(stdout);
  RunUntilSignal();
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

#include "options.h"

#include <gio/gio.h>
#include <gst/gst.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <thread>

#include "join_token.h"

namespace room {
namespace {

constexpr int kMaxWorkers = 64;

// What GLib's parser fills.
struct Raw {
  gchar* address = nullptr;
  gchar* media_address = nullptr;
  gchar* announced_address = nullptr;
  gchar* page = nullptr;
  gchar* recordings = nullptr;
  gchar* certificate = nullptr;
  gchar* private_key = nullptr;
  gchar* token_key = nullptr;
  gchar* make_token = nullptr;
  gboolean self_signed = FALSE;
  int port = 4443;
  int media_port = 0;
  int workers = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 8U));

  Raw() = default;
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;
  ~Raw() {
    for (gchar* text : {address, media_address, announced_address, page, recordings, certificate,
                        private_key, token_key, make_token}) {
      g_free(text);
    }
  }
};

std::string Text(const gchar* text, const std::string& otherwise = {}) {
  return text == nullptr ? otherwise : text;
}

void Parse(int* argc, char*** argv, Raw* raw, Options* options) {
  Limits* limits = &options->limits;
  const GOptionEntry entries[] = {
      {"port", 'p', 0, G_OPTION_ARG_INT, &raw->port, "port of the page (4443)", "N"},
      {"address", 'a', 0, G_OPTION_ARG_STRING, &raw->address,
       "address to serve on (127.0.0.1; with --token-key 0.0.0.0)", "IP"},
      {"media-address", 0, 0, G_OPTION_ARG_STRING, &raw->media_address,
       "address for media (--address; all of the machine if that is a loopback address)", "IP"},
      {"media-port", 0, 0, G_OPTION_ARG_INT, &raw->media_port,
       "UDP and TCP port for media of the first Worker; the others have the next (any)", "N"},
      {"announced-address", 0, 0, G_OPTION_ARG_STRING, &raw->announced_address,
       "by which browsers reach the media, if it is another", "HOST"},
      {"certificate", 0, 0, G_OPTION_ARG_FILENAME, &raw->certificate, "for https", "PEM"},
      {"private-key", 0, 0, G_OPTION_ARG_FILENAME, &raw->private_key, "its key", "PEM"},
      {"self-signed", 0, 0, G_OPTION_ARG_NONE, &raw->self_signed,
       "https with a certificate made at start", nullptr},
      {"workers", 0, 0, G_OPTION_ARG_INT, &raw->workers, "threads for media (cores, 8 at most)",
       "N"},
      {"max-peers", 0, 0, G_OPTION_ARG_INT, &limits->max_peers, "people in a room (50)", "N"},
      {"max-rooms", 0, 0, G_OPTION_ARG_INT, &limits->max_rooms, "rooms (200)", "N"},
      {"max-message", 0, 0, G_OPTION_ARG_INT, &limits->max_message,
       "bytes of a client's message (65536)", "N"},
      {"max-recordings", 0, 0, G_OPTION_ARG_INT, &limits->max_recordings,
       "recordings at the same time (10)", "N"},
      {"max-broadcasts", 0, 0, G_OPTION_ARG_INT, &limits->max_broadcasts,
       "broadcasts by HLS at the same time (4)", "N"},
      {"token-key", 0, 0, G_OPTION_ARG_FILENAME, &raw->token_key,
       "ask for join tokens, signed by the key in this file", "FILE"},
      {"make-token", 0, 0, G_OPTION_ARG_STRING, &raw->make_token,
       "write a token for this room, and end", "ROOM"},
      {"token-hours", 0, 0, G_OPTION_ARG_INT, &options->token_hours,
       "how long that token is good (24)", "N"},
      {"recordings", 0, 0, G_OPTION_ARG_FILENAME, &raw->recordings,
       "folder for recordings; it is made. Without it, nothing can be recorded", "DIR"},
      {"page", 0, 0, G_OPTION_ARG_FILENAME, &raw->page, "folder of the page", "DIR"},
      {},
  };
  const std::unique_ptr<GOptionContext, decltype(&g_option_context_free)> context(
      g_option_context_new("- rooms in which people meet"), &g_option_context_free);
  g_option_context_add_main_entries(context.get(), entries, nullptr);
  g_option_context_add_group(context.get(), gst_init_get_option_group());
  GError* error = nullptr;
  if (g_option_context_parse(context.get(), argc, argv, &error) == FALSE) {
    const std::string reason = error->message;
    g_error_free(error);
    throw std::runtime_error(reason);
  }
  if (*argc > 1) throw std::runtime_error(std::string("what is '") + (*argv)[1] + "'?");
}

void CheckRange(const char* option, int value, int least, int most) {
  if (value >= least && value <= most) return;
  throw std::runtime_error(std::string(option) + " must be " + std::to_string(least) + " to " +
                           std::to_string(most));
}

bool IsLoopback(const char* option, const std::string& address) {
  GInetAddress* ip = g_inet_address_new_from_string(address.c_str());
  if (ip == nullptr) throw std::runtime_error(std::string(option) + " must be an IP address");
  const bool loopback = g_inet_address_get_is_loopback(ip) != FALSE;
  g_object_unref(ip);
  return loopback;
}

void Check(const Raw& raw, const Options& options) {
  CheckRange("--port", raw.port, 0, 65'535);
  CheckRange("--workers", raw.workers, 1, kMaxWorkers);
  CheckRange("--media-port", raw.media_port, 0, 65'536 - raw.workers);
  CheckRange("--max-peers", options.limits.max_peers, 1, 1000);
  CheckRange("--max-rooms", options.limits.max_rooms, 1, 10'000);
  CheckRange("--max-message", options.limits.max_message, 8192, 1 << 20);
  CheckRange("--max-recordings", options.limits.max_recordings, 0, 1000);
  CheckRange("--max-broadcasts", options.limits.max_broadcasts, 0, 1000);
  CheckRange("--token-hours", options.token_hours, 1, 24 * 366);
  if ((raw.certificate == nullptr) != (raw.private_key == nullptr)) {
    throw std::runtime_error("--certificate and --private-key belong together");
  }
  if (raw.self_signed != FALSE && raw.certificate != nullptr) {
    throw std::runtime_error("--self-signed and --certificate exclude each other");
  }
  if (raw.make_token != nullptr && raw.token_key == nullptr) {
    throw std::runtime_error("--make-token needs --token-key");
  }
}

}  // namespace

Options ParseOptions(int* argc, char*** argv, const std::string& page) {
  Raw raw;
  Options options;
  Parse(argc, argv, &raw, &options);
  Check(raw, options);
  if (raw.token_key != nullptr) options.token_key = ReadKey(raw.token_key);
  options.port = static_cast<uint16_t>(raw.port);
  options.media_port = static_cast<uint16_t>(raw.media_port);
  options.workers = raw.workers;
  // Whoever asks for no tokens lets nobody in from elsewhere, unless told to.
  options.address = Text(raw.address, options.token_key.empty() ? "127.0.0.1" : "0.0.0.0");
  // Firefox sends no media to loopback. Media are safe wherever: they need keys that only a page
  // has.
  const bool loopback = IsLoopback("--address", options.address);
  options.media_address = Text(raw.media_address, loopback ? "" : options.address);
  if (raw.media_address != nullptr) IsLoopback("--media-address", options.media_address);
  options.announced_address = Text(raw.announced_address);
  options.page = Text(raw.page, page);
  options.recordings = Text(raw.recordings);
  options.certificate = Text(raw.certificate);
  options.private_key = Text(raw.private_key);
  options.self_signed = raw.self_signed != FALSE;
  options.make_token = Text(raw.make_token);
  return options;
}

}  // namespace room

// The command line of sfu-room.
#pragma once

#include <cstdint>
#include <string>

#include "limits.h"

namespace room {

struct Options {
  uint16_t port = 4443;
  std::string address;            // IP address to serve on
  std::string media_address;      // IP address for media; empty: all of the machine
  uint16_t media_port = 0;        // of the first Worker; each has the next one. 0: any free ones
  std::string announced_address;  // by which browsers reach the media; empty: the bound ones
  std::string page;               // folder
  std::string recordings;         // folder; empty: nothing is recorded
  std::string certificate;        // PEM file; empty: none
  std::string private_key;        // PEM file
  bool self_signed = false;
  int workers = 1;
  Limits limits;
  std::string token_key;   // the key itself; empty: tokens are not asked for
  std::string make_token;  // a room: write a token for it, and end
  int token_hours = 24;

  bool tls() const { return self_signed || !certificate.empty(); }
};

// Takes the options out of the arguments; GStreamer's, too. `page`: the folder by default. Throws
// std::runtime_error that names what is wrong.
Options ParseOptions(int* argc, char*** argv, const std::string& page);

}  // namespace room

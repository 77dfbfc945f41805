// A file as the body of a response, of any size: no more of it is in memory than the client reads.
#pragma once

#include <libsoup/soup.h>

#include <string>

namespace room {

// Gives what the file has now, or the status 404. For the thread of the main loop.
void SendFileBody(SoupServerMessage* message, const std::string& type, const std::string& path);

}  // namespace room

// Requests and responses of the REST API as libsoup has them. For the thread of the main loop.
#pragma once

#include <libsoup/soup.h>

#include "http.h"

namespace room {

// To be called when a request's head has come: collects what of the body is within bounds, and lets
// the rest go by. ReadRequest() has it.
void CollectBody(SoupServerMessage* message);

// `path`: unescaped; `query`: from its address, or null.
HttpRequest ReadRequest(SoupServerMessage* message, const char* path, GHashTable* query);

void SendResponse(SoupServerMessage* message, const HttpResponse& response);

}  // namespace room

// The REST API: what there is of it, and whom it asks. Each feature has a file of its own, with a
// function that adds its routes.
#pragma once

#include "../../hls/broadcasts.h"
#include "../../recording/recordings.h"
#include "../conferences.h"
#include "../plain_guests.h"
#include "../whip_guests.h"
#include "routes.h"

namespace room {

// What the handlers reach. All of it outlives the routes.
struct ApiBackends {
  Conferences* conferences = nullptr;
  PlainGuests* plain_guests = nullptr;
  WhipGuests* whip_guests = nullptr;
  Recordings* recordings = nullptr;
  Broadcasts* broadcasts = nullptr;
};

void AddAllRoutes(Routes* routes, const ApiBackends& backends);

// The API's description, by OpenAPI: docs/api/room.openapi.json.
void AddOpenApiRoute(Routes* routes);
// /metrics.
void AddMetricsRoutes(Routes* routes, Conferences* conferences);
// /rooms/{room}/plain.
void AddPlainRoutes(Routes* routes, PlainGuests* guests);
// /rooms/{room}/whip and /rooms/{room}/whep.
void AddWhipRoutes(Routes* routes, WhipGuests* guests);
// /healthz, and which rooms there are.
void AddRoomRoutes(Routes* routes, Conferences* conferences);
// Recordings of a room: start, stop, list, download.
void AddRecordingRoutes(Routes* routes, Recordings* recordings);
// A room as HLS.
void AddHlsRoutes(Routes* routes, Broadcasts* broadcasts);

}  // namespace room

#include "all_routes.h"

#include "openapi_text.h"

namespace room {

void AddAllRoutes(Routes* routes, const ApiBackends& backends) {
  AddOpenApiRoute(routes);
  AddRoomRoutes(routes, backends.conferences);
  AddMetricsRoutes(routes, backends.conferences);
  AddPlainRoutes(routes, backends.plain_guests);
  AddWhipRoutes(routes, backends.whip_guests);
  AddRecordingRoutes(routes, backends.recordings);
  AddHlsRoutes(routes, backends.broadcasts);
}

void AddOpenApiRoute(Routes* routes) {
  routes->Add("GET", "/api/openapi.json", Access::kAll, [](const HttpRequest&) {
    return HttpResponse{200, "application/json", kOpenApi, {}};
  });
}

}  // namespace room

// A room as HLS: start, stop, list, and what players read.
#include "all_routes.h"

namespace room {
namespace {

constexpr char kAll[] = "/api/rooms/{room}/hls";
constexpr char kOne[] = "/api/rooms/{room}/hls/{id}";
constexpr char kFile[] = "/api/rooms/{room}/hls/{id}/{file}";

}  // namespace

void AddHlsRoutes(Routes* routes, Broadcasts* broadcasts) {
  routes->Add("POST", kAll, Access::kRoom, [broadcasts](const HttpRequest& request) {
    const std::string& room = request.names.at("room");
    const Json broadcast = broadcasts->Start(room, request.Object());
    HttpResponse response = JsonResponse(broadcast, 201);
    response.Add("Location",
                 "/api/rooms/" + room + "/hls/" + broadcast.at("id").get<std::string>());
    return response;
  });
  routes->Add("GET", kAll, Access::kRoom, [broadcasts](const HttpRequest& request) {
    return JsonResponse(broadcasts->List(request.names.at("room")));
  });
  routes->Add("GET", kOne, Access::kPublic, [broadcasts](const HttpRequest& request) {
    return JsonResponse(broadcasts->Get(request.names.at("room"), request.names.at("id")));
  });
  routes->Add("DELETE", kOne, Access::kRoom, [broadcasts](const HttpRequest& request) {
    return JsonResponse(broadcasts->Stop(request.names.at("room"), request.names.at("id")));
  });
  // Players cannot add a token to the names in a playlist: who knows the id may watch.
  routes->Add("GET", kFile, Access::kPublic, [broadcasts](const HttpRequest& request) {
    const HlsFile file = broadcasts->FindFile(request.names.at("room"), request.names.at("id"),
                                              request.names.at("file"));
    HttpResponse response{200, file.type, {}, {}, {}};
    response.shared = file.bytes;
    // A playlist is another one each second, a segment stays what it is.
    response.Add("Cache-Control", file.changes ? "no-cache" : "public, max-age=60, immutable");
    return response;
  });
}

}  // namespace room

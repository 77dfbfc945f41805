// Recordings of a room: start, stop, list, download.
#include "all_routes.h"

namespace room {
namespace {

constexpr char kAll[] = "/api/rooms/{room}/recordings";
constexpr char kOne[] = "/api/rooms/{room}/recordings/{id}";
constexpr char kFile[] = "/api/rooms/{room}/recordings/{id}/{file}";

}  // namespace

void AddRecordingRoutes(Routes* routes, Recordings* recordings) {
  using Names = const std::map<std::string, std::string>&;
  routes->Add("POST", kAll, Access::kRoom, [recordings](const HttpRequest& request) {
    const Json body = request.Object();
    const std::string kind = Fields(body).OneOf("kind", {"peers", "composed"});
    return JsonResponse(recordings->Start(request.names.at("room"), kind), 201);
  });
  routes->Add("GET", kAll, Access::kRoom, [recordings](const HttpRequest& request) {
    return JsonResponse(recordings->List(request.names.at("room")));
  });
  routes->Add("GET", kOne, Access::kRoom, [recordings](const HttpRequest& request) {
    return JsonResponse(recordings->Get(request.names.at("room"), request.names.at("id")));
  });
  routes->Add("DELETE", kOne, Access::kRoom, [recordings](const HttpRequest& request) {
    return JsonResponse(recordings->Stop(request.names.at("room"), request.names.at("id")));
  });
  routes->Add("GET", kFile, Access::kRoom, [recordings](const HttpRequest& request) {
    Names names = request.names;
    HttpResponse response{200, "video/x-matroska", {}, {}, {}};
    response.file = recordings->FindFile(names.at("room"), names.at("id"), names.at("file"));
    response.Add("Content-Disposition", "attachment; filename=\"" + names.at("room") + "-" +
                                            names.at("id") + "-" + names.at("file") + "\"");
    return response;
  });
}

}  // namespace room

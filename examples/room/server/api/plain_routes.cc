// /rooms/{room}/plain: guests who send plain RTP.
#include "all_routes.h"

namespace room {
namespace {

// By which name the client knows this server.
std::string HostName(const HttpRequest& request) {
  const std::string host = request.Header("host");
  const size_t end = host.starts_with('[') ? host.find(']') + 1 : host.rfind(':');
  return host.substr(0, end);
}

}  // namespace

void AddPlainRoutes(Routes* routes, PlainGuests* guests) {
  routes->Add("GET", "/rooms/{room}/plain", Access::kRoom, [guests](const HttpRequest& request) {
    return JsonResponse({{"guests", guests->List(request.names.at("room"))}});
  });
  routes->Add("POST", "/rooms/{room}/plain", Access::kRoom, [guests](const HttpRequest& request) {
    const std::string& room = request.names.at("room");
    const Json body = request.Object();
    const Json guest = guests->Add(room, Fields(body), HostName(request));
    HttpResponse response = JsonResponse(guest, 201);
    response.Add("Location", "/rooms/" + room + "/plain/" + guest.at("id").get<std::string>());
    return response;
  });
  routes->Add("DELETE", "/rooms/{room}/plain/{id}", Access::kRoom,
              [guests](const HttpRequest& request) {
                guests->Remove(request.names.at("room"), request.names.at("id"));
                return HttpResponse{204, {}, {}, {}};
              });
}

}  // namespace room

// /healthz, and which rooms there are.
#include "all_routes.h"

namespace room {

void AddRoomRoutes(Routes* routes, Conferences* conferences) {
  routes->Add("GET", "/healthz", Access::kAll, [conferences](const HttpRequest&) {
    return JsonResponse({{"status", "ok"},
                         {"rooms", conferences->rooms().size()},
                         {"people", conferences->people()}});
  });
  routes->Add("GET", "/api/rooms", Access::kServer, [conferences](const HttpRequest&) {
    Json list = Json::array();
    for (const Conference* conference : conferences->rooms()) {
      list.push_back({{"name", conference->name()}, {"peers", conference->size()}});
    }
    return JsonResponse({{"rooms", list}});
  });
  routes->Add("GET", "/api/rooms/{room}", Access::kRoom, [conferences](const HttpRequest& request) {
    return JsonResponse(conferences->Get(request.names.at("room")).Describe());
  });
}

}  // namespace room

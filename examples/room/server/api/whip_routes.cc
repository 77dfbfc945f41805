// /rooms/{room}/whip and /rooms/{room}/whep: publishers and viewers without the page.
#include "all_routes.h"

namespace room {

void AddWhipRoutes(Routes* routes, WhipGuests* guests) {
  const auto handler = [guests](const HttpRequest& request) { return guests->Handle(request); };
  for (const std::string all : {"/rooms/{room}/whip", "/rooms/{room}/whep"}) {
    const std::string one = all + "/{id}";
    routes->Add("POST", all, Access::kRoom, handler);
    routes->Add("GET", all, Access::kRoom, handler);
    // A browser's preflight has no token (Fetch standard, section 4.8).
    routes->Add("OPTIONS", all, Access::kAll, handler);
    routes->Add("GET", one, Access::kRoom, handler);
    routes->Add("PATCH", one, Access::kRoom, handler);
    routes->Add("DELETE", one, Access::kRoom, handler);
  }
}

}  // namespace room

#include "log.h"

#include <glib.h>

#include <nlohmann/json.hpp>

namespace room {

void Log(std::string_view event, const nlohmann::json& fields) {
  GDateTime* now = g_date_time_new_now_utc();
  gchar* time = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S.%fZ");
  nlohmann::ordered_json line = {{"time", time}, {"event", event}};
  g_free(time);
  g_date_time_unref(now);
  for (const auto& [name, value] : fields.items()) line[name] = value;
  const std::string text =
      line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  g_printerr("%s\n", text.c_str());
}

}  // namespace room

// Categories are made as modules speak up; GStreamer keeps them for the life of the process.
#include "log_bridge.h"

#include <gst/gst.h>

#include <string>
#include <string_view>

#include "base/log.h"

namespace sfu::gst {
namespace {

GstDebugCategory* CategoryOf(std::string_view module) {
  const std::string name = "sfu-" + std::string(module);
  GstDebugCategory* category = _gst_debug_get_category(name.c_str());
  if (category != nullptr) return category;
  return _gst_debug_category_new(name.c_str(), 0, "a module of libsfu");
}

GstDebugLevel LevelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kError:
      return GST_LEVEL_ERROR;
    case LogLevel::kWarning:
      return GST_LEVEL_WARNING;
    case LogLevel::kInfo:
      return GST_LEVEL_INFO;
    case LogLevel::kDebug:
      break;
  }
  return GST_LEVEL_DEBUG;
}

void WriteLine(LogLevel level, std::string_view module, std::string_view message, void*) {
  const GstDebugLevel gst_level = LevelOf(level);
  if (gst_level > gst_debug_get_default_threshold() && !gst_debug_is_active()) return;
  const std::string text(message);
  GST_CAT_LEVEL_LOG(CategoryOf(module), gst_level, nullptr, "%s", text.c_str());
}

}  // namespace

void InstallLogBridge() { SetLogFunction(&WriteLine, nullptr); }

}  // namespace sfu::gst

#include "page_files.h"

#include <filesystem>
#include <map>
#include <system_error>

namespace room {

std::optional<std::string> FindPageFile(const std::string& folder, std::string_view path) {
  namespace fs = std::filesystem;
  if (!path.starts_with('/') || path.find('\0') != std::string_view::npos) return std::nullopt;
  if (path.find("/.") != std::string_view::npos) return std::nullopt;
  if (path == "/") path = "/index.html";
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  if (error) return std::nullopt;
  const fs::path file = fs::canonical(root / path.substr(1), error);
  if (error || !fs::is_regular_file(file, error)) return std::nullopt;
  // Where the links lead to, not what they are called, must be inside.
  const auto inside = file.lexically_relative(root);
  if (inside.empty() || *inside.begin() == "..") return std::nullopt;
  const auto size = fs::file_size(file, error);
  if (error || size > kMaxFile) return std::nullopt;
  return file.string();
}

const char* ContentType(std::string_view file) {
  static const std::map<std::string_view, const char*> kTypes = {
      {"html", "text/html; charset=utf-8"},
      {"js", "text/javascript; charset=utf-8"},
      {"css", "text/css; charset=utf-8"},
      {"svg", "image/svg+xml"},
      {"png", "image/png"},
      {"json", "application/json"},
  };
  const auto type = kTypes.find(file.substr(file.rfind('.') + 1));
  return type == kTypes.end() ? "application/octet-stream" : type->second;
}

}  // namespace room

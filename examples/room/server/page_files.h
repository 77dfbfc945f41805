// Which file of the page a path of an URL is. Knows no GStreamer and no network.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace room {

constexpr size_t kMaxFile = 16 << 20;  // bytes of one file of the page

// The regular file in `folder` that `path` (decoded, "/" is index.html) names. Nothing that is
// outside of the folder, by "..", by a symbolic link or otherwise, and no hidden file.
std::optional<std::string> FindPageFile(const std::string& folder, std::string_view path);

// By the name's extension.
const char* ContentType(std::string_view file);

}  // namespace room

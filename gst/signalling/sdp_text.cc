// Looking at the text of a description.
#include "signalling/sdp_text.h"

#include <algorithm>
#include <charconv>

namespace sfu::signalling {
namespace {

std::string LineName(size_t index) { return "sdp.line[" + std::to_string(index + 1) + "]"; }

// GstSDP reads ports with atoi().
bool HasPort(std::string_view media_line) {
  media_line.remove_prefix(2);
  CutSdp(&media_line, ' ');
  std::string_view port = CutSdp(&media_line, ' ');
  return SdpNumber(CutSdp(&port, '/'), UINT16_MAX).has_value();
}

bool IsSdpLine(std::string_view line) {
  return line.size() >= 2 && line[0] >= 'a' && line[0] <= 'z' && line[1] == '=';
}

}  // namespace

Result<std::vector<std::string_view>> ReadSdpLines(std::string_view text) {
  if (text.size() > kMaxSdpBytes) {
    return Error{"sdp", "is longer than " + std::to_string(kMaxSdpBytes) + " bytes"};
  }
  if (text.find('\0') != std::string_view::npos) return Error{"sdp", "has a null byte"};
  if (g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr) == FALSE) {
    return Error{"sdp", "is no UTF-8"};
  }
  std::vector<std::string_view> lines;
  size_t sections = 0;
  for (size_t index = 0; !text.empty(); ++index) {
    std::string_view line = CutSdp(&text, '\n');
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) continue;
    if (line.size() > kMaxSdpLine) {
      return Error{LineName(index), "is longer than " + std::to_string(kMaxSdpLine) + " bytes"};
    }
    if (!IsSdpLine(line)) return Error{LineName(index), "must be a letter, = and a value"};
    if (line[0] == 'm') {
      if (++sections > kMaxSdpSections) {
        return Error{"sdp.media", "has more than " + std::to_string(kMaxSdpSections) + " sections"};
      }
      if (!HasPort(line)) return Error{LineName(index), "must have a port from 0 to 65535"};
    }
    lines.push_back(line);
  }
  return lines;
}

Result<SdpMessage> ParseSdpMessage(std::string_view text) {
  const auto lines = ReadSdpLines(text);
  if (!lines) return lines.error();
  if (lines.value().empty() || lines.value().front() != "v=0") {
    return Error{"sdp.line[1]", "must be v=0"};
  }
  GstSDPMessage* parsed = nullptr;
  if (gst_sdp_message_new(&parsed) != GST_SDP_OK) return Error{"sdp", "cannot be read"};
  SdpMessage message(parsed);
  // GstSDP reads up to a null byte.
  const std::string terminated(text);
  const auto* bytes = reinterpret_cast<const guint8*>(terminated.c_str());
  if (gst_sdp_message_parse_buffer(bytes, static_cast<guint>(terminated.size()), message.get()) !=
      GST_SDP_OK) {
    return Error{"sdp", "cannot be read"};
  }
  return message;
}

std::vector<std::string_view> SplitSdp(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::string_view part = CutSdp(&text, separator);
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

std::string_view CutSdp(std::string_view* rest, char separator) {
  const size_t end = std::min(rest->find(separator), rest->size());
  const std::string_view part = rest->substr(0, end);
  rest->remove_prefix(std::min(end + 1, rest->size()));
  return part;
}

std::optional<uint64_t> SdpNumber(std::string_view text, uint64_t max) {
  uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number > max) return std::nullopt;
  return number;
}

bool IsSdpToken(std::string_view text, size_t max_size) {
  return !text.empty() && text.size() <= max_size &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c > ' ' && c < 0x7F && c != '"' && c != '(' && c != ')' && c != ',' && c != '/' &&
                  c != ':' && c != ';' && c != '<' && c != '=' && c != '>' && c != '?' &&
                  c != '@' && c != '[' && c != '\\' && c != ']';
         });
}

}  // namespace sfu::signalling

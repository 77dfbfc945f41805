#include "http.h"

#include <glib.h>

#include <algorithm>

namespace room {
namespace {

constexpr char kJson[] = "application/json";

std::string Find(const std::map<std::string, std::string>& map, const std::string& name) {
  const auto found = map.find(name);
  return found == map.end() ? std::string() : found->second;
}

bool IsSame(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, g_ascii_tolower, g_ascii_tolower);
}

unsigned StatusOf(const std::string& code) {
  static const std::map<std::string_view, unsigned> kStatus = {
      {"invalid", 400},  {"token", 401},     {"origin", 403}, {"not-found", 404}, {"method", 405},
      {"conflict", 409}, {"too-large", 413}, {"type", 415},   {"full", 503},
  };
  const auto status = kStatus.find(code);
  return status == kStatus.end() ? 500 : status->second;
}

}  // namespace

std::string HttpRequest::Header(const std::string& name) const { return Find(headers, name); }

std::string HttpRequest::Query(const std::string& name) const { return Find(query, name); }

Json HttpRequest::Object() const {
  if (body.empty()) return Json::object();
  if (!IsContentType(Header("content-type"), kJson)) {
    throw RequestError("type", "Content-Type", std::string("the Content-Type must be ") + kJson);
  }
  return ParseObject(body, "body");
}

std::string HttpResponse::Header(std::string_view name) const {
  const auto header =
      std::ranges::find_if(headers, [&](const auto& one) { return IsSame(one.first, name); });
  return header == headers.end() ? std::string() : header->second;
}

HttpResponse JsonResponse(const Json& json, unsigned status) {
  return {status, kJson, JsonText(json), {}};
}

HttpResponse ErrorResponse(const RequestError& error) {
  HttpResponse response = JsonResponse({{"error", ToJson(error)}}, StatusOf(error.code()));
  if (error.code() == "token") response.Add("WWW-Authenticate", "Bearer");
  return response;
}

bool IsContentType(std::string_view header, std::string_view type) {
  header = header.substr(0, header.find(';'));
  while (header.ends_with(' ') || header.ends_with('\t')) header.remove_suffix(1);
  return IsSame(header, type);
}

bool IsOwnOrigin(std::string_view origin, std::string_view host) {
  if (origin.empty()) return true;
  const size_t scheme = origin.find("://");
  return !host.empty() && scheme != std::string_view::npos && origin.substr(scheme + 3) == host;
}

}  // namespace room

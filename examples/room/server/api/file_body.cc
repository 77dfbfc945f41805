#include "file_body.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "byte_range.h"

namespace room {
namespace {

constexpr size_t kChunk = 65'536;

class FileBody {
 public:
  FileBody(int file, uint64_t length) : file_(file), left_(length) {}
  FileBody(const FileBody&) = delete;
  FileBody& operator=(const FileBody&) = delete;
  ~FileBody() { close(file_); }

  void SendNext(SoupServerMessage* message) {
    SoupMessageBody* body = soup_server_message_get_response_body(message);
    std::vector<char> chunk(std::min<uint64_t>(left_, kChunk));
    const ssize_t got = chunk.empty() ? 0 : read(file_, chunk.data(), chunk.size());
    if (got > 0) {
      left_ -= static_cast<uint64_t>(got);
      soup_message_body_append(body, SOUP_MEMORY_COPY, chunk.data(), static_cast<gsize>(got));
    } else {
      // Should it have become shorter, the client sees that the length is wrong.
      soup_message_body_complete(body);
    }
    soup_server_message_unpause(message);
  }

 private:
  const int file_;
  uint64_t left_;
};

void OnWroteChunk(SoupServerMessage* message, FileBody* body) { body->SendNext(message); }

// Which part is asked for. We give out no validators, so If-Range knows none that fits.
ByteRange AskedFor(SoupServerMessage* message, uint64_t size) {
  SoupMessageHeaders* headers = soup_server_message_get_request_headers(message);
  const char* range = soup_message_headers_get_one(headers, "Range");
  const bool get = std::string_view(soup_server_message_get_method(message)) == "GET";
  const bool conditional = soup_message_headers_get_one(headers, "If-Range") != nullptr;
  return ReadByteRange(range == nullptr || !get || conditional ? "" : range, size);
}

// Says which part of how much follows.
void SetRange(SoupServerMessage* message, const ByteRange& range, uint64_t size) {
  SoupMessageHeaders* headers = soup_server_message_get_response_headers(message);
  soup_message_headers_append(headers, "Accept-Ranges", "bytes");
  if (range.status == SOUP_STATUS_OK) return;
  soup_server_message_set_status(message, range.status, nullptr);
  const std::string part = range.length == 0 ? "*"
                                             : std::to_string(range.first) + "-" +
                                                   std::to_string(range.first + range.length - 1);
  const std::string text = "bytes " + part + "/" + std::to_string(size);
  soup_message_headers_append(headers, "Content-Range", text.c_str());
}

}  // namespace

void SendFileBody(SoupServerMessage* message, const std::string& type, const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  struct stat status = {};
  if (file < 0 || fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    if (file >= 0) close(file);
    soup_server_message_set_status(message, SOUP_STATUS_NOT_FOUND, nullptr);
    return;
  }
  const auto size = static_cast<uint64_t>(status.st_size);
  const ByteRange range = AskedFor(message, size);
  SetRange(message, range, size);
  if (range.status == SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE ||
      lseek(file, static_cast<off_t>(range.first), SEEK_SET) < 0) {
    close(file);
    return;
  }
  SoupMessageHeaders* headers = soup_server_message_get_response_headers(message);
  soup_message_headers_set_content_type(headers, type.c_str(), nullptr);
  soup_message_headers_set_content_length(headers, static_cast<goffset>(range.length));
  soup_message_body_set_accumulate(soup_server_message_get_response_body(message), FALSE);
  auto body = std::make_unique<FileBody>(file, range.length);
  // NOLINTNEXTLINE(bugprone-casting-through-void): what G_CALLBACK is made of
  g_signal_connect(message, "wrote-chunk", G_CALLBACK(OnWroteChunk), body.get());
  body->SendNext(message);
  g_object_set_data_full(G_OBJECT(message), "room-file", body.release(),
                         [](gpointer data) { delete static_cast<FileBody*>(data); });
}

}  // namespace room

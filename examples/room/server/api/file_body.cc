#include "file_body.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace room {
namespace {

constexpr size_t kChunk = 65'536;

class FileBody {
 public:
  FileBody(int file, uint64_t size) : file_(file), left_(size) {}
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

}  // namespace

void SendFileBody(SoupServerMessage* message, const std::string& type, const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  struct stat status = {};
  if (file < 0 || fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    if (file >= 0) close(file);
    soup_server_message_set_status(message, SOUP_STATUS_NOT_FOUND, nullptr);
    return;
  }
  SoupMessageHeaders* headers = soup_server_message_get_response_headers(message);
  soup_message_headers_set_content_type(headers, type.c_str(), nullptr);
  soup_message_headers_set_content_length(headers, status.st_size);
  soup_message_body_set_accumulate(soup_server_message_get_response_body(message), FALSE);
  auto body = std::make_unique<FileBody>(file, static_cast<uint64_t>(status.st_size));
  // NOLINTNEXTLINE(bugprone-casting-through-void): what G_CALLBACK is made of
  g_signal_connect(message, "wrote-chunk", G_CALLBACK(OnWroteChunk), body.get());
  body->SendNext(message);
  g_object_set_data_full(G_OBJECT(message), "room-file", body.release(),
                         [](gpointer data) { delete static_cast<FileBody*>(data); });
}

}  // namespace room

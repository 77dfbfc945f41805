// The thread that an sfuserver answers HTTP on, and does all else with its peers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/result.h"
#include "signalling/http_server.h"

namespace sfu::signalling {

class ServerThread {
 public:
  using Task = std::function<void()>;

  // Listens, and answers by `handler` on a thread of its own. Errors: those of
  // HttpServer::Listen().
  static Result<std::unique_ptr<ServerThread>> Start(const std::string& address, uint16_t port,
                                                     HttpServer::Handler handler);
  ServerThread(const ServerThread&) = delete;
  ServerThread& operator=(const ServerThread&) = delete;
  // Waits for what the thread does now; what was posted is not done any more. On the thread itself
  // it does not wait: then the thread ends when it comes back.
  ~ServerThread();

  uint16_t port() const { return port_; }
  bool IsThisThread() const { return thread_.get_id() == std::this_thread::get_id(); }
  // Has the thread do it, after `delay` ms. Any thread.
  void Post(Task task, unsigned delay = 0);

 private:
  struct State;
  struct Posted;
  explicit ServerThread(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
  uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace sfu::signalling

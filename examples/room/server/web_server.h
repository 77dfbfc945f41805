// HTTP: the REST API, the page's files, and the WebSocket at /ws. For the thread of the main loop.
#pragma once

#include <libsoup/soup.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/routes.h"
#include "client.h"
#include "conferences.h"
#include "listener.h"
#include "options.h"
#include "request_watch.h"
#include "signalling.h"

namespace room {

class WebServer {
 public:
  // All outlive it. Throws std::runtime_error when it cannot listen.
  WebServer(Conferences* conferences, const Routes* routes, const Options& options);
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;
  // Tells all clients that it ends.
  ~WebServer();

  // Where the page is.
  std::string url() const;

 private:
  struct Connection {
    std::unique_ptr<Client> client;
    std::unique_ptr<Signalling> signalling;  // before the client, which it speaks to
  };

  void Listen();
  void Answer(SoupServerMessage* message, const char* path, GHashTable* query) const;
  void SendFile(SoupServerMessage* message, const std::string& path) const;
  void Accept(SoupServerMessage* message, SoupWebsocketConnection* socket);
  void Forget(Client* client);
  void CutOffSilent();

  Conferences* const conferences_;
  const Routes* const routes_;
  const Options options_;
  SoupServer* const soup_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<RequestWatch> requests_;
  std::map<Client*, Connection> connections_;
  std::vector<Connection> forgotten_;  // until they have heard why
  guint sweep_ = 0;
};

}  // namespace room

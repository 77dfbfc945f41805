// The page and its WebSockets, on 127.0.0.1. Each WebSocket is a Participant.
#pragma once

#include <libsoup/soup.h>

#include <map>
#include <memory>
#include <string>

#include "participant.h"

class EchoServer {
 public:
  // Serves the files in the folder `page`. Port 0: any that is free. Throws std::runtime_error when
  // the port is taken.
  EchoServer(const Room& room, const std::string& page, guint port);
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;
  ~EchoServer();

  guint port() const;

 private:
  struct Connection {
    Connection(SoupWebsocketConnection* from, const Room& room) : socket(from), participant(room) {}
    SoupWebsocketConnection* const socket;
    Participant participant;
  };

  void Serve(SoupServerMessage* message, const std::string& path) const;
  void Accept(SoupWebsocketConnection* socket);
  void Receive(Connection& connection, const std::string& text) const;
  void Drop(SoupWebsocketConnection* socket);

  const Room room_;
  const std::string page_;
  SoupServer* server_;
  std::map<SoupWebsocketConnection*, std::unique_ptr<Connection>> connections_;
};

// What the WebRTC transports of one Worker share: a port for ICE, and the certificate that they
// show. The first transport makes them by its settings, and they go with the last. A transport that
// wants something else meanwhile gets an error.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "dtls/dtls_context.h"
#include "net/nice_ice_session.h"
#include "net/webrtc_server.h"

namespace sfu::gst {

// What is unset is as the Worker's port has it; if there is none: all addresses of the machine, any
// free port, the system's buffers.
struct WebRtcPortOptions {
  std::string address;
  uint16_t port = 0;
  std::vector<std::string> announced_addresses;
  int receive_buffer_size = 0;
  int send_buffer_size = 0;
};

// Names of PEM files. Unset: as the Worker's transports have it; if there are none: a certificate
// that we make and sign ourselves.
struct CertificateFiles {
  std::string certificate;
  std::string private_key;
};

// Errors name the property.
class WebRtcShare {
 public:
  // `worker` is the Worker's name, for errors.
  explicit WebRtcShare(std::string worker) : worker_(std::move(worker)) {}

  // Any thread. Files are read.
  Result<std::shared_ptr<const DtlsContext>> TakeContext(const CertificateFiles& files);

  // On the Worker, where the last user has to let go of it, too. UDP and TCP, under one number.
  Result<std::shared_ptr<WebRtcServer>> TakeServer(Worker& worker,
                                                   const WebRtcPortOptions& options);

 private:
  // Whether `wanted` is unset or the same.
  Status Agree(const char* property, const std::string& wanted, const std::string& have) const;
  Status AgreeWithServer(const WebRtcPortOptions& wanted, const WebRtcServer& server) const;

  const std::string worker_;

  std::mutex mutex_;  // guards the next two
  std::weak_ptr<const DtlsContext> context_;
  CertificateFiles files_;  // of context_

  std::weak_ptr<WebRtcServer> server_;  // the Worker's, as is the next
  WebRtcPortOptions options_;           // of server_
};

// The thread of all full ICE agents of the process; the last user's going ends it, which may take
// NiceThread::kMaxClosing. Any thread.
std::shared_ptr<NiceThread> TakeNiceThread();

// UDP and TCP on that address. `min_port` and `max_port`: the range, if options.port is 0. The
// error names the property.
Result<std::vector<IceListenOptions>> ListenOptions(const WebRtcPortOptions& options,
                                                    uint16_t min_port = 0, uint16_t max_port = 0);
// An error of WebRtcServer::Create() with ListenOptions(), in the names of properties.
Error InPortProperties(const Error& error, const WebRtcPortOptions& options);

}  // namespace sfu::gst

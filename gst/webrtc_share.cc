// Weak references only: what is shared belongs to the transports.
#include "webrtc_share.h"

#include <utility>

namespace sfu::gst {
namespace {

constexpr char kAnyAddress[] = "0.0.0.0";

std::string Join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

std::string TextOf(int number) { return number == 0 ? "" : std::to_string(number); }

}  // namespace

Status WebRtcShare::Agree(const char* property, const std::string& wanted,
                          const std::string& have) const {
  if (wanted.empty() || wanted == have) return OkStatus();
  return Error{property, "is '" + wanted + "', but the transports of worker '" + worker_ +
                             "' share '" + have + "'"};
}

Result<std::shared_ptr<const DtlsContext>> WebRtcShare::TakeContext(const CertificateFiles& files) {
  if (files.certificate.empty() != files.private_key.empty()) {
    return Error{files.certificate.empty() ? "certificate" : "private-key",
                 "is missing: a certificate and its private key go together"};
  }
  const std::lock_guard lock(mutex_);
  if (auto context = context_.lock()) {
    if (Status same = Agree("certificate", files.certificate, files_.certificate); !same) {
      return same.error();
    }
    if (Status same = Agree("private-key", files.private_key, files_.private_key); !same) {
      return same.error();
    }
    return context;
  }
  const auto certificate = files.certificate.empty() ? DtlsCertificate::Generate()
                                                     : DtlsCertificate::FromPemFiles(
                                                           files.certificate, files.private_key);
  if (!certificate) {
    Error error = certificate.error();
    if (!error.field.empty()) {
      error.field = error.field == "dtlsPrivateKeyFile" ? "private-key" : "certificate";
    }
    return error;
  }
  auto context = DtlsContext::Create(certificate.value());
  if (!context) return Error{"certificate", context.error().reason};
  files_ = files;
  context_ = context.value();
  return context;
}

Status WebRtcShare::AgreeWithServer(const WebRtcPortOptions& wanted,
                                    const WebRtcServer& server) const {
  const std::string port = std::to_string(server.addresses().front().port);
  const struct {
    const char* property;
    std::string wanted;
    std::string have;
  } pairs[] = {
      {"address", wanted.address, options_.address},
      {"port", TextOf(wanted.port), port},
      {"announced-address", Join(wanted.announced_addresses), Join(options_.announced_addresses)},
      {"receive-buffer-size", TextOf(wanted.receive_buffer_size),
       TextOf(options_.receive_buffer_size)},
      {"send-buffer-size", TextOf(wanted.send_buffer_size), TextOf(options_.send_buffer_size)},
  };
  for (const auto& pair : pairs) {
    if (Status same = Agree(pair.property, pair.wanted, pair.have); !same) return same;
  }
  return OkStatus();
}

Result<std::shared_ptr<WebRtcServer>> WebRtcShare::TakeServer(Worker& worker,
                                                              const WebRtcPortOptions& options) {
  if (auto server = server_.lock()) {
    if (Status same = AgreeWithServer(options, *server); !same) return same.error();
    return server;
  }
  const auto listen = ListenOptions(options);
  if (!listen) return listen.error();
  auto made = WebRtcServer::Create(worker, listen.value());
  if (!made) return InPortProperties(made.error(), options);
  std::shared_ptr<WebRtcServer> server = std::move(made).value();
  if (server->addresses().empty()) {
    return Error{"announced-address", "is needed: the machine has no address but loopback"};
  }
  server_ = server;
  options_ = options;
  if (options_.address.empty()) options_.address = kAnyAddress;
  return server;
}

std::shared_ptr<NiceThread> TakeNiceThread() {
  static std::mutex mutex;
  static std::weak_ptr<NiceThread> running;
  const std::lock_guard lock(mutex);
  auto thread = running.lock();
  if (thread == nullptr) {
    thread = std::make_shared<NiceThread>();
    running = thread;
  }
  return thread;
}

Result<std::vector<IceListenOptions>> ListenOptions(const WebRtcPortOptions& options,
                                                    uint16_t min_port, uint16_t max_port) {
  const std::string& address = options.address.empty() ? kAnyAddress : options.address;
  const auto local = SocketAddress::ParseIp(address, options.port);
  if (!local) return Error{"address", "'" + address + "' is not an IP address"};
  IceListenOptions udp;
  udp.local = *local;
  udp.min_port = min_port;
  udp.max_port = max_port;
  udp.announced_addresses = options.announced_addresses;
  udp.recv_buffer_size = options.receive_buffer_size;
  udp.send_buffer_size = options.send_buffer_size;
  IceListenOptions tcp = udp;
  tcp.protocol = IceProtocol::kTcp;
  return std::vector{udp, tcp};
}

Error InPortProperties(const Error& error, const WebRtcPortOptions& options) {
  const size_t dot = error.field.find("].");
  std::string field = dot == std::string::npos ? error.field : error.field.substr(dot + 2);
  if (field == "announcedAddress") field = "announced-address";
  if (field == "min_port" || field == "max_port") field[3] = '-';
  if (field == "recv_buffer_size") field = "receive-buffer-size";
  if (field == "send_buffer_size") field = "send-buffer-size";
  if (field == "local" || dot == std::string::npos) {
    field = "address, port (" + (options.address.empty() ? kAnyAddress : options.address) + ":" +
            std::to_string(options.port) + ")";
  }
  return Error{field, error.reason};
}

}  // namespace sfu::gst

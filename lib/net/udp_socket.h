// A UDP socket on a Worker: batches in, batches out. Its buffers belong to the Worker, so it costs
// well under 1 KiB here (what the kernel holds comes on top).
//
// Belongs to the Worker's thread, as all of it.
#pragma once

#include <memory>
#include <utility>

#include "base/datagram.h"
#include "base/drop_counters.h"
#include "base/result.h"
#include "net/file_descriptor.h"
#include "net/udp_socket_options.h"
#include "net/worker.h"

namespace sfu {

class UdpSocket final : public DatagramSender, private FdHandler {
 public:
  using Ptr = std::unique_ptr<UdpSocket>;
  struct Pair {
    Ptr rtp;
    Ptr rtcp;
  };

  // Binds a socket. `receiver` (may be null: then nothing is received) is called on the Worker's
  // thread; it may destroy the socket when called. Worker and receiver must outlive the socket. An
  // error names the option that is wrong.
  static Result<Ptr> Create(Worker& worker, const UdpSocketOptions& options,
                            DatagramReceiver* receiver);
  // Binds two sockets for peers without RTCP multiplexing: RTP on an even port, RTCP on the next
  // one (RFC 3550 section 11). A given local port must be even.
  static Result<Pair> CreatePair(Worker& worker, const UdpSocketOptions& options,
                                 DatagramReceiver* rtp_receiver, DatagramReceiver* rtcp_receiver);

  // Sends what is still in the arena, then closes.
  ~UdpSocket() override;

  // The bound address, with the port that was chosen.
  const SocketAddress& local_address() const { return local_; }
  // The socket's file descriptor, for options that are not offered here; it stays the socket's.
  int fd() const { return fd_.get(); }

  // Fixes the peer: sending costs less, Commit()'s `to` is ignored, and the kernel drops what comes
  // from others.
  Status Connect(const SocketAddress& remote);
  // Undoes that.
  void Disconnect();

  // Whenever something came here, `other` is read before: so reports that were sent before the
  // packets are known before them, though they come to another port. Null: none. `other` must stay
  // as long as this socket receives.
  void SetReadFirst(UdpSocket* other) { read_first_ = other; }

  // DatagramSender
  MutableBytes Reserve(size_t size) override;
  void Commit(const SocketAddress& to, std::span<const uint16_t> sizes,
              const SocketAddress& from_hint = {}) override;
  bool PrefersEqualSizes() const override;

  const SendCounters& send_counters() const { return send_.counters; }
  const ReceiveCounters& receive_counters() const { return received_; }
  // kTooBig of what was received, kSendFailed of what was to be sent.
  DropCounters drops() const;

 private:
  UdpSocket(Worker& worker, DatagramReceiver* receiver);
  static Result<Ptr> Adopt(Worker& worker, FileDescriptor fd, DatagramReceiver* receiver);

  void OnFdReady(uint32_t events, Timestamp now) override;

  Worker& worker_;
  DatagramReceiver* const receiver_;
  FileDescriptor fd_;
  SocketAddress local_;
  SendSocket send_;
  ReceiveCounters received_;
  UdpSocket* read_first_ = nullptr;
  bool watched_ = false;
  bool* destroyed_ = nullptr;  // set while the receiver is called
};

}  // namespace sfu

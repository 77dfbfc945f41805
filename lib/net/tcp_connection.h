// An accepted TCP connection that carries datagrams (RFC 4571). A reader that is too slow loses
// datagrams, by count; nobody waits for it.
//
// Belongs to the Worker's thread, and to its TcpListener.
#pragma once

#include <vector>

#include "base/datagram.h"
#include "base/drop_counters.h"
#include "ice/tcp_framing.h"
#include "net/batch_end_queue.h"
#include "net/file_descriptor.h"
#include "net/poller.h"
#include "net/worker.h"

namespace sfu {

class TcpConnection;

class TcpConnectionOwner {
 public:
  virtual ~TcpConnectionOwner() = default;
  // As DatagramReceiver::OnDatagrams(). Must not destroy the connection.
  virtual void OnTcpDatagrams(TcpConnection& connection, std::span<ReceivedDatagram> datagrams,
                              Timestamp now) = 0;
  // The peer has closed it, or it has failed. May destroy it.
  virtual void OnTcpClosed(TcpConnection& connection, Timestamp now) = 0;
};

// What receiving needs for a moment; all connections of a Worker may share one.
struct TcpScratch {
  // Bytes read by one system call.
  static constexpr size_t kReadSize = 64 * 1024;

  std::vector<uint8_t> bytes = std::vector<uint8_t>(kReadSize);
  std::vector<MutableBytes> frames;
  std::vector<ReceivedDatagram> datagrams;
};

class TcpConnection final : public DatagramSender, private FdHandler, private BatchEndHandler {
 public:
  // Drops are counted in `drops`. All references must outlive it.
  TcpConnection(Worker& worker, FileDescriptor fd, const SocketAddress& local,
                const SocketAddress& remote, TcpConnectionOwner& owner, TcpScratch& scratch,
                DropCounters& drops);
  ~TcpConnection() override;

  // Begins to receive. Fails when descriptors cannot be watched.
  Status Start();

  const SocketAddress& local() const { return local_; }
  const SocketAddress& remote() const { return remote_; }
  // Since when the peer has taken nothing of what waits for it; Never() when nothing waits.
  Timestamp stalled_since() const { return stalled_since_; }

  // DatagramSender; destination and source are what they are. Written at the end of the batch.
  MutableBytes Reserve(size_t size) override;
  void Commit(const SocketAddress& to, std::span<const uint16_t> sizes,
              const SocketAddress& from_hint = {}) override;
  bool PrefersEqualSizes() const override { return false; }

 private:
  void OnFdReady(uint32_t events, Timestamp now) override;
  void OnBatchEnd(Timestamp now) override;
  // False when the connection is at its end.
  bool Read(Timestamp now);
  void Deliver(MutableBytes chunk, Timestamp now);
  void Write(Timestamp now);
  void Watch(bool writable);

  Worker& worker_;
  FileDescriptor fd_;
  const SocketAddress local_;
  const SocketAddress remote_;
  TcpConnectionOwner& owner_;
  TcpScratch& scratch_;
  DropCounters& drops_;
  BatchEndHook write_hook_;
  StreamDeframer deframer_;
  FrameQueue queue_;
  MutableBytes reserved_;
  Timestamp stalled_since_ = Timestamp::Never();
  bool started_ = false;
  bool broken_ = false;  // writing failed; the poller will say so too
};

}  // namespace sfu

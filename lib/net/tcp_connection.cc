// Outgoing datagrams are built in the Worker's arena as all are, and copied behind their lengths
// into the queue; one system call writes what a batch left there.
#include "net/tcp_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

namespace sfu {
namespace {

// As UdpSocket's: one connection must not starve the others.
constexpr int kMaxReadsPerRound = 4;
// Bytes that the kernel takes before it has sent them: what waits longer waits in our queue, where
// it can be refused.
constexpr int kMaxUnsentInKernel = 128 * 1024;

void SetOptions(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kMaxUnsentInKernel, sizeof(kMaxUnsentInKernel));
}

bool IsTemporary(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

TcpConnection::TcpConnection(Worker& worker, FileDescriptor fd, const SocketAddress& local,
                             const SocketAddress& remote, TcpConnectionOwner& owner,
                             TcpScratch& scratch, DropCounters& drops)
    : worker_(worker),
      fd_(std::move(fd)),
      local_(local),
      remote_(remote),
      owner_(owner),
      scratch_(scratch),
      drops_(drops),
      write_hook_(worker.batch_end(), *this) {
  SetOptions(fd_.get());
}

TcpConnection::~TcpConnection() {
  if (started_) worker_.poller().Remove(fd_.get(), this);
}

Status TcpConnection::Start() {
  Status watched = worker_.poller().Add(fd_.get(), EPOLLIN, this);
  started_ = watched.ok();
  return watched;
}

void TcpConnection::Watch(bool writable) {
  const uint32_t events = writable ? EPOLLIN | EPOLLOUT : EPOLLIN;
  // Should it fail, the listener sees that nothing is taken, and closes.
  if (!worker_.poller().Modify(fd_.get(), events, this)) broken_ = true;
}

void TcpConnection::OnFdReady(uint32_t events, Timestamp now) {
  if ((events & EPOLLOUT) != 0) Write(now);
  if (!Read(now)) owner_.OnTcpClosed(*this, now);
}

bool TcpConnection::Read(Timestamp now) {
  for (int i = 0; i < kMaxReadsPerRound; ++i) {
    const MutableBytes buffer = scratch_.bytes;
    const ssize_t size = recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0) return IsTemporary(errno);
    if (size == 0) return false;
    Deliver(buffer.first(static_cast<size_t>(size)), now);
    if (static_cast<size_t>(size) < buffer.size()) break;
  }
  return true;
}

void TcpConnection::Deliver(MutableBytes chunk, Timestamp now) {
  const uint64_t too_big = deframer_.too_big();
  const uint64_t empty = deframer_.empty();
  std::vector<MutableBytes>& frames = scratch_.frames;
  frames.clear();
  deframer_.Push(chunk, &frames);
  drops_.Add(DropReason::kTooBig, deframer_.too_big() - too_big);
  drops_.Add(DropReason::kBadFrame, deframer_.empty() - empty);
  if (frames.empty()) return;
  std::vector<ReceivedDatagram>& datagrams = scratch_.datagrams;
  datagrams.clear();
  for (const MutableBytes frame : frames) datagrams.push_back({frame, remote_, local_});
  owner_.OnTcpDatagrams(*this, datagrams, now);
}

MutableBytes TcpConnection::Reserve(size_t size) {
  return reserved_ = worker_.send_arena().Reserve(size);
}

void TcpConnection::Commit(const SocketAddress&, std::span<const uint16_t> sizes,
                           const SocketAddress&) {
  MutableBytes left = std::exchange(reserved_, {});
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (broken_ || sizes[i] > left.size()) {
      drops_.Add(DropReason::kSendFailed, sizes.size() - i);
      return;
    }
    if (!queue_.Push(left.first(sizes[i]))) drops_.Add(DropReason::kQueueFull);
    left = left.subspan(sizes[i]);
  }
  // While the peer is slow, the poller tells when there is room.
  if (!queue_.empty() && stalled_since_.is_never()) write_hook_.Request();
}

void TcpConnection::OnBatchEnd(Timestamp now) { Write(now); }

void TcpConnection::Write(Timestamp now) {
  const bool was_stalled = !stalled_since_.is_never();
  while (!queue_.empty() && !broken_) {
    const ByteView bytes = queue_.bytes();
    const ssize_t size = send(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0) {
      if (errno == EINTR) continue;
      broken_ = !IsTemporary(errno);
      break;
    }
    stalled_since_ = Timestamp::Never();
    queue_.Consume(static_cast<size_t>(size));
  }
  if (broken_) queue_.Consume(queue_.bytes().size());
  const bool stalled = !queue_.empty();
  if (!stalled) stalled_since_ = Timestamp::Never();
  if (stalled && stalled_since_.is_never()) stalled_since_ = now;
  if (stalled != was_stalled) Watch(stalled);
}

}  // namespace sfu

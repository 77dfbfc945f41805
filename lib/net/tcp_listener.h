// The TCP side of a shared ICE port: accepts connections, hands their datagrams to the
// demultiplexer, and closes those that do not prove by a valid connectivity check that they belong
// to a session, or that stop reading.
//
// Belongs to the Worker's thread.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <unordered_map>

#include "base/drop_counters.h"
#include "base/result.h"
#include "ice/ice_demux.h"
#include "net/file_descriptor.h"
#include "net/tcp_connection.h"
#include "net/tcp_listen.h"
#include "net/timer_queue.h"
#include "net/worker.h"

namespace sfu {

struct TcpLimits {
  size_t connections = 16'384;  // in all
  // Of those, connections without a valid check. When there are more, one of the network that has
  // most of them is closed, its oldest: so nobody can keep others out by himself.
  size_t waiting = 512;
  // A connection must bring its first valid check within so long.
  TimeDelta wait = TimeDelta::Seconds(10);
  // A peer that takes nothing for so long, though something waits for it, is given up.
  TimeDelta stall = TimeDelta::Seconds(10);
  // How often times are looked at.
  TimeDelta sweep = TimeDelta::Seconds(1);
};

class TcpListener final : private TcpConnectionOwner, private FdHandler {
 public:
  struct Counters {
    uint64_t accepted = 0;
    uint64_t refused = 0;         // there were too many, or descriptors have run out
    uint64_t closed_waiting = 0;  // without a valid check
    uint64_t closed_stalled = 0;  // did not read
  };

  // `worker` and `demux` must outlive it.
  static Result<std::unique_ptr<TcpListener>> Create(Worker& worker,
                                                     const TcpListenOptions& options,
                                                     IceDemux& demux, const TcpLimits& limits = {});
  // Sessions must not send by its connections any more.
  ~TcpListener() override;
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;

  // The bound address, with the port that was chosen.
  const SocketAddress& local_address() const { return local_; }
  size_t connection_count() const { return waiting_.size() + valid_.size(); }
  size_t waiting_count() const { return waiting_.size(); }
  const Counters& counters() const { return counters_; }
  const DropCounters& drops() const { return drops_; }

 private:
  struct Entry {
    std::unique_ptr<TcpConnection> connection;
    Timestamp accepted;
    bool valid;
  };
  using List = std::list<Entry>;

  TcpListener(Worker& worker, FileDescriptor fd, const SocketAddress& local, IceDemux& demux,
              const TcpLimits& limits);

  void OnFdReady(uint32_t events, Timestamp now) override;
  void OnTcpDatagrams(TcpConnection& connection, std::span<ReceivedDatagram> datagrams,
                      Timestamp now) override;
  void OnTcpClosed(TcpConnection& connection, Timestamp now) override;

  void Accept(FileDescriptor fd, const SocketAddress& remote, Timestamp now);
  void PauseAccepting(Timestamp now);
  void Close(List::iterator entry, Timestamp now);
  List::iterator OldestOfTheLargestNetwork();
  void StopWaiting(const Entry& entry);
  void Sweep(Timestamp now);
  static IceTuple TupleOf(const TcpConnection& connection);

  Worker& worker_;
  FileDescriptor fd_;
  const SocketAddress local_;
  IceDemux& demux_;
  const TcpLimits limits_;
  TcpScratch scratch_;
  List waiting_;                                   // in order of their arrival
  std::map<uint64_t, size_t> waiting_by_network_;  // how many; none that has none
  List valid_;
  std::unordered_map<const TcpConnection*, List::iterator> places_;
  Counters counters_;
  DropCounters drops_;
  Timer sweep_timer_;
  Timer accept_timer_;
  bool watched_ = false;
};

}  // namespace sfu

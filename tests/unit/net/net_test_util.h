// What the tests of net/ share: a Worker on the test's own thread, a receiver that remembers, and
// sending in one line.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/udp_socket.h"
#include "net/worker.h"

namespace sfu {

inline SocketAddress Address(std::string_view text) { return *SocketAddress::Parse(text); }

// Copies what it receives.
class RecordingReceiver : public DatagramReceiver {
 public:
  struct Datagram {
    std::string bytes;
    SocketAddress from;
    SocketAddress to;
  };

  void OnDatagrams(std::span<ReceivedDatagram> batch, Timestamp) override {
    batches.push_back(batch.size());
    for (const ReceivedDatagram& d : batch) {
      datagrams.push_back({std::string(d.bytes.begin(), d.bytes.end()), d.from, d.to});
    }
  }

  std::vector<std::string> Bytes() const {
    std::vector<std::string> all;
    for (const Datagram& d : datagrams) all.push_back(d.bytes);
    return all;
  }

  std::vector<Datagram> datagrams;
  std::vector<size_t> batches;
};

inline std::unique_ptr<Worker> MakeWorker(const NetFeatures& allowed = {}) {
  WorkerOptions options;
  options.allowed_features = allowed;
  auto worker = Worker::Create(options);
  EXPECT_TRUE(worker.ok());
  return std::move(worker).value();
}

inline UdpSocket::Ptr Bind(Worker& worker, DatagramReceiver* receiver,
                           std::string_view local = "127.0.0.1") {
  UdpSocketOptions options;
  options.local = Address(local);
  auto socket = UdpSocket::Create(worker, options, receiver);
  EXPECT_TRUE(socket.ok()) << (socket.ok() ? "" : socket.error().ToString());
  return socket.ok() ? std::move(socket).value() : nullptr;
}

// Hands the datagrams to the sender in one commit; RunOnce() sends them.
inline void Send(DatagramSender& sender, const SocketAddress& to,
                 const std::vector<std::string>& datagrams, const SocketAddress& from = {}) {
  std::string all;
  std::vector<uint16_t> sizes;
  for (const std::string& d : datagrams) {
    all += d;
    sizes.push_back(static_cast<uint16_t>(d.size()));
  }
  const MutableBytes space = sender.Reserve(all.size());
  ASSERT_EQ(space.size(), all.size());
  std::copy(all.begin(), all.end(), space.begin());
  sender.Commit(to, sizes, from);
}

// Rounds until `receiver` has `count` datagrams, or nothing more comes for a while.
inline void RunUntilReceived(Worker& worker, const RecordingReceiver& receiver, size_t count) {
  const Timestamp give_up = Worker::Now() + TimeDelta::Seconds(5);
  while (receiver.datagrams.size() < count && Worker::Now() < give_up) {
    worker.RunOnce(TimeDelta::Millis(100));
  }
}

// `count` datagrams that all differ, of `size` bytes each.
inline std::vector<std::string> MakeDatagrams(size_t count, size_t size) {
  std::vector<std::string> all;
  for (size_t i = 0; i < count; ++i) {
    std::string d(size, '\0');
    for (size_t k = 0; k < size; ++k) d[k] = static_cast<char>(i * 31 + k * 7 + (k >> 8));
    all.push_back(std::move(d));
  }
  return all;
}

}  // namespace sfu

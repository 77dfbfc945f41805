// What comes to a shared port, handed to the sessions behind it. Connectivity checks find their
// session by the local user name fragment; everything else by protocol and addresses, and only if a
// valid check came from there before (RFC 8842, section 6): DTLS and RTP of strangers are dropped.
//
// Sans-I/O; net/webrtc_server.h gives it sockets. Belongs to one Worker.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/datagram.h"
#include "base/drop_counters.h"
#include "base/siphash.h"
#include "base/time.h"
#include "ice/ice_types.h"
#include "ice/stun_limiter.h"
#include "ice/stun_responder.h"
#include "ice/tuple_table.h"

namespace sfu {

class IceLiteSession;

class IceDemux {
 public:
  struct Counters {
    uint64_t checks = 0;       // valid ones, answered with success
    uint64_t errors_sent = 0;  // answered with an error
    uint64_t indications = 0;  // keep-alives; ignored
  };

  // `key` is secret and random.
  explicit IceDemux(const SipKey& key);
  // Its sessions must be gone.
  ~IceDemux();
  IceDemux(const IceDemux&) = delete;
  IceDemux& operator=(const IceDemux&) = delete;

  // A batch from one socket or connection, at `now`; answers leave by `via`, which must stay until
  // it is closed (OnPathClosed()) or all sessions are gone. The bytes may be modified in place.
  // Observers are called; they may destroy sessions, but not call this.
  void OnDatagrams(std::span<ReceivedDatagram> datagrams, IceProtocol protocol, DatagramSender& via,
                   Timestamp now);

  // The connection behind this tuple is gone.
  void OnPathClosed(const IceTuple& tuple, Timestamp now);

  // True when a valid check has come on `tuple` and its session still has it.
  bool IsValidated(const IceTuple& tuple) const { return tuples_.Find(tuple) != nullptr; }

  const DropCounters& drops() const { return drops_; }
  const Counters& counters() const { return counters_; }
  size_t tuple_count() const { return tuples_.size(); }

 private:
  friend class IceLiteSession;

  // A validated tuple may go to another session (a peer's port was given to another one) only after
  // so long without a check: or who has one session could take another's path by forged addresses.
  static constexpr TimeDelta kTakeOverAfter = TimeDelta::Seconds(10);

  // The datagrams of one tuple in one batch: pieces of it, linked.
  struct Piece {
    std::span<ReceivedDatagram> datagrams;
    int32_t next = -1;
  };
  struct Group {
    IceTupleEntry* entry;  // null: it went away meanwhile
    int32_t first_piece;
    int32_t last_piece;
  };
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  // For sessions. False when the fragment is in use.
  bool AddFragment(const std::string& fragment, IceLiteSession* session);
  void RemoveFragment(const std::string& fragment);
  uint64_t HashOf(const IceTuple& tuple) const { return tuples_.Hash(tuple); }
  void AddTuple(IceTupleEntry* entry) { tuples_.Add(entry); }
  void RemoveTuple(IceTupleEntry* entry);

  void OnRun(std::span<ReceivedDatagram> run, IceProtocol protocol, DatagramSender& via,
             Timestamp now);
  void OnStun(const ReceivedDatagram& datagram, const IceTuple& tuple, uint64_t hash,
              DatagramSender& via, Timestamp now);
  void AnswerStranger(const ReceivedDatagram& datagram, const StunRequest& request,
                      DatagramSender& via, Timestamp now);
  // Sends the answer. True when the check is valid.
  bool Answer(const ReceivedDatagram& datagram, const StunRequest& request,
              std::string_view password, DatagramSender& via);
  bool MayTake(const IceTupleEntry* entry, const IceLiteSession* session, Timestamp now) const;
  IceLiteSession* FindSession(std::string_view fragment) const;
  void AddPiece(IceTupleEntry* entry, std::span<ReceivedDatagram> datagrams);
  void DispatchGroups(Timestamp now);
  std::span<ReceivedDatagram> Join(const Group& group);
  void Deliver(size_t group, std::span<ReceivedDatagram> datagrams, Timestamp now);

  TupleTable tuples_;
  StunLimiter limiter_;
  StunResponder responder_;
  std::unordered_map<std::string, IceLiteSession*, TextHash, std::equal_to<>> fragments_;
  DropCounters drops_;
  Counters counters_;
  // Of the batch in hand; they keep their memory.
  std::vector<Group> groups_;
  std::vector<Piece> pieces_;
  std::vector<ReceivedDatagram> joined_;
};

}  // namespace sfu

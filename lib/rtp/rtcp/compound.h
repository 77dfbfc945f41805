// Walking the packets of an RTCP datagram, compound (RFC 3550, section 6.1) or reduced-size
// (RFC 5506): any sequence of packets is taken.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/drop_counters.h"
#include "rtp/rtcp/common_header.h"

namespace sfu::rtcp {

// One packet. The body is what follows the common header, without padding, inside the datagram.
struct Packet {
  CommonHeader header;
  ByteView body;
};

//   for (CompoundReader reader(datagram); auto packet = reader.Next();) {
//     if (packet->header.Is(PacketType::kBye)) { … Bye::Parse(packet->header, packet->body) … }
//   }
// What was returned before an error stays valid.
class CompoundReader {
 public:
  explicit CompoundReader(ByteView datagram) : rest_(datagram), empty_(datagram.empty()) {}

  // The next packet, or nothing at the end, and after a version other than 2, a length that does
  // not fit, or padding that does not fit.
  std::optional<Packet> Next();

  // For a caller whose message parser refused the packet: the rest is dropped too, for bytes that
  // are wrong once are not to be trusted further on.
  void Fail();

  // kBadRtcp once a part of the datagram had to be dropped; count it when done.
  std::optional<DropReason> error() const;

 private:
  ByteView rest_;
  bool empty_;
  bool failed_ = false;
};

}  // namespace sfu::rtcp

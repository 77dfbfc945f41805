// Which stream a packet of one peer belongs to (RFC 9143, section 9.2; RFC 8852): by SSRC, else by
// the MID, RID and repaired RID in its header extensions, else by payload type.
//
// Only finds: a packet has to prove authentic before the session makes what was found known by
// Learn(). Header extensions are plain under SRTP, so they can be read before that.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/drop_counters.h"
#include "base/result.h"
#include "rtp/codec.h"
#include "rtp/header_extension.h"
#include "rtp/rtp_packet.h"
#include "transport/rtp_receiver.h"
#include "transport/ssrc_table.h"

namespace sfu {

class StreamDemux {
 public:
  using Receivers = std::vector<std::unique_ptr<RtpReceiver>>;

  struct Match {
    RtpReceiver* receiver = nullptr;
    RtpReceiver::Role role = RtpReceiver::Role::kNone;
    bool known = false;  // the SSRC is in the table
    DropReason reason = DropReason::kUnknownPayloadType;
  };

  // `receivers` are those of the session and must outlive this; `seed` is random.
  StreamDemux(const Receivers* receivers, uint64_t seed) : receivers_(receivers), table_(seed) {}

  // Whether the streams can be told apart, and payload types and extension ids keep their meaning
  // throughout the session. Errors name the field.
  Status Check(const RtpReceiverOptions& options) const;
  // After the receiver has come into the session's list, and after it has left it.
  void Add(RtpReceiver* receiver);
  void Remove(const RtpReceiver* receiver);

  // Whose packet this is. No receiver: nobody's, for `reason`. `header` has the datagram's SSRC and
  // payload type at least. Of an RTX stream that is not known, the receiver is one of those whose
  // it may be; FindRtxOwner() tells.
  Match Find(ByteView datagram, const RtpHeader& header, Timestamp now) const;
  // Whose RTX stream an authentic packet of an unknown SSRC begins: its that misses the packet
  // inside, else its that the names tell or that is the only one without an RTX stream. Null:
  // nobody's.
  RtpReceiver* FindRtxOwner(const RtpPacket& packet, const SocketAddress& from) const;

  // Whether there is room for a new SSRC of the receiver in this role.
  bool CanLearn(const RtpReceiver& receiver, RtpReceiver::Role role) const;
  // Makes the SSRC the receiver's, in place of the one it learnt before. Does nothing if it is
  // known or there is no room.
  void Learn(Ssrc ssrc, RtpReceiver* receiver, RtpReceiver::Role role);
  void Forget(Ssrc ssrc) { table_.Erase(ssrc); }
  // The receiver whose media, not retransmissions, have the SSRC; or null.
  RtpReceiver* ReceiverOf(Ssrc ssrc) const;

  // The id of an extension in this receiver's packets, else in those of others; 0: in none.
  uint8_t ExtensionId(const RtpReceiver& receiver, ExtensionType type) const;
  // Whether any stream's sender takes transport-wide feedback.
  bool has_transport_feedback() const { return has_transport_feedback_; }

 private:
  struct Names {
    std::string_view mid;
    std::string_view rid;
    std::string_view repaired_rid;
  };
  Status CheckSsrcs(const RtpReceiverOptions& options) const;
  Status CheckExtensions(const ExtensionIds& ids) const;
  void AddCodec(const RtpCodec& codec);
  Names ReadNames(const HeaderExtensionView& extensions) const;
  Match FindNew(ByteView datagram, const RtpHeader& header, Timestamp now) const;

  const Receivers* const receivers_;
  SsrcTable table_;
  // What each id means in this session (RFC 8285); kCount: nothing that we know.
  std::array<ExtensionType, 256> types_ = NoTypes();
  ExtensionIds ids_{};
  bool has_transport_feedback_ = false;

  static constexpr std::array<ExtensionType, 256> NoTypes() {
    std::array<ExtensionType, 256> types{};
    types.fill(ExtensionType::kCount);
    return types;
  }
};

}  // namespace sfu

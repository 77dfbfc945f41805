// SCTP associations and streams as mediasoup describes them. Data channels are not negotiated in
// band (RFC 8832) but by these objects.
#pragma once

#include <cstdint>
#include <optional>

namespace sfu::ortc {

// How many streams an association has at first, 1..65535 each: outgoing, and at most incoming.
struct NumSctpStreams {
  uint16_t os = 1024;
  uint16_t mis = 1024;

  bool operator==(const NumSctpStreams&) const = default;
};

// Of one end of an association.
struct SctpParameters {
  uint16_t port = 5000;
  NumSctpStreams streams;
  // Bytes of the largest message that this end sends, and takes.
  uint32_t max_send_message_size = 262144;
  uint32_t max_receive_message_size = 262144;
  // Runs over DTLS and carries data channels; false on plain and pipe transports.
  bool is_data_channel = true;

  bool operator==(const SctpParameters&) const = default;
};

// Of one data channel. At most one of the two limits is set; then it is not ordered, unless the
// limit is 0.
struct SctpStreamParameters {
  uint16_t stream_id = 0;  // 0..65534
  bool ordered = true;
  std::optional<uint16_t> max_packet_life_time;  // ms
  std::optional<uint16_t> max_retransmits;

  bool operator==(const SctpStreamParameters&) const = default;
};

}  // namespace sfu::ortc

// The few bits of RTP and RTCP that the tests look at (RFC 3550, RFC 4585, RFC 7741).

export const sequenceOf = packet => packet.readUInt16BE(2);
export const timestampOf = packet => packet.readUInt32BE(4);
export const ssrcOf = packet => packet.readUInt32BE(8);
// RTCP shares the port (RFC 5761, section 4).
export const isRtcp = packet => packet[1] >= 192 && packet[1] <= 223;

export function payloadOf(packet) {
  let begin = 12 + 4 * (packet[0] & 0x0f);
  if (packet[0] & 0x10) begin += 4 + 4 * packet.readUInt16BE(begin + 2);
  const padding = packet[0] & 0x20 ? packet.at(-1) : 0;
  return packet.subarray(begin, packet.length - padding);
}

// Whether a VP8 key frame begins with this packet.
export function beginsVp8KeyFrame(packet) {
  const payload = payloadOf(packet);
  if (payload.length === 0 || (payload[0] & 0x1f) !== 0x10) return false;
  let begin = 1;
  if (payload[0] & 0x80) {
    const flags = payload[begin++];
    if (flags & 0x80) begin += payload[begin] & 0x80 ? 2 : 1;
    if (flags & 0x40) begin += 1;
    if (flags & 0x30) begin += 1;
  }
  return begin < payload.length && (payload[begin] & 1) === 0;
}

// The RTCP messages of a compound.
export function* messagesOf(compound) {
  for (let begin = 0; begin + 4 <= compound.length;) {
    const end = begin + 4 + 4 * compound.readUInt16BE(begin + 2);
    yield compound.subarray(begin, end);
    begin = end;
  }
}

export const isNack = message => message[1] === 205 && (message[0] & 0x1f) === 1;
export const isPictureLoss = message => message[1] === 206 && (message[0] & 0x1f) === 1;

const feedback = (first, sender, media) => {
  const message = Buffer.alloc(4 * ((first & 0xffff) + 1));
  message.writeUInt32BE(first, 0);
  message.writeUInt32BE(sender, 4);
  message.writeUInt32BE(media, 8);
  return message;
};

// A generic NACK of one packet.
export function makeNack(sender, media, sequence) {
  const message = feedback(0x81cd0003, sender, media);
  message.writeUInt16BE(sequence, 12);
  return message;
}

// PLI: a request for a key frame.
export const makePictureLoss = (sender, media) => feedback(0x81ce0002, sender, media);

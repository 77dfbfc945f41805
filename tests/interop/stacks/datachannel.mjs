// node-datachannel: libdatachannel (OBS has it, too), with libjuice (ICE), OpenSSL (DTLS), libsrtp.
// Of RTP it does little by itself: the application brings whole packets, and asks for lost ones.

import nodeDataChannel from 'node-datachannel';

import {
  isNack, isPictureLoss, isRtcp, makeNack, makePictureLoss, messagesOf, sequenceOf, ssrcOf,
} from './rtp.mjs';

const {Audio, PeerConnection, RtcpNackResponder, Video} = nodeDataChannel;
const SSRCS = {video: 0x11112222, audio: 0x33334444};
const PAYLOAD_TYPES = {video: 96, audio: 111};
// Of a receiver's RTCP.
const OWN_SSRC = 1;
// Sequence numbers further apart are no gap.
const MAX_GAP = 100;

// Only the log tells.
let srtpProfile = '';
nodeDataChannel.initLogger('Debug', (_level, text) => {
  srtpProfile = text.match(/SRTP profile is: (\w+)/)?.[1] ?? srtpProfile;
});

// One connection, which sends or receives a picture and a sound. It counts for the picture.
class Connection {
  asked = {nacks: 0, pictureLosses: 0};
  nacksSent = 0;
  tracks = {};
  newest = {};

  // A receiver calls `onRtp` with the kind and each packet.
  constructor(onRtp) {
    this.onRtp = onRtp;
  }

  // `answerTo` brings an offer to the other end and gives its answer.
  async connect(direction, answerTo) {
    this.pc = new PeerConnection(direction, {iceServers: [], disableAutoNegotiation: true});
    const video = new Video('picture', direction === 'sendonly' ? 'SendOnly' : 'RecvOnly');
    video.addVP8Codec(PAYLOAD_TYPES.video);
    const audio = new Audio('sound', direction === 'sendonly' ? 'SendOnly' : 'RecvOnly');
    audio.addOpusCodec(PAYLOAD_TYPES.audio);
    for (const [kind, media] of Object.entries({video, audio})) {
      if (direction === 'sendonly') media.addSSRC(SSRCS[kind], 'cname', 'stream', `${kind}-track`);
      const track = this.pc.addTrack(media);
      // A handler for receivers would let no NACK through.
      if (direction === 'sendonly') track.setMediaHandler(new RtcpNackResponder());
      track.onMessage(packet => this.#take(kind, packet));
      this.tracks[kind] = track;
    }
    const gathered = new Promise(resolve => {
      this.pc.onGatheringStateChange(state => { if (state === 'complete') resolve(); });
    });
    this.pc.setLocalDescription('offer');
    await gathered;
    const connected = new Promise((resolve, reject) => {
      this.pc.onStateChange(state => {
        if (state === 'connected') resolve();
        if (state === 'failed') reject(new Error('not connected'));
      });
    });
    this.pc.setRemoteDescription(await answerTo(this.pc.localDescription().sdp), 'answer');
    await connected;
  }

  #take(kind, packet) {
    if (isRtcp(packet)) {
      for (const message of messagesOf(packet)) {
        if (isNack(message)) ++this.asked.nacks;
        if (isPictureLoss(message)) ++this.asked.pictureLosses;
      }
      return;
    }
    if (kind === 'video') this.#askForLost(kind, packet);
    this.onRtp(kind, packet);
  }

  #askForLost(kind, packet) {
    const sequence = sequenceOf(packet);
    const gap = this.newest[kind] === undefined ? 1 : (sequence - this.newest[kind]) & 0xffff;
    if (gap < MAX_GAP) {
      for (let lost = sequence - gap + 1; lost < sequence; ++lost) {
        ++this.nacksSent;
        this.tracks[kind].sendMessageBinary(makeNack(OWN_SSRC, ssrcOf(packet), lost & 0xffff));
      }
    }
    if (gap < 0x8000) this.newest[kind] = sequence;
    this.ssrc = ssrcOf(packet);
  }

  send(kind, packet) {
    packet.writeUInt32BE(SSRCS[kind], isRtcp(packet) ? 4 : 8);
    if (!isRtcp(packet)) packet[1] = (packet[1] & 0x80) | PAYLOAD_TYPES[kind];
    this.tracks[kind].sendMessageBinary(packet);
  }

  requestKeyFrame() {
    this.tracks.video.sendMessageBinary(makePictureLoss(OWN_SSRC, this.ssrc));
  }

  async srtpProfile() {
    return srtpProfile;
  }

  close() {
    this.pc.close();
  }
}

export const datachannel = {
  name: 'node-datachannel',
  make: onRtp => new Connection(onRtp),
  end: () => nodeDataChannel.cleanup(),
};

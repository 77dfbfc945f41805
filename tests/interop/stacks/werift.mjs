// werift: WebRTC in TypeScript alone, with ICE, DTLS and SRTP of its own.

import {createSocket} from 'node:dgram';

import {
  MediaStreamTrack, RTCPeerConnection, useAbsSendTime, useOPUS, useSdesMid, useTransportWideCC,
  useVP8,
} from 'werift';

import {isRtcp} from './rtp.mjs';

const KINDS = ['video', 'audio'];
// RFC 8489, section 5.
const BINDING_ERROR = 0x0111;
const STUN_HEADER = 20;

// werift asks a STUN server, in any case, and waits for it. This one refuses at once.
async function startStunServer() {
  const socket = createSocket('udp4');
  await new Promise(resolve => socket.bind(0, '127.0.0.1', resolve));
  socket.on('message', (request, from) => {
    const refusal = Buffer.alloc(STUN_HEADER + 8);
    request.copy(refusal, 0, 0, STUN_HEADER);
    refusal.writeUInt16BE(BINDING_ERROR, 0);
    refusal.writeUInt16BE(8, 2);
    refusal.writeUInt32BE(0x00090004, STUN_HEADER);      // ERROR-CODE,
    refusal.writeUInt32BE(0x00000400, STUN_HEADER + 4);  // 400
    socket.send(refusal, from.port, from.address);
  });
  return socket;
}

// One connection, which sends or receives a picture and a sound. It counts for the picture.
class Connection {
  // A receiver calls `onRtp` with the kind and each packet.
  constructor(onRtp) {
    this.onRtp = onRtp;
  }

  // `answerTo` brings an offer to the other end and gives its answer.
  async connect(direction, answerTo) {
    const extensions = [useSdesMid(), useAbsSendTime()];
    this.stunServer = await startStunServer();
    this.pc = new RTCPeerConnection({
      iceServers: [{urls: `stun:127.0.0.1:${this.stunServer.address().port}`}],
      bundlePolicy: 'max-bundle',
      codecs: {video: [useVP8()], audio: [useOPUS()]},
      headerExtensions: {video: [...extensions, useTransportWideCC()], audio: extensions},
    });
    this.tracks = {};
    this.transceivers = {};
    for (const kind of KINDS) {
      if (direction === 'sendonly') this.tracks[kind] = new MediaStreamTrack({kind});
      this.transceivers[kind] = this.pc.addTransceiver(this.tracks[kind] ?? kind, {direction});
    }
    this.pc.onTrack.subscribe(track => {
      track.onReceiveRtp.subscribe(packet => this.onRtp(track.kind, packet.serialize()));
    });
    await this.pc.setLocalDescription(await this.pc.createOffer());
    const sdp = await answerTo(this.pc.localDescription.sdp);
    const connected = new Promise((resolve, reject) => {
      this.pc.connectionStateChange.subscribe(state => {
        if (state === 'connected') resolve();
        if (state === 'failed') reject(new Error('not connected'));
      });
    });
    await this.pc.setRemoteDescription({type: 'answer', sdp});
    await connected;
  }

  // It writes sender reports of its own.
  send(kind, packet) {
    if (!isRtcp(packet)) this.tracks[kind].writeRtp(packet);
  }

  requestKeyFrame() {
    const {receiver} = this.transceivers.video;
    return receiver.sendRtcpPLI(receiver.track.ssrc);
  }

  // What a sender was asked for.
  get asked() {
    const {sender} = this.transceivers.video;
    return {nacks: sender.nackCount, pictureLosses: sender.pliCount};
  }

  // How often a receiver has asked for packets again.
  get nacksSent() {
    const {receiver} = this.transceivers.video;
    return receiver.nackCountBySsrc[receiver.track.ssrc] ?? 0;
  }

  async srtpProfile() {
    const reports = await this.pc.getStats();
    return [...reports.values()].find(report => report.type === 'transport').srtpCipher;
  }

  // Also twice.
  async close() {
    if (this.closed) return;
    this.closed = true;
    this.stunServer.close();
    await this.pc.close();
  }
}

export const werift = {name: 'werift', make: onRtp => new Connection(onRtp)};

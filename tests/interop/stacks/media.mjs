// Clips whose frames can be told apart, and RTP on UDP ports of this machine (../media).

import {execFile} from 'node:child_process';
import {createSocket} from 'node:dgram';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';

const run = promisify(execFile);
const TOOLS = fileURLToPath(new URL('../media/', import.meta.url));
export const FPS = 25;

// A folder that goes with the session.
export async function makeFolder(session) {
  const folder = await mkdtemp(join(tmpdir(), 'sfu-stacks-'));
  session.defer(() => rm(folder, {recursive: true}));
  return folder;
}

// VP8 and Opus.
export async function makeClip(folder, seconds) {
  const clip = join(folder, 'clip.mkv');
  await run('python3', [join(TOOLS, 'make_clip.py'), clip, '--seconds', seconds, '--fps', FPS]);
  return clip;
}

// What check_media.py finds in a file.
export async function checkFile(file) {
  return JSON.parse((await run('python3', [join(TOOLS, 'check_media.py'), file])).stdout);
}

// A UDP socket on a port of 127.0.0.1. `take` gets each datagram.
export async function openPort(session, take = () => {}) {
  const socket = createSocket('udp4');
  await new Promise(resolve => socket.bind(0, '127.0.0.1', resolve));
  socket.on('message', take);
  session.defer(() => new Promise(resolve => socket.close(resolve)));
  return socket;
}

// FFmpeg sending a clip as it is, in real time, RTP and RTCP of each kind to its port.
export function sendClip(session, clip, ports) {
  const outputs = Object.entries(ports).flatMap(([kind, port]) => [
    '-map', `0:${kind[0]}`, '-c', 'copy', '-f', 'rtp',
    `rtp://127.0.0.1:${port}?rtcpport=${port}&pkt_size=1200`,
  ]);
  return session.program(['ffmpeg', '-v', 'error', '-nostdin', '-re', '-i', clip, ...outputs]);
}

// GStreamer writing RTP into a file, until it is stopped. take() gives it a packet, whatever its
// payload type.
export class Receiver {
  static #STREAMS = {
    video: {port: 5000, type: 96, codec: 'VP8', rate: 90000, depayloader: 'rtpvp8depay'},
    audio: {
      port: 5002, type: 97, codec: 'OPUS', rate: 48000, depayloader: 'rtpopusdepay ! opusparse',
    },
  };

  static async start(session, file) {
    const receiver = new Receiver();
    const branches = Object.entries(Receiver.#STREAMS).map(
      ([kind, {port, type, codec, rate, depayloader}]) =>
        `udpsrc address=127.0.0.1 port=${port} caps=application/x-rtp,media=${kind},` +
        `payload=${type},encoding-name=${codec},clock-rate=${rate} ! ` +
        `rtpjitterbuffer latency=500 ! ${depayloader} ! mux.`);
    receiver.program = launch(
      session, [...branches, `matroskamux name=mux ! filesink location=${file}`]);
    receiver.socket = await openPort(session);
    await receiver.program.waitForOutput(/New clock/);
    return receiver;
  }

  take(kind, packet) {
    const {port, type} = Receiver.#STREAMS[kind];
    packet[1] = (packet[1] & 0x80) | type;
    this.socket.send(packet, port, '127.0.0.1');
  }
}

// A pipeline, given in parts that are split at blanks.
export function launch(session, parts) {
  return session.program(['gst-launch-1.0', '-e', ...parts.join(' ').split(/ +/)]);
}

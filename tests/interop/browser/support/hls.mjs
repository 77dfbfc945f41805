// Broadcasts of sfu-room, as a player sees them.

import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';

const wait = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

// The playlist; its text is empty while there is none.
export async function read(url) {
  const response = await fetch(url);
  const text = await response.text();
  if (response.status !== 200) {
    assert.equal(response.status, 404);
    return {text: ''};
  }
  assert.equal(response.headers.get('content-type'), 'application/vnd.apple.mpegurl');
  assert.equal(response.headers.get('cache-control'), 'no-cache');
  assert.equal(response.headers.get('access-control-allow-origin'), '*');
  assert.match(text, /^#EXTM3U\n#EXT-X-VERSION:3\n/);
  return {text};
}

// The segments that a playlist names: {number, url, duration, date: ms since 1970, target}.
export function segmentsOf(text, url) {
  const first = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)[1]);
  const target = Number(/#EXT-X-TARGETDURATION:(\d+)/.exec(text)[1]);
  const entries = text.matchAll(/#EXT-X-PROGRAM-DATE-TIME:(\S+)\n#EXTINF:([\d.]+),\n(\S+)/g);
  return [...entries].map(([, date, duration, name], index) => ({
    number: first + index, url: new URL(name, url).href, duration: Number(duration),
    date: Date.parse(date), target, begins: text.includes(`#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:${date}`)}));
}

// Those of a room, by the REST API.
export class Hls {
  constructor(server, room) {
    this.address = `${server.url}api/rooms/${room}/hls`;
  }

  async ask(method, path = '', body = undefined) {
    const response = await fetch(this.address + path, {
      method, body: body && JSON.stringify(body),
      headers: body ? {'Content-Type': 'application/json'} : {}});
    return {status: response.status, headers: response.headers, body: await response.json()};
  }

  // Reads a playlist again and again, and judges what it says by RFC 8216. Gives all segments that it
  // named, and when each was there first (ms since 1970).
  async follow(url, seconds) {
    const segments = [];
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await wait(50)) {
      const {text} = await read(url);
      if (text === '') continue;
      const listed = segmentsOf(text, url);
      // None is too long (4.3.3.1), numbers go up one by one (6.2.1), and what was named stays the same.
      for (const segment of listed) {
        assert.ok(Math.round(segment.duration) <= segment.target, text);
        const known = segments.find(({number}) => number === segment.number);
        if (known === undefined) {
          const before = segments.at(-1);
          assert.ok(before === undefined || before.number + 1 === segment.number, text);
          segments.push({...segment, seen: Date.now()});
        } else {
          assert.deepEqual({...known, seen: 0}, {...segment, seen: 0});
        }
      }
      assert.ok(listed.length <= 6);
    }
    // One follows the other without a gap.
    for (const [index, {date, duration, begins}] of segments.entries()) {
      const next = segments[index + 1];
      if (next === undefined || next.begins) continue;
      assert.ok(Math.abs(date + duration * 1000 - next.date) <= 2, `${begins} ${date} ${duration} ${next.date}`);
    }
    return segments;
  }
}

// Decodes segments: {frames, sound: seconds}. What FFmpeg complains of is an error.
export function decode(bytes) {
  const {status, stdout, stderr} = spawnSync(
    'ffmpeg', ['-v', 'warning', '-nostdin', '-f', 'mpegts', '-i', '-', '-map', '0:v', '-map', '0:a', '-f', 'framecrc', '-'],
    {input: bytes, maxBuffer: 1 << 26});
  assert.deepEqual([status, `${stderr}`], [0, '']);
  const lines = `${stdout}`.split('\n').filter(line => /^\d/.test(line)).map(line => line.split(',').map(Number));
  const samples = lines.filter(([stream]) => stream === 1).reduce((sum, line) => sum + line[3], 0);
  return {frames: lines.filter(([stream]) => stream === 0).length, sound: samples / 48_000};
}

// How many key frames there are.
export function keyFrames(bytes) {
  const {stdout} = spawnSync('ffprobe', ['-v', 'error', '-show_packets', '-select_streams', 'v', '-of', 'json', '-'],
                             {input: bytes, maxBuffer: 1 << 26});
  return JSON.parse(stdout).packets.filter(({flags}) => flags.includes('K')).length;
}

// In the page of one who sends, before its own scripts: his camera shows what time it is, as 16 bars, black
// or white, and below them the same the other way round.
export function paintClock() {
  const {mediaDevices} = navigator;
  const original = mediaDevices.getUserMedia.bind(mediaDevices);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [640, 360];
  const context = canvas.getContext('2d', {alpha: false});
  setInterval(() => {
    const time = Math.floor(Date.now() / 10) % 65_536;
    for (let bit = 0; bit < 16; ++bit) {
      for (const row of [0, 1]) {
        context.fillStyle = (time >> bit & 1) === row ? '#222' : '#ddd';
        context.fillRect(bit * 40, row * 180, 40, 180);
      }
    }
  }, 33);
  mediaDevices.getUserMedia = async wanted => {
    const stream = await original(wanted);
    if (!wanted.video) return stream;
    return new MediaStream([...stream.getAudioTracks(), ...canvas.captureStream(30).getVideoTracks()]);
  };
}

// In a page that watches: from that clock to what is shown now, in ms; null: it cannot be read.
export function readClock() {
  const video = document.getElementById('video');
  const canvas = new OffscreenCanvas(16, 4);
  const context = canvas.getContext('2d', {willReadFrequently: true});
  context.drawImage(video, 0, 0, 16, 4);
  const now = Math.floor(Date.now() / 10);
  const light = (x, y) => context.getImageData(x, y, 1, 1).data[1] > 128;
  let time = 0;
  for (let bit = 0; bit < 16; ++bit) {
    if (light(bit, 0) === light(bit, 3)) return null;
    time += light(bit, 0) ? 1 << bit : 0;
  }
  return (now - time & 65_535) * 10;
}

// Several participants in one room, with codecs, payload types and extension ids of their own: a page
// that sends its camera and its screen, a Firefox, and FFmpeg over plaintransport, all watched by one
// Chromium. usage: room_test.mjs ROOM_SERVER PAGE: the program, and the folder of the page, of room/.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {test} from 'node:test';

import {interopResult} from './support/results.mjs';
import {Session} from './support/session.mjs';
import {captured, codecOf, freezes, received, sent, sketch, transports} from './support/stats.mjs';

const [roomServer, room] = process.argv.slice(2);
const SECONDS = 20;
const FFMPEG_PORT = 5004;
const FFMPEG_FPS = 30;
const skip = process.env.SFU_TEST_ALL === '1' ? false : 'takes long: SFU_TEST_ALL=1';

// What mediasoup is told of FFmpeg.
const FFMPEG_PRODUCES = {
  kind: 'video',
  rtpParameters: {
    codecs: [{mimeType: 'video/VP8', payloadType: 96, clockRate: 90000}],
    encodings: [{ssrc: 22222222}],
  },
};

const produce = (source, mimeType) => window.room.produce(source, mimeType);
const consume = id => window.room.consume(id);

async function join(browser, url) {
  const page = await browser.open(url);
  await page.evaluate(() => window.room.join());
  return page;
}

async function startRoom(session) {
  const program = session.program([
    roomServer, '192.0.2.1', room,
    `sfurouter name=r  plaintransport name=ffmpeg address=127.0.0.1 port=${FFMPEG_PORT} comedia=true`,
    'ffmpeg', JSON.stringify(FFMPEG_PRODUCES)]);
  const [, url] = await program.waitForOutput(/open (http\S+\/)\?auto/);
  const [, produced] = program.output.match(/^produced (.*)$/m);
  return {url, ffmpegId: JSON.parse(produced).id};
}

// A key frame each second: FFmpeg cannot be asked for one.
function startFfmpeg(session) {
  return session.program([
    'ffmpeg', '-v', 'error', '-nostdin', '-progress', 'pipe:1', '-stats_period', '0.1', '-re', '-f', 'lavfi',
    '-i', `testsrc2=size=320x180:rate=${FFMPEG_FPS}`, '-c:v', 'libvpx', '-deadline', 'realtime',
    '-cpu-used', '8', '-g', `${FFMPEG_FPS}`, '-b:v', '300k', '-payload_type', '96',
    '-ssrc', `${FFMPEG_PRODUCES.rtpParameters.encodings[0].ssrc}`, '-f', 'rtp',
    `rtp://127.0.0.1:${FFMPEG_PORT}?pkt_size=1200`]);
}

function framesSentBy(ffmpeg) {
  return Number(ffmpeg.output.match(/frame=(\d+)/g).at(-1).slice('frame='.length));
}

// The frames that a producer's source gave while the viewer's samples were taken.
function sourceFrames({mimeType}, samples) {
  const sources = captured(samples);
  if (sources.length === 1) return sources[0].frames;  // Firefox does not say which is whose.
  const stream = sent(samples, 'video').find(one => codecOf(samples, one) === mimeType);
  return sources.find(({last}) => last.id === stream.last.mediaSourceId).frames;
}

function checkViewed({name, mimeType, payloadType, extensions, consumer}, frames, atViewer) {
  const video = received(atViewer, 'video').find(one => one.last.ssrc === consumer.ssrc);
  console.log(`# ${name} ${mimeType}: ${video.framesDecoded} of ${frames} frames decoded`);
  const said = `${name} ${mimeType}\n${sketch(atViewer)}`;
  assert.equal(codecOf(atViewer, video), mimeType);
  assert.ok(frames > 20 * SECONDS, `only ${frames} frames of ${said}`);
  assert.ok(video.framesDecoded >= 0.9 * frames,
            `${video.framesDecoded} of ${frames} frames decoded: ${said}`);
  assert.equal(freezes(video), 0, `${freezes(video)} freezes: ${said}`);
  // The router renumbers.
  assert.notEqual(payloadType, consumer.payloadType);
  const common = Object.keys(extensions).filter(uri => uri in consumer.extensions);
  assert.ok(name === 'FFmpeg' || common.some(uri => extensions[uri] !== consumer.extensions[uri]),
            `${name} has the router's extension ids`);
}

async function watchAll(session, facts) {
  const {url, ffmpegId} = await startRoom(session);
  const ffmpeg = startFfmpeg(session);
  const [chromium, firefox] = await Promise.all(
    ['chromium', 'firefox'].map(name => session.browser(name)));
  const [host, guest, viewer] = [
    await join(chromium, url), await join(firefox, url), await join(chromium, url)];
  const producers = [
    {name: 'camera', page: host, mimeType: 'video/H264',
     ...await host.evaluate(produce, 'camera', 'video/H264')},
    {name: 'screen', page: host, mimeType: 'video/VP8',
     ...await host.evaluate(produce, 'screen', 'video/VP8')},
    {name: 'Firefox', page: guest, mimeType: 'video/VP8',
     ...await guest.evaluate(produce, 'camera', 'video/VP8')},
    {name: 'FFmpeg', mimeType: 'video/VP8', id: ffmpegId, payloadType: 96, extensions: {}},
  ];
  facts.peer = await chromium.version();
  for (const producer of producers) {
    producer.consumer = await viewer.evaluate(consume, producer.id);
  }
  await viewer.waitFor(() => [...document.querySelectorAll('video')].every(
    video => video.currentTime > 0.5));
  const ffmpegBefore = framesSentBy(ffmpeg);
  const [atHost, atGuest, atViewer] = await Promise.all(
    [host, guest, viewer].map(page => page.collectStats(SECONDS)));
  const ffmpegFrames = framesSentBy(ffmpeg) - ffmpegBefore;
  for (const samples of [atHost, atViewer]) {
    for (const {srtpCipher} of transports(samples)) {
      facts.cipher = srtpCipher;
      assert.equal(srtpCipher, 'SRTP_AEAD_AES_128_GCM');
    }
  }
  for (const producer of producers) {
    const frames = producer.page === undefined ? ffmpegFrames :
      sourceFrames(producer, producer.page === host ? atHost : atGuest);
    checkViewed(producer, frames, atViewer);
  }
}

test('one viewer gets H264, VP8, what Firefox sends and what FFmpeg sends', {skip},
     () => Session.run(async session => {
  const version = execFileSync('ffmpeg', ['-version']).toString().split(' ')[2];
  const room = {
    peer: '', through: 'mediasoup-client', direction: 'from us', codecs: ['H264', 'VP8'],
    transport: 'udp', note: 'one page\'s camera and screen, Firefox and FFmpeg at once',
  };
  const ffmpeg = {
    peer: `FFmpeg ${version}`, through: 'plaintransport, produce', direction: 'to us',
    codecs: ['VP8'], transport: 'udp', note: 'watched by Chromium',
  };
  await interopResult('room viewer', room, saw =>
    interopResult('room ffmpeg', ffmpeg, () => watchAll(session, saw)));
}));

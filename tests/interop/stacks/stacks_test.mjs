// WebRTC stacks that are neither browsers nor GStreamer publish by WHIP and watch by WHEP: real
// media both ways, with every 20th datagram lost, judged by the numbers that frames show.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, test} from 'node:test';

import {interopResult} from '../browser/support/results.mjs';
import {Session} from '../browser/support/session.mjs';
import {datachannel} from './datachannel.mjs';
import {
  checkFile, FPS, launch, makeClip, makeFolder, openPort, Receiver, sendClip,
} from './media.mjs';
import {beginsVp8KeyFrame, sequenceOf, ssrcOf, timestampOf} from './rtp.mjs';
import {werift} from './werift.mjs';

const PORT = 8080;
const ICE_PORT = 44444;
const SECONDS = 5;
// From a request for a key frame to its first packet, an encoder between.
const MAX_KEY_FRAME_MS = 500;
// Sound and picture may be so far apart in a file.
const MAX_AV_SECONDS = 0.04;
const packages = JSON.parse(readFileSync(new URL('package.json', import.meta.url)));
const TO_US = {direction: 'to us', through: 'WHIP'};
const FROM_US = {direction: 'from us', through: 'WHEP'};
const STACKS = [werift, datachannel];

const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

const post = (path, offer) => fetch(`http://127.0.0.1:${PORT}${path}`, {
  method: 'POST', headers: {'Content-Type': 'application/sdp'}, body: offer,
});

// POSTs an offer until there is an answer: a viewer may come before there is anything to watch.
// Gives the answer, and its Location.
async function ask(path, offer) {
  for (const end = Date.now() + 10_000; ; await sleep(100)) {
    const response = await post(path, offer);
    const text = await response.text();
    if (response.status === 201) return {answer: text, location: response.headers.get('Location')};
    assert.equal(response.status, 409, text);
    assert.ok(Date.now() < end, text);
  }
}

// What a request for a session is answered.
const statusOf = async ({location}, method) =>
  (await fetch(`http://127.0.0.1:${PORT}${location}`, {method})).status;

// A pipeline with a server.
async function serve(session, parts) {
  const program = launch(session, [
    `sfuserver name=s address=127.0.0.1 port=${PORT} ice-port=${ICE_PORT}`, ...parts]);
  await program.waitForOutput(/New clock/);
  return program;
}

async function connect(session, stack, direction, onRtp) {
  const connection = stack.make(onRtp);
  session.defer(() => connection.close());
  const path = direction === 'sendonly' ? '/whip' : '/whep';
  await connection.connect(direction, async offer => {
    const {answer, location} = await ask(path, offer);
    Object.assign(connection, {location, offer});
    return answer;
  });
  return connection;
}

// A test whose body gets a session, and is told of in the table of peers.
function stackTest(stack, what, facts, body) {
  const name = `${stack.name} ${what}`;
  const peer = `${stack.name} ${packages.dependencies[stack.name]}`;
  test(name, () => Session.run(session => interopResult(
    name, {peer, codecs: ['VP8', 'opus'], transport: 'udp', note: '5 % loss', ...facts},
    async saw => {
      const connection = await body(session);
      saw.cipher = await connection.srtpProfile();
      assert.match(saw.cipher, /GCM/);
    })));
}

// Loses every 20th datagram, of one direction.
function loseSome(session, direction) {
  const rule = ['INPUT', '-p', 'udp', direction, ICE_PORT, '-m', 'statistic', '--mode', 'nth',
                '--every', '20', '--packet', '7', '-j', 'DROP'];
  execFileSync('iptables', ['-A', ...rule]);
  session.defer(() => execFileSync('iptables', ['-D', ...rule]));
}

function checkFrames(report, least) {
  assert.deepEqual(report.errors, []);
  for (const fault of ['missing', 'repeated', 'out_of_order']) {
    assert.deepEqual(report[fault], [], `${fault} of ${report.first} to ${report.last}`);
  }
  assert.equal(report.unreadable, 0);
  assert.ok(report.frames >= least, `${report.frames} frames`);
}

for (const stack of STACKS) {
  stackTest(stack, 'publishes into a file', TO_US, async session => {
    const folder = await makeFolder(session);
    const clip = await makeClip(folder, SECONDS);
    const file = join(folder, 'out.mkv');
    const program = await serve(session, [
      's.src_0 ! rtpvp8depay ! mux. s.src_1 ! rtpopusdepay ! opusparse ! mux.',
      `matroskamux name=mux ! filesink location=${file}`]);
    const connection = await connect(session, stack, 'sendonly');
    loseSome(session, '--dport');
    const ports = {};
    for (const kind of ['video', 'audio']) {
      const socket = await openPort(session, packet => connection.send(kind, packet));
      ports[kind] = socket.address().port;
    }
    assert.equal(await sendClip(session, clip, ports).ended, 0);
    await sleep(300);
    assert.equal(await program.stop(), 0, program.output);
    const report = await checkFile(file);
    checkFrames(report, SECONDS * FPS);
    assert.ok(Math.abs(report.av_max) <= MAX_AV_SECONDS, `sound is off by ${report.av_max} s`);
    assert.ok(connection.asked.nacks > 0, 'nothing was asked for again');
    assert.ok(connection.asked.pictureLosses > 0, 'no key frame was asked for');
    return connection;
  });

  stackTest(stack, 'watches an encoder', FROM_US, async session => {
    const folder = await makeFolder(session);
    const clip = await makeClip(folder, SECONDS + 4);
    const file = join(folder, 'out.mkv');
    const receiver = await Receiver.start(session, file);
    await serve(session, [
      `filesrc location=${clip} ! matroskademux name=d`,
      'd. ! queue ! vp8dec ! vp8enc deadline=1 cpu-used=8 keyframe-max-dist=10000 !',
      'rtpvp8pay ! s.sink_0',
      'd. ! queue ! opusparse ! rtpopuspay ! s.sink_1']);
    const keyFrames = new Map();  // when each first came, by its timestamp
    const connection = await connect(session, stack, 'recvonly', (kind, packet) => {
      if (kind === 'video' && beginsVp8KeyFrame(packet) && !keyFrames.has(timestampOf(packet))) {
        keyFrames.set(timestampOf(packet), Date.now());
      }
      receiver.take(kind, packet);
    });
    // Nobody misses what was lost before the first packet.
    await sleep(SECONDS * 100);
    loseSome(session, '--sport');
    await sleep(SECONDS * 400);
    const asked = Date.now();
    await connection.requestKeyFrame();
    await sleep(SECONDS * 500);
    assert.equal(await receiver.program.stop(), 0, receiver.program.output);
    const report = await checkFile(file);
    checkFrames(report, 0.8 * SECONDS * FPS);
    assert.ok(report.audio_duration >= 0.8 * SECONDS, `${report.audio_duration} s of sound`);
    assert.ok(connection.nacksSent > 0, 'nothing was lost');
    // The encoder makes none by itself.
    const delays = [...keyFrames.values()].map(time => time - asked).filter(delay => delay >= 0);
    assert.equal(delays.length, 1, `key frames after ${delays}`);
    assert.ok(delays[0] < MAX_KEY_FRAME_MS, `a key frame after ${delays[0]} ms`);
    return connection;
  });
}

// One publisher goes, and another program takes the place. The viewer stays.
test('a viewer goes on when a publisher comes back', () => Session.run(async session => {
  const folder = await makeFolder(session);
  const clip = await makeClip(folder, 2);
  await serve(session, []);
  const packets = [];
  let viewer;
  for (const stack of [datachannel, werift]) {
    const publisher = await connect(session, stack, 'sendonly');
    viewer ??= await connect(session, werift, 'recvonly', (kind, packet) => {
      if (kind === 'video') packets.push(packet);
    });
    const ports = {};
    for (const kind of ['video', 'audio']) {
      const socket = await openPort(session, packet => publisher.send(kind, packet));
      ports[kind] = socket.address().port;
    }
    const before = packets.length;
    assert.equal(await sendClip(session, clip, ports).ended, 0);
    const came = packets.slice(before);
    const frames = new Set(came.map(timestampOf)).size;
    assert.ok(frames >= 0.9 * 2 * FPS, `${frames} frames by ${stack.name}`);
    assert.ok(beginsVp8KeyFrame(came[0]), `no key frame by ${stack.name}`);
    await publisher.close();
    // Who has said so by DTLS is gone already.
    const status = await statusOf(publisher, 'DELETE');
    assert.ok(status === 200 || status === 404, `status ${status}`);
    assert.equal((await post('/whep', viewer.offer)).status, 409);
  }
  // One unbroken stream.
  assert.equal(new Set(packets.map(ssrcOf)).size, 1);
  for (let i = 1; i < packets.length; ++i) {
    const step = (sequenceOf(packets[i]) - sequenceOf(packets[i - 1])) & 0xffff;
    assert.equal(step, 1, `packet ${i} of ${packets.length}`);
    const later = (timestampOf(packets[i]) - timestampOf(packets[i - 1])) >>> 0;
    assert.ok(later < 0x80000000, `timestamp of packet ${i}`);
  }
}));

const all = {
  skip: process.env.SFU_TEST_ALL === '1' ? false : 'it takes half a minute: --all runs it',
};

// Consent expires (RFC 7675): ICE is disconnected, and with it the session ends.
test('who falls silent is forgotten', all, () => Session.run(async session => {
  await serve(session, []);
  const publisher = await connect(session, datachannel, 'sendonly');
  const begin = Date.now();
  const rule = ['INPUT', '-p', 'udp', '--dport', ICE_PORT, '-j', 'DROP'];
  execFileSync('iptables', ['-A', ...rule]);
  session.defer(() => execFileSync('iptables', ['-D', ...rule]));
  while (Date.now() - begin < 60_000 && await statusOf(publisher, 'GET') === 204) await sleep(500);
  const seconds = (Date.now() - begin) / 1000;
  assert.ok(seconds > 20 && seconds < 40, `after ${seconds} s`);
  assert.equal(await statusOf(publisher, 'DELETE'), 404);
}));

after(() => datachannel.end());

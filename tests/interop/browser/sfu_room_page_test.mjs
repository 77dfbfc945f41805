// What the page of sfu-room does beside the meeting itself. usage: sfu_room_page_test.mjs SFU_ROOM: the
// program.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';

import {RoomServer, meets, press, sees} from './support/meeting.mjs';
import {Client} from './support/room_client.mjs';
import {Session} from './support/session.mjs';

const [sfuRoom] = process.argv.slice(2);
const long = {skip: process.env.SFU_TEST_ALL === '1' ? false : 'takes long: SFU_TEST_ALL=1'};

// A microphone that hums as loud as `sfuVoice.gain.value` says; a camera there is none.
function hum() {
  navigator.mediaDevices.getUserMedia = async wanted => {
    if (!wanted.audio) throw new DOMException('no', 'NotFoundError');
    const context = new AudioContext();
    const [tone, microphone] = [context.createOscillator(), context.createMediaStreamDestination()];
    window.sfuVoice = context.createGain();
    window.sfuVoice.gain.value = 0;
    tone.connect(window.sfuVoice).connect(microphone);
    tone.start();
    return microphone.stream;
  };
}

const setVoice = gain => { window.sfuVoice.gain.value = gain; };

// How high the bars beside that name are, 0 to 1.
const barsOf = name => Number(
  document.querySelector(`[data-tile=${name}]`).style.getPropertyValue('--level'));

test('the bars beside a name follow the voice', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const chromium = await session.browser('chromium');
  const ann = await server.join(chromium, 'Ann', {prepare: hum});
  const bob = await server.join(chromium, 'Bob', {prepare: hum});
  await ann.waitFor(() => window.sfuVoice !== undefined);
  const annsBars = (page, check) => page.waitFor(
    `(${check})((${barsOf})('Ann')) && (${barsOf})('Bob') === 0`);
  for (const [gain, check] of [[0.5, level => level > 0.7], [0.02, level => level > 0.1 && level < 0.6],
                               [0, level => level === 0]]) {
    await ann.evaluate(setVoice, gain);
    await Promise.all([ann, bob].map(page => annsBars(page, check)));
  }
}));

// What is sent: the names of the microphone and of the camera.
function sentFrom() {
  const senders = window.sfuPeers.flatMap(peer => peer.getSenders()).filter(
    ({track}) => track?.readyState === 'live');
  return ['audio', 'video'].map(kind => senders.find(({track}) => track.kind === kind)?.track.label);
}

// The tracks that come from that person.
const tracksOf = name => document.querySelector(`video[data-peer=${name}]`).srcObject.getTracks().map(
  ({id}) => id).sort();

test('another camera and microphone take the place of those before', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const chromium = await session.browser('chromium');
  const ann = await server.join(chromium, 'Ann');
  const bob = await server.join(chromium, 'Bob');
  await meets(bob, 'Ann');
  const before = await ann.evaluate(sentFrom);
  const tracks = await bob.evaluate(tracksOf, 'Ann');
  await press(ann, 'devices');
  await ann.waitFor(() => document.getElementById('device-dialog').open);
  const wanted = await ann.evaluate(([mic, cam]) => {
    const choose = (id, used) => {
      const select = document.getElementById(id);
      const other = [...select.options].find(({value, text}) => /^[0-9a-f]{20}/.test(value) && text !== used);
      select.value = other.value;
      return other.text;
    };
    const names = [choose('choose-mic', mic), choose('choose-cam', cam)];
    document.getElementById('device-form').requestSubmit();
    return names;
  }, before);
  assert.notDeepEqual(wanted, before);
  const sendsWanted = `JSON.stringify((${sentFrom})()) === ${JSON.stringify(JSON.stringify(wanted))}`;
  await ann.waitFor(sendsWanted);
  // The others see and hear it in the streams that they had.
  await meets(bob, 'Ann');
  assert.deepEqual(await bob.evaluate(tracksOf, 'Ann'), tracks);
  // The choice is kept.
  await ann.page.reload();
  await ann.waitFor(sendsWanted);
  // One that is not there any more is none that keeps from meeting.
  await ann.evaluate(() => localStorage.setItem('sfu-room-devices', '{"cam":"gone","mic":"gone"}'));
  await ann.page.reload();
  await meets(bob, 'Ann');
}));

// The names by which ICE knows the connections at the server.
function serverUfrags() {
  return window.sfuPeers.filter(peer => peer.connectionState === 'connected').map(
    peer => /ice-ufrag:(\S+)/.exec(peer.currentRemoteDescription.sdp)[1]);
}

// Waits until both connections of the page have other ones.
function restarted(page, before) {
  const others = `(${serverUfrags})().filter(name => !${JSON.stringify(before)}.includes(name))`;
  return page.waitFor(`${others}.length === 2`);
}

async function meeting(session) {
  const server = await RoomServer.start(session, sfuRoom);
  const chromium = await session.browser('chromium');
  const ann = await server.join(chromium, 'Ann');
  const bob = await server.join(chromium, 'Bob');
  await Promise.all([meets(ann, 'Bob'), meets(bob, 'Ann')]);
  return {server, ann, bob};
}

// Nobody has joined again.
function checkStay({program}) {
  assert.equal(program.output.match(/"joined"/g).length, 2, program.output);
}

test('an ICE restart goes on in the same call', () => Session.run(async session => {
  const {server, ann, bob} = await meeting(session);
  const before = await ann.evaluate(serverUfrags);
  assert.equal(before.length, 2);
  // The browser says so when the machine has another network.
  await ann.evaluate(() => window.dispatchEvent(new Event('online')));
  await restarted(ann, before);
  await Promise.all([sees(ann, 'Bob'), sees(bob, 'Ann')]);
  checkStay(server);
}));

// Cuts the paths that a page's media has: its UDP ports, and all TCP to the server's.
async function cutPaths(session, page) {
  const candidates = (await page.stats()).filter(({type}) => /^(local|remote)-candidate$/.test(type));
  const drop = (...rule) => {
    execFileSync('iptables', ['-A', 'INPUT', ...rule, '-j', 'DROP']);
    session.defer(() => execFileSync('iptables', ['-D', 'INPUT', ...rule, '-j', 'DROP']));
  };
  for (const {type, protocol, port} of candidates) {
    if (type === 'local-candidate' && protocol === 'udp') {
      for (const side of ['--sport', '--dport']) drop('-p', 'udp', side, `${port}`);
    }
    if (type === 'remote-candidate') drop('-p', 'tcp', '--dport', `${port}`);
  }
}

test('a path that is cut is replaced, in the same call', long, () => Session.run(async session => {
  const {server, ann, bob} = await meeting(session);
  const before = await ann.evaluate(serverUfrags);
  await cutPaths(session, ann);
  const cut = Date.now();
  await restarted(ann, before);
  await Promise.all([sees(ann, 'Bob'), sees(bob, 'Ann')]);
  console.log(`# media flowed again after ${Date.now() - cut} ms`);
  assert.ok(Date.now() - cut < 15_000);
  checkStay(server);
}));

// Each tile is seen whole, is a picture of 16:9, and covers no other one.
function layout() {
  const boxes = [...document.querySelectorAll('#grid .tile')].map(tile => tile.getBoundingClientRect());
  const inside = box => box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
  return {
    count: boxes.length,
    whole: boxes.every(inside),
    wide: boxes.every(({width, height}) => Math.abs(width / height - 16 / 9) < 0.02),
    apart: boxes.every((a, i) => boxes.slice(i + 1).every(b => apart(a, b))),
    staged: [...document.querySelectorAll('#stage .tile')].map(({dataset}) => dataset.tile),
  };
}

// Seven who send nothing, and Ann.
test('eight people have tiles, and who speaks the large one', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const chromium = await session.browser('chromium');
  const ann = await server.join(chromium, 'Ann', {prepare: hum});
  const others = await Promise.all(Array.from({length: 6}, () => Client.connect(server.url)));
  await Promise.all(others.map((client, i) => client.join(`Guest ${i}`)));
  const bob = await server.join(chromium, 'Bob', {prepare: hum});
  await ann.page.setViewport({width: 1200, height: 720});
  await ann.waitFor(() => document.querySelectorAll('.tile').length === 8);
  const even = {whole: true, wide: true, apart: true};
  assert.deepEqual(await ann.evaluate(layout), {count: 8, ...even, staged: []});
  await bob.waitFor(() => window.sfuVoice !== undefined);
  await bob.evaluate(setVoice, 0.5);
  await ann.waitFor(() => document.querySelector('#stage [data-tile=Bob].speaking') !== null);
  assert.equal((await ann.evaluate(layout)).apart, true);
  // Less than seven need no large one.
  others.slice(0, 2).forEach(({socket}) => socket.close());
  await ann.waitFor(() => document.querySelectorAll('#grid .tile').length === 6);
  assert.deepEqual(await ann.evaluate(layout), {count: 6, ...even, staged: []});
  // On a phone all buttons are in reach.
  await ann.page.setViewport({width: 360, height: 740});
  assert.deepEqual(await ann.evaluate(() => [...document.querySelectorAll('#meeting button')].filter(button => {
    const {width, left, right, bottom} = button.getBoundingClientRect();
    return width > 0 && (left < 0 || right > innerWidth || bottom > innerHeight);
  }).map(({id}) => id)), []);
}));

const isMarked = () => !document.getElementById('recording-mark').hidden;

// What a row of the list says, and where its files are.
function recordingRow() {
  const row = document.querySelector('.recording');
  return row && {state: row.dataset.state, facts: row.querySelector('.facts').textContent,
                 links: [...row.querySelectorAll('a')].map(link => [link.textContent, link.href])};
}

// Plays a file from its middle.
async function seek(url) {
  const video = document.createElement('video');
  video.src = url;
  video.muted = true;
  await new Promise((resolve, reject) => {
    video.onloadedmetadata = resolve;
    video.onerror = () => reject(new Error(video.error.message));
  });
  const middle = video.duration / 2;
  video.currentTime = middle;
  await new Promise(resolve => { video.onseeked = resolve; });
  await video.play();
  while (video.currentTime < middle + 0.2) await new Promise(resolve => setTimeout(resolve, 50));
  return video.duration;
}

async function getRange(url, range) {
  const response = await fetch(url, {headers: {range}});
  return {status: response.status, range: response.headers.get('content-range'),
          bytes: Buffer.from(await response.arrayBuffer())};
}

test('the page records the room, all see that it does, and it is downloaded in parts',
     () => Session.run(async session => {
  const folder = await mkdtemp(join(tmpdir(), 'sfu-recordings-'));
  session.defer(() => rm(folder, {recursive: true}));
  const server = await RoomServer.start(session, sfuRoom, [`--recordings=${folder}`]);
  const chromium = await session.browser('chromium');
  const listener = await Client.connect(server.url);
  assert.deepEqual((await listener.join('Listener')).outputs, []);
  const ann = await server.join(chromium, 'Ann');
  assert.equal(await ann.evaluate(isMarked), false);
  await press(ann, 'record');
  await ann.waitFor(() => document.getElementById('record-words').textContent === 'Nothing is recorded yet.');
  await ann.evaluate(() => {
    document.querySelector('#record-form [value=peers]').checked = true;
    document.getElementById('record-start').click();
  });
  await ann.waitFor(isMarked);
  const [{outputs: [output]}] = listener.heardOf('outputs');
  assert.deepEqual([output.type, output.kind], ['recording', 'peers']);
  const bob = await server.join(chromium, 'Bob');
  assert.ok(await bob.evaluate(isMarked));
  // More than the server reads at once.
  await ann.waitFor(() => /^recording · 0:\d\d · (7|8|9|\d\d)\d kB$/.test(
    document.querySelector('.recording .facts').textContent));
  await ann.evaluate(() => document.querySelector('.recording .stop').click());
  for (const page of [ann, bob]) {
    await page.waitFor(() => document.getElementById('recording-mark').hidden);
  }
  assert.deepEqual(listener.heardOf('outputs').at(-1), {outputs: []});
  await ann.waitFor(() => document.querySelector('.recording').dataset.state === 'done');
  const {links: [[text, url]]} = await ann.evaluate(recordingRow);
  assert.equal(text, 'Ann (peer-1.mkv)');

  const whole = await getRange(url, '');
  const {length} = whole.bytes;
  assert.equal(whole.status, 200);
  for (const [range, first, last] of [
    ['bytes=0-99', 0, 99], [`bytes=${length - 10}-`, length - 10, length - 1],
    ['bytes=-5000', length - 5000, length - 1], [`bytes=7-${length * 2}`, 7, length - 1],
  ]) {
    const part = await getRange(url, range);
    assert.deepEqual([part.status, part.range], [206, `bytes ${first}-${last}/${length}`]);
    assert.ok(part.bytes.equals(whole.bytes.subarray(first, last + 1)), range);
  }
  const beyond = await getRange(url, `bytes=${length}-`);
  assert.deepEqual([beyond.status, beyond.range], [416, `bytes */${length}`]);
  assert.equal((await getRange(url, 'bytes=0-1,4-5')).bytes.length, length);
  assert.ok(await ann.evaluate(seek, url) > 1);
}));

test('the page goes live, all see that it is, and where it is watched', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const chromium = await session.browser('chromium');
  const listener = await Client.connect(server.url);
  await listener.join('Listener');
  const ann = await server.join(chromium, 'Ann', {prepare: hum});
  await press(ann, 'record');
  await press(ann, 'broadcast');
  await ann.waitFor(() => !document.getElementById('broadcast-mark').hidden);
  const [{outputs: [{type, kind, id}]}] = listener.heardOf('outputs');
  assert.deepEqual([type, kind], ['broadcast', 'composed']);
  const address = await ann.evaluate(() => document.getElementById('broadcast-link').href);
  assert.equal(address, `${server.url}watch.html?room=test&id=${id}`);
  assert.equal((await fetch(address)).status, 200);
  const broadcast = async () => (await fetch(`${server.url}api/rooms/test/hls/${id}`)).json();
  assert.notEqual((await broadcast()).state, 'ended');
  await press(ann, 'broadcast');
  await ann.waitFor(() => document.getElementById('broadcast-mark').hidden &&
                    document.getElementById('broadcast').textContent === 'Go live');
  assert.equal((await broadcast()).state, 'ended');
  assert.deepEqual(listener.heardOf('outputs').at(-1), {outputs: []});
}));

// What the page of sfu-room does beside the meeting itself. usage: sfu_room_page_test.mjs SFU_ROOM: the
// program.

import assert from 'node:assert/strict';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';

import {RoomServer, press} from './support/meeting.mjs';
import {Client} from './support/room_client.mjs';
import {Session} from './support/session.mjs';

const [sfuRoom] = process.argv.slice(2);

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

// People meet in sfu-room, with its page as it is. usage: sfu_room_test.mjs SFU_ROOM: the program.
//
// All media is on the address of the test's own network: see support/in_network.sh.

import assert from 'node:assert/strict';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';

import {RoomServer, leave, meets, press, sees, tiles} from './support/meeting.mjs';
import {portrait} from './support/portraits.mjs';
import {Session} from './support/session.mjs';

const [sfuRoom] = process.argv.slice(2);
// From join to picture and sound of all others.
const JOIN_MS = 2000;
const ALL = process.env.SFU_TEST_ALL === '1';
const long = {skip: ALL ? false : 'takes long: SFU_TEST_ALL=1'};

// Pictures of the page for the documents, in the folder that SFU_SCREENSHOTS names.
const folder = process.env.SFU_SCREENSHOTS;

test('pictures of the page', {skip: folder ? false : 'SFU_SCREENSHOTS names no folder'},
     () => Session.run(async session => {
  const recordings = await mkdtemp(join(tmpdir(), 'sfu-recordings-'));
  session.defer(() => rm(recordings, {recursive: true}));
  const server = await RoomServer.start(session, sfuRoom, [`--recordings=${recordings}`]);
  const chromium = await session.browser('chromium');
  const options = {room: 'team', prepare: portrait};
  const ann = await server.join(chromium, 'Ann', options);
  for (const name of ['Bob', 'Cleo']) await server.join(chromium, name, options);
  await meets(ann, 'Bob', 'Cleo');
  const shoot = async (name, width, height) => {
    await ann.page.setViewport({width, height});
    await new Promise(resolve => setTimeout(resolve, 3000));
    await ann.page.screenshot({path: join(folder, `${name}.png`)});
  };
  await shoot('room', 1200, 720);
  await press(ann, 'stats');
  await new Promise(resolve => setTimeout(resolve, 20_000));  // something for the graph
  await shoot('room-statistics', 1200, 720);
  await press(ann, 'stats');
  await shoot('room-phone', 390, 760);
  await ann.page.setViewport({width: 1200, height: 720});
  await press(ann, 'record');
  await ann.waitFor(() => document.getElementById('record-dialog').open);
  const record = async () => {
    await press(ann, 'record-start');
    await ann.waitFor(() => document.querySelector('.recording[data-state=recording]') !== null);
    await new Promise(resolve => setTimeout(resolve, 5000));
  };
  await record();
  await ann.evaluate(() => document.querySelector('.recording .stop').click());
  await ann.waitFor(() => document.querySelector('.recording[data-state=done]') !== null);
  await record();
  await press(ann, 'broadcast');
  await shoot('room-record', 1200, 800);
}));

test('three people meet, share, mute, reload, and leave', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const [chromium, firefox] = await Promise.all(
    ['chromium', 'firefox'].map(name => session.browser(name)));
  const ann = await server.join(chromium, 'Ann');
  const bob = await server.join(firefox, 'Bob');
  const cleo = await server.join(chromium, 'Cleo');
  const all = [[ann, 'Bob', 'Cleo'], [bob, 'Ann', 'Cleo'], [cleo, 'Ann', 'Bob']];
  await Promise.all(all.map(one => meets(...one)));
  // Mute is seen by the others.
  await press(ann, 'mic');
  for (const page of [bob, cleo]) {
    await page.waitFor(() => document.querySelector('.muted > video[data-peer=Ann]') !== null);
  }
  await press(ann, 'mic');
  await cleo.waitFor(() => document.querySelector(':not(.muted) > video[data-peer=Ann]') !== null);

  // A screen, and its end.
  await press(cleo, 'screen');
  await bob.waitFor(() => document.querySelector('#stage video[data-screen=Cleo]')?.videoWidth > 0);
  await press(cleo, 'screen');
  await bob.waitFor(() => document.querySelector('video[data-screen]') === null);

  // A hand, and a line of chat.
  await press(cleo, 'hand');
  await bob.waitFor(() => document.querySelector('.hand-up > video[data-peer=Cleo]') !== null);
  await ann.evaluate(() => {
    document.getElementById('chat-text').value = 'Hello <b>all</b>';
    document.getElementById('chat-form').requestSubmit();
  });
  await bob.waitFor(() => document.getElementById('chat-lines').innerText.includes('Hello <b>all</b>'));

  // A reload, and everybody is back.
  await bob.page.reload();
  await Promise.all([sees(bob, 'Ann', 'Cleo'), sees(cleo, 'Ann', 'Bob')]);
  assert.deepEqual(await tiles(ann), ['Bob', 'Cleo']);

  await leave(cleo);
  for (const page of [ann, bob]) {
    await page.waitFor(() => document.querySelector('video[data-peer=Cleo]') === null, 2000);
  }
  assert.deepEqual(await tiles(bob), ['Ann']);
  for (const page of [ann, bob, cleo]) {
    assert.deepEqual(page.console.filter(line => /^(error|uncaught)/.test(line)), []);
  }
  assert.equal(await server.program.stop(), 0);
}));

test('the room comes back after the server has', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const chromium = await session.browser('chromium');
  const ann = await server.join(chromium, 'Ann');
  const bob = await server.join(chromium, 'Bob');
  await Promise.all([sees(ann, 'Bob'), sees(bob, 'Ann')]);
  assert.equal(await server.program.stop(), 0);
  await ann.waitFor(() => /Trying again/.test(document.getElementById('notice').textContent));
  await RoomServer.start(session, sfuRoom, [], new URL(server.url).port);
  await Promise.all([ann, bob].map(page => page.waitFor(() => document.getElementById('notice').hidden)));
  await Promise.all([meets(ann, 'Bob'), meets(bob, 'Ann')]);
}));

// A camera that is refused.
function refuse() {
  navigator.mediaDevices.getUserMedia = () =>
    Promise.reject(new DOMException('no', 'NotAllowedError'));
}

test('what does not go is said in clear words', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom, ['--max-peers=2']);
  const chromium = await session.browser('chromium');
  const ann = await server.join(chromium, 'Ann', {prepare: refuse});
  await ann.waitFor(() => /was refused. Allow it/.test(document.getElementById('notice').textContent));
  await press(ann, 'record');
  await ann.waitFor(() => /records nothing.*--recordings/.test(
    document.getElementById('record-words').textContent));
  assert.ok(await ann.evaluate(() => document.getElementById('record-form').hidden));
  const error = () => document.getElementById('join-error').textContent;
  const second = await server.join(chromium, 'Ann');
  assert.equal(await second.evaluate(error), 'Somebody in this room has that name.');
  const bob = await server.join(chromium, 'Bob');
  await bob.waitFor(() => document.querySelector('video[data-peer=Ann]') !== null);
  const third = await server.join(chromium, 'Cleo');
  assert.equal(await third.evaluate(error), 'Sorry, the room is full. Try again later.');
}));

// The smallest value that this part of all does not exceed.
function percentile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(part * sorted.length) - 1];
}

// How long it takes from a third one's join until all three see and hear each other, in ms, for each of
// so many who join, and leave again.
async function meetingTimes(session, count) {
  const server = await RoomServer.start(session, sfuRoom);
  const [chromium, firefox] = await Promise.all(
    ['chromium', 'firefox'].map(name => session.browser(name)));
  const ann = await server.join(chromium, 'Ann');
  const bob = await server.join(firefox, 'Bob');
  await Promise.all([meets(ann, 'Bob'), meets(bob, 'Ann')]);
  const times = [];
  for (let i = 0; i < count; ++i) {
    const name = `Cleo ${i}`;
    const cleo = await server.join(i % 2 === 0 ? chromium : firefox, name);
    await Promise.all([meets(cleo, 'Ann', 'Bob'), meets(ann, name), meets(bob, name)]);
    times.push(Date.now() - await cleo.evaluate(
      () => performance.timeOrigin + performance.getEntriesByName('join')[0].startTime));
    await cleo.page.close();
  }
  console.log(`# all met after ${times.map(Math.round).join(', ')} ms`);
  return times;
}

test('who joins soon sees and hears all others, and they him', () => Session.run(async session => {
  assert.ok(percentile(await meetingTimes(session, 4), 0.5) < JOIN_MS);
}));

test('19 of 20 see and hear all others, and they them, within 2 s of joining', long,
     () => Session.run(async session => {
  assert.ok(percentile(await meetingTimes(session, 20), 0.95) < JOIN_MS);
}));

// What sfu-room records of browsers, by its REST API. usage: sfu_room_recording_test.mjs SFU_ROOM: the
// program. The camera and the lip sync that is to be expected: see recording_test.mjs.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtemp, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';

import {FPS, cameraOf, look, reference, shareUserMedia} from './support/clip.mjs';
import {RoomServer, leave, press, sees} from './support/meeting.mjs';
import {Client} from './support/room_client.mjs';
import {Session} from './support/session.mjs';

const [sfuRoom] = process.argv.slice(2);
const ALL = process.env.SFU_TEST_ALL === '1';
const long = {skip: ALL ? false : 'takes long: SFU_TEST_ALL=1'};
const SECONDS = ALL ? 30 : 16;
const COMPOSED_SECONDS = ALL ? 30 : 10;
const AWAY_SECONDS = 5;
const MAX_AV_SECONDS = 0.04;
const MAX_DURATION_SECONDS = 0.2;
// A file begins with the first key frame, which the browser makes when asked, or the first sound, which it
// sends now and then while there is silence.
const MAX_START_SECONDS = 0.5;
// Frames may stray so far from their numbers: the camera itself does by a frame or two.
const MAX_TIMING_SECONDS = 0.1;

const wait = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

async function startServer(session, options = []) {
  const folder = await mkdtemp(join(tmpdir(), 'sfu-recordings-'));
  session.defer(() => rm(folder, {recursive: true}));
  const server = await RoomServer.start(session, sfuRoom, [`--recordings=${folder}`, ...options]);
  return {server, folder};
}

// What the REST API answers.
async function ask(server, method, path, body) {
  const response = await fetch(`${server.url}api/rooms/${path}`, {
    method, body: body && JSON.stringify(body),
    headers: body ? {'Content-Type': 'application/json'} : {}});
  return {status: response.status, ...await response.json()};
}

async function until(server, path, state) {
  for (const end = Date.now() + 5000; ;) {
    const recording = await ask(server, 'GET', path);
    if (recording.state === state) return recording;
    assert.ok(Date.now() < end, `${recording.state}, not ${state}`);
    await wait(50);
  }
}

async function enter(session, server, room) {
  const client = await Client.connect(server.url);
  session.defer(() => client.socket.terminate());
  await client.join('Somebody', room);
  return client.socket;
}

test('recordings are started, listed, bounded and stopped', () => Session.run(async session => {
  const {server, folder} = await startServer(session, ['--max-recordings=2']);
  const peers = {kind: 'peers'};
  assert.equal((await ask(server, 'POST', 'test/recordings', peers)).status, 404);
  const socket = await enter(session, server, 'test');
  const wrong = await ask(server, 'POST', 'test/recordings', {kind: 'secret'});
  assert.deepEqual([wrong.status, wrong.error.field], [400, 'kind']);
  const first = await ask(server, 'POST', 'test/recordings', peers);
  assert.deepEqual([first.status, first.state, first.files], [201, 'recording', []]);
  const second = await ask(server, 'POST', 'test/recordings', peers);
  assert.notEqual(second.id, first.id);
  assert.equal((await ask(server, 'POST', 'test/recordings', peers)).status, 503);
  // The room stays while it is recorded; somebody may come back.
  socket.terminate();
  await ask(server, 'DELETE', `test/recordings/${first.id}`);
  await until(server, `test/recordings/${first.id}`, 'done');
  assert.equal((await server.health()).rooms, 1);
  assert.equal((await ask(server, 'GET', `test/recordings/${second.id}`)).state, 'recording');
  const {recordings} = await ask(server, 'GET', 'test/recordings');
  assert.deepEqual(recordings.map(({id, state}) => [id, state]),
                   [[second.id, 'recording'], [first.id, 'done']]);
  await ask(server, 'DELETE', `test/recordings/${second.id}`);
  await until(server, `test/recordings/${second.id}`, 'done');
  assert.equal((await server.health()).rooms, 0);
  assert.deepEqual((await readdir(join(folder, 'test'))).sort(), [first.id, second.id].sort());
}));

test('no path leaves the folder of recordings', () => Session.run(async session => {
  const {server, folder} = await startServer(session);
  await writeFile(join(folder, 'secret.json'), '{"files":[{"name":"x"}]}');
  await enter(session, server, 'test');
  const {id} = await ask(server, 'POST', 'test/recordings', {kind: 'peers'});
  for (const path of [
    '..%2f..%2fetc/recordings', '..%2f/recordings', '.hidden/recordings', 'test/recordings/..%2f..',
    'test/recordings/%2e%2e', 'test/recordings/1/peer-1.mkv', `test/recordings/${id}/peer-1.mkv`,
    `test/recordings/${id}/..%2f..%2fsecret.json`, `test/recordings/${id}/recording.json`,
    `test/recordings/${id}/%2fetc%2fpasswd`, `test/recordings/${id}%2f..%2f${id}`,
  ]) {
    const {status} = await fetch(`${server.url}api/rooms/${path}`);
    assert.ok([400, 404].includes(status), `${path}: ${status}`);
  }
  const server2 = await RoomServer.start(session, sfuRoom);
  await enter(session, server2, 'test');
  assert.match((await ask(server2, 'POST', 'test/recordings', {kind: 'peers'})).error.reason,
               /--recordings/);
}));

async function download(server, recording, {name}, folder) {
  const response = await fetch(
    `${server.url}api/rooms/test/recordings/${recording.id}/${name}`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'video/x-matroska');
  assert.match(response.headers.get('content-disposition'), /^attachment/);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  const bytes = Buffer.from(await response.arrayBuffer());
  const file = join(folder, `got-${name}`);
  await writeFile(file, bytes);
  return {file, bytes};
}

function checkFile(report, file, expected) {
  const inMs = time => `${(time * 1000).toFixed(1)} ms`;
  console.log(`# ${file.peer}: ${report.frames} frames in ${report.duration} s; sound is off by ` +
              `${inMs(report.av_median)}, in the browser by ${inMs(expected)}; frames stray by ` +
              `${inMs(report.timing_error)}`);
  assert.deepEqual([report.errors, report.repeated, report.out_of_order], [[], [], []]);
  assert.ok(report.unreadable <= 1, `${report.unreadable_at}`);
  assert.ok(report.timing_error < MAX_TIMING_SECONDS, `${report.timing_error}`);
  assert.ok(Math.abs(report.av_median - expected) <= MAX_AV_SECONDS,
            `${report.av_median} s, in the browser ${expected}`);
  assert.ok(Math.abs(report.duration - file.duration) < 0.05);
}

test('two people are recorded, one of whom drops out and returns', () => Session.run(async session => {
  const {server, folder} = await startServer(session);
  const browser = await session.browser('chromium', cameraOf(folder, SECONDS + 20));
  const ann = await server.join(browser, 'Ann', {prepare: shareUserMedia});
  const bob = await server.join(browser, 'Bob', {prepare: shareUserMedia});
  await Promise.all([sees(ann, 'Bob'), sees(bob, 'Ann')]);
  const {id} = await ask(server, 'POST', 'test/recordings', {kind: 'peers'});
  const path = `test/recordings/${id}`;
  const began = Date.now();
  const restOfIt = seconds => wait(began + seconds * 1000 - Date.now());
  await restOfIt(5);
  await leave(bob);
  await restOfIt(5 + AWAY_SECONDS);
  await press(bob, 'join-button');
  await sees(ann, 'Bob');
  await restOfIt(SECONDS - 1);
  const {bytes} = await ask(server, 'GET', path);
  await restOfIt(SECONDS);
  const progress = await ask(server, 'GET', path);
  assert.ok(progress.bytes > bytes);
  assert.equal(progress.packetsDropped, 0);
  await ask(server, 'DELETE', path);
  const seconds = (Date.now() - began) / 1000;
  const recording = await until(server, path, 'done');
  assert.deepEqual(recording.files.map(({name, peer}) => [name, peer]),
                   [['peer-1.mkv', 'Ann'], ['peer-2.mkv', 'Bob']]);
  const expected = [await reference(ann, folder, 'ann'), await reference(bob, folder, 'bob')];
  for (const [index, file] of recording.files.entries()) {
    const got = await download(server, recording, file, folder);
    assert.ok(got.bytes.equals(await readFile(join(folder, 'test', id, file.name))));
    const report = look(got.file);
    checkFile(report, file, expected[index]);
    assert.ok(Math.abs(file.start + file.duration - seconds) < MAX_DURATION_SECONDS,
              `${file.start} + ${file.duration} s of ${seconds}`);
    assert.ok(file.start < MAX_START_SECONDS, `${file.start}`);
    const away = report.audio_gaps.map(([, length]) => length).filter(length => length > 1);
    assert.equal(away.length, file.peer === 'Bob' ? 1 : 0, `${away}`);
    if (file.peer !== 'Bob') continue;
    // From the last packet to the first, with leaving and joining.
    assert.ok(away[0] > AWAY_SECONDS - 0.5 && away[0] < AWAY_SECONDS + 2, `${away}`);
    assert.ok(report.frames < FPS * (seconds - AWAY_SECONDS) + FPS);
  }
}));

test('a whole room is recorded into one file', () => Session.run(async session => {
  const {server, folder} = await startServer(session);
  // As wide as the file's picture, so that it fills it.
  const args = cameraOf(folder, COMPOSED_SECONDS + 20, ['--size', '640x360']);
  const browser = await session.browser('chromium', args);
  const ann = await server.join(browser, 'Ann', {prepare: shareUserMedia});
  const {id} = await ask(server, 'POST', 'test/recordings', {kind: 'composed'});
  const path = `test/recordings/${id}`;
  const began = Date.now();
  await wait(COMPOSED_SECONDS * 1000);
  await ask(server, 'DELETE', path);
  const seconds = (Date.now() - began) / 1000;
  const recording = await until(server, path, 'done');
  assert.deepEqual(recording.files.map(({name, peer}) => [name, peer]), [['room.mkv', '']]);
  assert.equal(recording.packetsDropped, 0);
  const expected = await reference(ann, folder, 'ann');
  const {file} = await download(server, recording, recording.files[0], folder);
  const report = look(file);
  console.log(`# ${report.duration} s; sound is off by ${report.av_median} s, in the browser by ${expected} s`);
  assert.deepEqual([report.errors, report.out_of_order], [[], []]);
  assert.ok(Math.abs(report.duration - seconds) < MAX_DURATION_SECONDS, `${report.duration}, not ${seconds}`);
  assert.ok(report.beeps.length >= COMPOSED_SECONDS - 3);
  // The browser sends nothing of the silence between them.
  for (const [index, beep] of report.beeps.slice(1).entries()) {
    assert.ok(Math.abs(beep - report.beeps[index] - 1) < MAX_TIMING_SECONDS, `${report.beeps}`);
  }
  assert.ok(Math.abs(report.av_median - expected) <= MAX_AV_SECONDS,
            `${report.av_median} s, in the browser ${expected}`);
}));

// What check_media.py says of so much of a file, and of one person's place in its picture.
function lookAt(file, {from, seconds, left, width = 640, height = 360, top = 180}) {
  const part = `${file}.part.mkv`;
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-y', '-i', file, '-ss', `${from}`, '-t', `${seconds}`,
                          '-vf', `crop=${width}:${height}:${left}:${top}`, '-c:v', 'libx264', '-preset', 'ultrafast',
                          '-qp', '0', '-c:a', 'pcm_s16le', part]);
  return look(part);
}

function isReadable(report) {
  return report.unreadable < 0.1 * report.frames;
}

test('one of two people comes and goes in the file of a whole room', long, () => Session.run(async session => {
  const {server, folder} = await startServer(session);
  const browser = await session.browser('chromium', cameraOf(folder, 60, ['--size', '640x360']));
  const ann = await server.join(browser, 'Ann', {prepare: shareUserMedia});
  const bob = await server.join(browser, 'Bob', {prepare: shareUserMedia});
  await Promise.all([sees(ann, 'Bob'), sees(bob, 'Ann')]);
  // One speaks at a time, or it could not be told whose beeps those are.
  await press(bob, 'mic');
  const {id} = await ask(server, 'POST', 'test/recordings', {kind: 'composed'});
  const path = `test/recordings/${id}`;
  const began = Date.now();
  const restOfIt = seconds => wait(began + seconds * 1000 - Date.now());
  await restOfIt(8);
  await leave(bob);
  await restOfIt(8 + AWAY_SECONDS);
  await press(bob, 'join-button');
  await sees(ann, 'Bob');
  const back = (Date.now() - began) / 1000;
  // Who joins anew speaks.
  await press(ann, 'mic');
  await restOfIt(30);
  await ask(server, 'DELETE', path);
  const seconds = (Date.now() - began) / 1000;
  const recording = await until(server, path, 'done');
  assert.equal(recording.packetsDropped, 0);
  const expected = [await reference(ann, folder, 'ann'), await reference(bob, folder, 'bob')];
  const {file} = await download(server, recording, recording.files[0], folder);
  const whole = look(file);
  assert.deepEqual(whole.errors, []);
  assert.ok(Math.abs(whole.duration - seconds) < MAX_DURATION_SECONDS, `${whole.duration}, not ${seconds}`);
  const together = {from: 1, seconds: 6.5};
  const alone = {from: 10, seconds: 3};
  const again = {from: back + 3, seconds: 26.5 - back};
  const first = lookAt(file, {...together, left: 0});
  const last = lookAt(file, {...again, left: 640});
  console.log(`# ${whole.duration} s of ${seconds} s; sound is off by ${first.av_median} and ${last.av_median} s, in the ` +
              `browser by ${expected} s`);
  for (const [index, report] of [first, last].entries()) {
    assert.ok(report.beeps.length >= 5, `${report.beeps}`);
    assert.ok(Math.abs(report.av_median - expected[index]) <= MAX_AV_SECONDS);
  }
  const others = [
    lookAt(file, {...together, left: 640}), lookAt(file, {...again, left: 0}),
    lookAt(file, {...alone, left: 0, top: 0, width: 1280, height: 720}),
  ];
  for (const report of [first, last, ...others]) assert.ok(isReadable(report), `${report.unreadable} of ${report.frames}`);
}));

// The disk is one of the program's own: a folder in memory, in a mount namespace.
test('a full disk ends the recording, and not the room', () => Session.run(async session => {
  const folder = await mkdtemp(join(tmpdir(), 'sfu-recordings-'));
  session.defer(() => rm(folder, {recursive: true}));
  const onSmallDisk = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs -o size=100k none "$0" && exec "$@"',
                       folder, sfuRoom, `--recordings=${folder}`];
  const server = await RoomServer.start(session, onSmallDisk);
  const browser = await session.browser('chromium');
  const ann = await server.join(browser, 'Ann');
  const bob = await server.join(browser, 'Bob');
  const {id} = await ask(server, 'POST', 'test/recordings', {kind: 'peers'});
  await ann.waitFor(() => !document.getElementById('recording-mark').hidden);
  let recording;
  for (const end = Date.now() + 20_000; recording?.state !== 'failed';) {
    recording = await ask(server, 'GET', `test/recordings/${id}`);
    assert.ok(Date.now() < end, JSON.stringify(recording));
    await wait(50);
  }
  assert.match(recording.error, /No space left/);
  await ann.waitFor(() => document.getElementById('recording-mark').hidden);
  await Promise.all([sees(ann, 'Bob'), sees(bob, 'Ann')]);
  assert.equal((await server.health()).people, 2);
  assert.equal(await server.program.stop(), 0);
}));

test('SIGTERM completes the files', () => Session.run(async session => {
  const {server, folder} = await startServer(session);
  const browser = await session.browser('chromium');
  const ann = await server.join(browser, 'Ann');
  const {id} = await ask(server, 'POST', 'test/recordings', {kind: 'peers'});
  await wait(4000);
  assert.equal(ann.console.filter(line => line.startsWith('error')).length, 0);
  process.kill(server.program.child.pid, 'SIGTERM');
  assert.equal(await server.program.ended, 0, server.program.output);
  assert.doesNotMatch(server.program.output, /CRITICAL|WARNING/);
  const text = await readFile(join(folder, 'test', id, 'recording.json'), 'utf8');
  const {state, files: [file]} = JSON.parse(text);
  assert.equal(state, 'done');
  const {errors, duration, streams} = look(join(folder, 'test', id, 'peer-1.mkv'));
  assert.deepEqual([errors, Object.keys(streams).sort()], [[], ['audio', 'video']]);
  assert.ok(Math.abs(duration - file.duration) < 0.01);
  assert.ok(duration > 3);
  // It is known to the next server, too.
  const next = await RoomServer.start(session, sfuRoom, [`--recordings=${folder}`]);
  assert.equal((await ask(next, 'GET', `test/recordings/${id}`)).state, 'done');
}));

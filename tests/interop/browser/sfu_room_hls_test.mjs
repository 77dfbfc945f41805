// A room of sfu-room as HLS. usage: sfu_room_hls_test.mjs SFU_ROOM: the program.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';

import {cameraOf, look, reference, shareUserMedia} from './support/clip.mjs';
import {Hls, decode, keyFrames, paintClock, read, readClock} from './support/hls.mjs';
import {RoomServer, sees, startWithTokens} from './support/meeting.mjs';
import {portrait} from './support/portraits.mjs';
import {Client, eventually} from './support/room_client.mjs';
import {Session} from './support/session.mjs';

const [sfuRoom] = process.argv.slice(2);
const ALL = process.env.SFU_TEST_ALL === '1';
const WATCH_SECONDS = ALL ? 60 : 3;
// From the camera of one to the screen of another. It should be a second less; this machine is busy.
const MAX_DELAY_SECONDS = 6;
const FPS = 25;
const long = {skip: ALL ? false : 'takes long: SFU_TEST_ALL=1', timeout: 150_000};
const MAX_AV_SECONDS = 0.04;

async function enter(session, server, room, name = 'Somebody') {
  const client = await Client.connect(server.url);
  session.defer(() => client.socket.terminate());
  await client.join(name, room);
  return client;
}

function inState(watcher, state, milliseconds = 20_000) {
  return watcher.waitFor(wanted => document.body.dataset.state === wanted, milliseconds, state);
}

const composed = {kind: 'composed'};

test('broadcasts are bounded, and wrong requests change nothing', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom, ['--max-broadcasts=2']);
  const hls = new Hls(server, 'test');
  assert.equal((await hls.ask('POST', '', composed)).status, 404);
  for (const room of ['test', 'other']) await enter(session, server, room);
  for (const [wrong, field] of [
    [{}, 'kind'], [{kind: 'all'}, 'kind'], [{kind: 'peer'}, 'peer'], [{kind: 'peer', peer: 'x'.repeat(65)}, 'peer'],
    [{...composed, renditions: []}, 'renditions'], [{...composed, renditions: [{height: 721}]}, 'renditions'],
    [{kind: 'peer', peer: 'Somebody', renditions: [{height: 360}]}, 'renditions'],
  ]) {
    const refused = await hls.ask('POST', '', wrong);
    assert.deepEqual([refused.status, refused.body.error.field], [400, field]);
  }
  const nobody = await hls.ask('POST', '', {kind: 'peer', peer: 'Nobody'});
  assert.deepEqual([nobody.status, nobody.body.error.field], [404, 'peer']);

  const {status, body: {id, state, picture, page}, headers} = await hls.ask('POST', '', composed);
  assert.deepEqual([status, state, picture], [201, 'starting', 'mixed']);
  assert.equal(page, `/watch.html?room=test&id=${id}`);
  assert.equal(headers.get('location'), `/api/rooms/test/hls/${id}`);
  const others = new Hls(server, 'other');
  const {body: second} = await others.ask('POST', '', {kind: 'peer', peer: 'Somebody'});
  assert.equal(second.picture, 'none');
  assert.equal((await hls.ask('POST', '', composed)).status, 503);

  // Two rooms do not see each other's, and no path leads elsewhere.
  assert.deepEqual((await hls.ask('GET')).body.broadcasts.map(one => one.id), [id]);
  assert.equal((await others.ask('DELETE', `/${id}`)).status, 404);
  for (const wrong of [
    `${id}/..%2f..%2fetc%2fpasswd`, `${id}/%2fetc%2fpasswd`, `${id}/live-99999.ts`, `${id}/live-.ts`, `${id}/x.m3u8`,
    `${id}%2f..%2f${id}/live.m3u8`, '..%2f..%2fetc', '%2e%2e/live.m3u8', `${second.id}`, `${second.id}/live.m3u8`,
  ]) {
    const {status: refused} = await fetch(`${hls.address}/${wrong}`);
    assert.ok([400, 404].includes(refused), `${wrong}: ${refused}`);
  }
  for (const [room, one] of [[hls, id], [others, second.id]]) {
    assert.equal((await room.ask('DELETE', `/${one}`)).body.state, 'ended');
    assert.equal((await room.ask('GET', `/${one}`)).body.state, 'ended');
  }
  assert.equal((await hls.ask('POST', '', composed)).status, 201);
  await hls.ask('DELETE', `/${(await hls.ask('GET')).body.broadcasts.find(one => one.state !== 'ended').id}`);
  assert.equal(await server.program.stop(), 0);
  assert.doesNotMatch(server.program.output, /CRITICAL|WARNING/);
}));

// The guide's commands, as they stand there.
test('a broadcast is started as the guide says', () => Session.run(async session => {
  const guide = readFileSync(new URL('../../../docs/guides/room-hls.md', import.meta.url), 'utf8');
  const [, commands] = /```sh norun="sfu_room_hls_test.mjs[^\n]*\n(.*?)```/s.exec(guide);
  const server = await RoomServer.start(session, sfuRoom, [], 4443);
  await enter(session, server, 'test');
  const output = execFileSync('sh', ['-ec', commands.replaceAll('\ncurl', '\necho; curl')]);
  const [started, list] = `${output}`.split('\n').map(line => JSON.parse(line));
  assert.deepEqual([started.state, list.broadcasts.map(({id}) => id)], ['starting', [started.id]]);
  for (const name of ['playlist', 'page']) assert.ok(guide.includes(started[name].replace(started.id, '1c2e…')));
}));

test('with tokens, who has the link of one broadcast needs none', () => Session.run(async session => {
  const {server, token} = await startWithTokens(session, sfuRoom);
  const client = await Client.connect(server.url);
  session.defer(() => client.socket.terminate());
  await client.join('Somebody', 'test', {token: token('test')});
  const hls = new Hls(server, 'test');
  for (const method of ['POST', 'GET']) assert.equal((await hls.ask(method)).status, 401);
  assert.equal((await hls.ask('POST', `?token=${token('test')}`, composed)).status, 401);
  const response = await fetch(hls.address, {
    method: 'POST', body: JSON.stringify(composed),
    headers: {'Content-Type': 'application/json', Authorization: `Bearer ${token('test')}`}});
  const {id, page} = await response.json();
  assert.equal((await hls.ask('GET', `/${id}`)).body.state, 'starting');
  assert.equal((await hls.ask('DELETE', `/${id}`)).status, 401);
  const other = await fetch(hls.address, {headers: {Authorization: `Bearer ${token('other')}`}});
  assert.equal(other.status, 401);
  // The same by the page.
  const browser = await session.browser('chromium');
  const watcher = await browser.open(`${server.url}watch.html?room=test`);
  await inState(watcher, 'refused');
  await watcher.page.goto(new URL(page, server.url).href);
  await watcher.waitFor(() => ['starting', 'playing'].includes(document.body.dataset.state));
}));

// What a player gets: from its first segment on all can be decoded, and nothing is missing. `bandwidth`: what
// the playlist promises. Gives the segments' bytes.
async function check(segments, fps, bandwidth) {
  const packets = [];
  for (const {url, duration} of segments) {
    const response = await fetch(url, {headers: {Origin: 'https://elsewhere.example'}});
    assert.equal(response.headers.get('content-type'), 'video/mp2t');
    assert.equal(response.headers.get('cache-control'), 'public, max-age=60, immutable');
    assert.equal(response.headers.get('access-control-allow-origin'), '*');
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.equal(response.headers.get('content-length'), `${bytes.byteLength}`);
    assert.ok(bytes.length * 8 / duration < bandwidth * 1.1);
    packets.push(bytes);
  }
  const bytes = Buffer.concat(packets);
  const {frames, sound} = decode(bytes);
  const length = segments.reduce((sum, {duration}) => sum + duration, 0);
  if (fps !== undefined) assert.ok(Math.abs(frames - length * fps) <= 1, `${frames} frames in ${length} s`);
  assert.ok(Math.abs(sound - length) < 0.1, `${sound} s of sound in ${length} s`);
  return bytes;
}

// Pictures of the page for the documents, where SFU_SCREENSHOTS names a folder.
const folder = process.env.SFU_SCREENSHOTS;
test('the page looks as in the documents', {skip: folder === undefined}, () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const browser = await session.browser('chromium');
  const watcher = await browser.open(`${server.url}watch.html?room=team`);
  const people = [];
  for (const name of ['Ann', 'Bob', 'Cleo']) {
    people.push(await server.join(browser, name, {room: 'team', prepare: portrait}));
  }
  await Promise.all(people.map((page, index) => sees(page, ['Bob', 'Cleo', 'Ann'][index])));
  await watcher.page.bringToFront();
  await new Hls(server, 'team').ask('POST', '', {kind: 'composed', renditions: [{height: 720}, {height: 360}]});
  await inState(watcher, 'playing');
  for (const [name, width, height] of [['broadcast', 1200, 720], ['broadcast-phone', 390, 760]]) {
    await watcher.page.setViewport({width, height});
    await new Promise(resolve => setTimeout(resolve, 2000));
    await watcher.page.screenshot({path: join(folder, `${name}.png`)});
  }
}));

// What one who watches sees for so long: the delays of the picture, and what he is told they are, in
// seconds; and for how long the picture stood.
async function watch(watcher, seconds) {
  const delays = [];
  const told = [];
  let stood = 0;
  let last = -1;
  for (let now = Date.now(), end = now + seconds * 1000; now < end;) {
    await new Promise(resolve => setTimeout(resolve, 100));
    const [delay, says, time] = await watcher.evaluate(`(() => {
      const read = ${readClock};
      return [read(), document.body.dataset.delay, document.getElementById('video').currentTime];
    })()`);
    const elapsed = Date.now() - now;
    now += elapsed;
    if (time === last) stood += elapsed / 1000;
    last = time;
    if (delay !== null) delays.push(delay / 1000);
    if (says) told.push(Number(says));
  }
  const median = list => [...list].sort((a, b) => a - b)[list.length >> 1];
  return {delay: median(delays), most: Math.max(...delays), told: median(told), readable: delays.length, stood};
}

test('people watch what is mixed on a page, and are told of its end', {timeout: 150_000}, () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const hls = new Hls(server, 'test');
  const browser = await session.browser('chromium');
  const watcher = await browser.open(`${server.url}watch.html?room=test`);
  await server.join(browser, 'Ann', {prepare: paintClock});
  // Chromium plays nothing on a page that was never seen.
  await watcher.page.bringToFront();
  await inState(watcher, 'idle');
  const {body} = await hls.ask('POST', '', {...composed, renditions: [{height: 720}, {height: 360}]});
  await inState(watcher, 'playing');
  await watcher.waitFor(() => document.body.dataset.delay);
  const url = new URL(body.playlist, server.url).href;
  const main = (await read(url)).text;
  const playlists = ['720p.m3u8', '360p.m3u8'].map(name => new URL(name, url).href);
  assert.deepEqual(main.match(/^.*\.m3u8$/gm).map(name => new URL(name, url).href), playlists);
  const bandwidths = [...main.matchAll(/BANDWIDTH=(\d+)/g)].map(([, bits]) => Number(bits));
  const [seen, ...all] = await Promise.all(
    [watch(watcher, WATCH_SECONDS), ...playlists.map(playlist => hls.follow(playlist, WATCH_SECONDS))]);
  console.log(`# ${seen.delay.toFixed(2)} s behind, at most ${seen.most.toFixed(2)} s; the page says ` +
              `${seen.told.toFixed(2)} s; the picture stood for ${seen.stood.toFixed(1)} s`);
  assert.ok(seen.readable > WATCH_SECONDS * 3);
  assert.ok(seen.delay < MAX_DELAY_SECONDS);
  assert.ok(Math.abs(seen.told - seen.delay) < 1);
  const qualities = await watcher.evaluate(
    () => [...document.getElementById('quality').options].map(option => option.text));
  assert.deepEqual(qualities, ['Auto', '720p', '360p']);
  // A player can change over at each segment: they begin at the same time, with a key frame.
  const count = Math.min(...all.map(segments => segments.length));
  assert.ok(count >= WATCH_SECONDS - 1);
  for (const [index, segments] of all.entries()) {
    // The first may begin before its sound does.
    const recent = segments.filter(({number}) => number > 0).slice(-8);
    const bytes = await check(recent, FPS, bandwidths[index]);
    assert.equal(keyFrames(bytes), recent.length);
    for (let i = 0; i < count; ++i) {
      assert.deepEqual([segments[i].date, segments[i].duration], [all[0][i].date, all[0][i].duration]);
    }
  }
  if (ALL) {
    // Who comes later begins behind the newest segments.
    await watcher.page.reload();
    await inState(watcher, 'playing');
    const late = await watch(watcher, 20);
    console.log(`# who comes later: ${late.delay.toFixed(2)} s behind, at most ${late.most.toFixed(2)} s`);
    assert.ok(late.delay < MAX_DELAY_SECONDS);
  }
  await hls.ask('DELETE', `/${body.id}`);
  assert.match((await read(playlists[0])).text, /\n#EXT-X-ENDLIST\n$/);
  await inState(watcher, 'ended');
  if (ALL) {
    // The next one begins by itself; a server that is away is told of, and waited for.
    const again = await hls.ask('POST', '', {kind: 'peer', peer: 'Ann'});
    assert.equal(again.body.picture, 'transcoded');
    const firefox = await (await session.browser('firefox')).open(`${server.url}watch.html?room=test`);
    await inState(firefox, 'playing');
    await firefox.waitFor(() => document.getElementById('video').currentTime > 3);
    await inState(watcher, 'playing');
    const alone = await watch(watcher, 10);
    console.log(`# transcoded: ${alone.delay.toFixed(2)} s behind, at most ${alone.most.toFixed(2)} s`);
    assert.ok(alone.delay < MAX_DELAY_SECONDS);
    // The other way to watch.
    await watcher.evaluate(() => {
      const mode = document.getElementById('mode');
      mode.value = 'whep';
      mode.dispatchEvent(new Event('change'));
    });
    await inState(watcher, 'playing');
    const close = await watch(watcher, 3);
    console.log(`# by WHEP ${close.delay.toFixed(2)} s behind`);
    assert.ok(close.delay < 0.5);
  }
  assert.equal(await server.program.stop(), 0);
  if (ALL) await inState(watcher, 'lost');
  assert.doesNotMatch(server.program.output, /CRITICAL|WARNING/);
  const complaints = watcher.console.filter(line => /^(uncaught|error)/.test(line) && !/Failed to load|ERR_/.test(line));
  assert.deepEqual(complaints, []);
}));

// All segments from the newest change of the picture's size on.
function sameSize(segments) {
  return segments.slice(Math.max(segments.findLastIndex(({begins}) => begins), 0));
}

test('what a camera sends as H264 is passed through, and stands when it stops', long, () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const response = await fetch(`${server.url}rooms/test/plain`, {
    method: 'POST', headers: {'content-type': 'application/json'},
    body: JSON.stringify({name: 'Lobby', video: 'H264'})});
  const {ffmpeg} = await response.json();
  const hls = new Hls(server, 'test');
  const {body} = await hls.ask('POST', '', {kind: 'peer', peer: 'Lobby'});
  assert.equal(body.picture, 'passed-through');
  const url = new URL(body.playlist, server.url).href;
  const camera = session.program(['sh', '-c', `exec ${ffmpeg}`]);
  const segments = await hls.follow(url, 16);
  const bytes = await check(sameSize(segments).slice(-5), undefined, Infinity);
  const first = keyFrames(bytes);
  assert.ok(first >= 5, `${first}`);
  camera.kill();
  const standing = await hls.follow(url, 10);
  const {frames} = decode(await check(standing.slice(-3), undefined, Infinity));
  assert.ok(frames >= 3 && frames <= 9, `${frames}`);
  assert.ok(standing.at(-1).number > segments.at(-1).number + 2);
  assert.equal(await server.program.stop(), 0);
}));

for (const wanted of [composed, {kind: 'peer', peer: 'Ann'}]) {
  test(`sound and picture are together: ${wanted.kind}`, long, () => Session.run(async session => {
    const temporary = mkdtempSync(join(tmpdir(), 'sfu-hls-'));
    session.defer(() => rmSync(temporary, {recursive: true}));
    const server = await RoomServer.start(session, sfuRoom);
    const browser = await session.browser('chromium', cameraOf(temporary, 30, ['--size', '640x360']));
    const ann = await server.join(browser, 'Ann', {prepare: shareUserMedia});
    const hls = new Hls(server, 'test');
    const {body} = await hls.ask('POST', '', wanted);
    const url = new URL(body.playlist, server.url).href;
    await eventually(async () => (await read(url)).text, 20_000);
    const file = join(temporary, 'segments.ts');
    const segments = sameSize(await hls.follow(url, 14)).slice(wanted.kind === 'peer' ? -5 : -10);
    writeFileSync(file, await check(segments, undefined, Infinity));
    const expected = await reference(ann, temporary, 'ann');
    const report = look(file);
    console.log(`# ${wanted.kind}: sound is off by ${report.av_median} s, in the browser by ${expected} s`);
    assert.deepEqual([report.errors, report.out_of_order], [[], []]);
    assert.ok(report.beeps.length >= 6);
    assert.ok(Math.abs(report.av_median - expected) <= MAX_AV_SECONDS);
    assert.equal(await server.program.stop(), 0);
  }));
}

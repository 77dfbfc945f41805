// FFmpeg as a guest of sfu-room, with the commands that the server gives. usage: sfu_room_plain_test.mjs
// SFU_ROOM: the program.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';

import {RoomServer, hears, sees, startWithTokens, tiles} from './support/meeting.mjs';
import {Client, eventually, microphone} from './support/room_client.mjs';
import {Session} from './support/session.mjs';

const [sfuRoom] = process.argv.slice(2);

async function ask(server, method, path, body) {
  const response = await fetch(server.url + path, {
    method, headers: body === undefined ? {} : {'content-type': 'application/json'},
    body: body === undefined ? undefined : JSON.stringify(body)});
  const text = await response.text();
  return {status: response.status, location: response.headers.get('location'),
          json: text === '' ? undefined : JSON.parse(text)};
}

test('a page sees and hears what FFmpeg sends', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const ann = await server.join(await session.browser('chromium'), 'Ann');
  for (const video of ['VP8', 'H264']) {
    const {status, location, json} = await ask(server, 'POST', 'rooms/test/plain', {name: 'Lobby', video});
    assert.equal(status, 201);
    assert.deepEqual(json.media.map(({codec}) => codec), [video, 'opus']);
    assert.deepEqual((await ask(server, 'GET', 'rooms/test/plain')).json, {guests: [json]});
    // As it is printed, by a shell.
    const ffmpeg = session.program(['sh', '-c', `exec ${json.ffmpeg}`]);
    await sees(ann, 'Lobby');
    await hears(ann, 'Lobby');
    assert.equal((await ask(server, 'DELETE', location.slice(1))).status, 204);
    await eventually(async () => (await tiles(ann)).length === 0);
    assert.deepEqual((await ask(server, 'GET', 'rooms/test/plain')).json, {guests: []});
    ffmpeg.kill();
  }
  assert.equal(await server.program.stop(), 0);
  assert.doesNotMatch(server.program.output, /CRITICAL|WARNING/);
}));

test('a guest keeps a room open, and leaves nothing behind', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const files = async () => Number(/^process_open_fds (\d+)/m.exec(
    await (await fetch(server.url + 'metrics')).text())[1]);
  // The first one starts what stays: the Worker.
  for (let i = 0, before; i < 4; ++i) {
    const {location, json} = await ask(server, 'POST', 'rooms/camera/plain', {name: 'Door', audio: 'none'});
    assert.deepEqual(json.media.map(({kind}) => kind), ['video']);
    assert.equal((await server.health()).rooms, 1);
    await ask(server, 'DELETE', location.slice(1));
    assert.equal((await server.health()).rooms, 0);
    before ??= await files();
    // Its connections end when they do.
    await eventually(async () => await files() <= before);
  }
  // It goes with the server, too.
  await ask(server, 'POST', 'rooms/camera/plain', {name: 'Door'});
  assert.equal(await server.program.stop(), 0);
}));

// Of FFmpeg: how many frames of each kind the file has, decoded.
function framesOf(file) {
  const text = execFileSync('ffprobe', [
    '-v', 'error', '-count_frames', '-show_entries', 'stream=codec_name,nb_read_frames', '-of', 'csv=p=0',
    file]).toString();
  return Object.fromEntries(text.trim().split('\n').map(line => line.split(',')).map(
    ([codec, frames]) => [codec, Number(frames)]));
}

test('FFmpeg gets what a page sends', () => Session.run(async session => {
  const folder = mkdtempSync(join(tmpdir(), 'sfu-room-'));
  session.defer(() => rmSync(folder, {recursive: true}));
  const server = await RoomServer.start(session, sfuRoom);
  const ann = await server.join(await session.browser('chromium'), 'Ann');
  await eventually(async () => (await server.health()).people === 1 &&
                   (await ask(server, 'GET', 'api/rooms/test')).json.peers[0].producers.length === 2);
  const {status, location, json} = await ask(
    server, 'POST', 'rooms/test/plain', {direction: 'out', peer: 'Ann', address: '127.0.0.1', port: 6000});
  assert.equal(status, 201, JSON.stringify(json));
  assert.deepEqual(json.media.map(({kind, port, rtcpPort}) => [kind, port, rtcpPort]),
                   [['video', 6000, 6001], ['audio', 6002, 6003]]);
  assert.match(json.sdp, /^m=video 6000 RTP\/AVP \d+\r$/m);
  assert.deepEqual((await ask(server, 'GET', 'rooms/test/plain')).json, {guests: [json]});
  assert.deepEqual(await tiles(ann), []);
  // As it is printed, by a shell.
  const ffmpeg = session.program(['sh', '-c', `cd ${folder} && exec ${json.ffmpeg}`]);
  const file = join(folder, 'room.mkv');
  await eventually(() => (statSync(file, {throwIfNoEntry: false})?.size ?? 0) > 30_000, 20_000);
  ffmpeg.child.kill('SIGINT');
  await ffmpeg.ended;
  const frames = framesOf(file);
  assert.ok(frames.vp8 > 10 && frames.opus > 10, JSON.stringify(frames));
  assert.equal((await ask(server, 'DELETE', location.slice(1))).status, 204);
  assert.equal((await server.health()).people, 1);
  // When Ann leaves there is nothing to send any more.
  await ask(server, 'POST', 'rooms/test/plain', {direction: 'out', address: '::1', port: 6000});
  assert.equal((await server.health()).people, 2);
  await ann.close();
  await eventually(async () => (await server.health()).rooms === 0);
  assert.equal(await server.program.stop(), 0);
  assert.doesNotMatch(server.program.output, /CRITICAL|WARNING/);
}));

test('who falls silent leaves', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const {json} = await ask(server, 'POST', 'rooms/camera/plain', {name: 'Door', audio: 'none', timeout: 1});
  assert.equal(json.timeout, 1);
  const ffmpeg = session.program(['sh', '-c', `exec ${json.ffmpeg}`]);
  await new Promise(resolve => setTimeout(resolve, 2500));
  assert.equal((await server.health()).people, 1);
  ffmpeg.kill();
  await eventually(async () => (await server.health()).rooms === 0);
}));

test('packets go to this machine, or with a token elsewhere, and never to many', () =>
  Session.run(async session => {
    const server = await RoomServer.start(session, sfuRoom);
    const client = await Client.connect(server.url);
    await client.join('Ann');
    await client.request('createTransport', {direction: 'send'});
    await client.request('produce', microphone(1234));
    const out = async (address, port = 6000, more = {}) => {
      const {status, json} = await ask(server, 'POST', 'rooms/test/plain', {direction: 'out', address, port, ...more});
      return status === 201 ? status : [status, json.error.field];
    };
    for (const address of ['192.0.2.1', '224.0.0.1', 'ff02::1', '0.0.0.0', '::', '255.255.255.255',
                           'localhost', '127.0.0.1 ']) {
      assert.deepEqual(await out(address), [400, 'address'], address);
    }
    for (const port of [1023, 65533, '6000', 6000.5, null]) {
      assert.deepEqual(await out('127.0.0.1', port), [400, 'port'], `${port}`);
    }
    assert.deepEqual(await out('127.0.0.1', 6000, {peer: 'Eve'}), [404, 'peer']);
    assert.deepEqual(await out('127.0.0.1', 6000, {direction: 'up'}), [400, 'direction']);
    assert.equal((await server.health()).people, 1);
    assert.equal(await out('127.0.0.1'), 201);

    const {server: other, token} = await startWithTokens(session, sfuRoom);
    const member = await Client.connect(other.url);
    await member.join('Ann', 'test', {token: token('test')});
    await member.request('createTransport', {direction: 'send'});
    await member.request('produce', microphone(1234));
    const post = headers => fetch(`${other.url}rooms/test/plain`, {
      method: 'POST', headers: {'content-type': 'application/json', ...headers},
      body: JSON.stringify({direction: 'out', address: '192.0.2.1', port: 6000})});
    assert.equal((await post({})).status, 401);
    assert.equal((await post({authorization: `Bearer ${token('blue')}`})).status, 401);
    assert.equal((await post({authorization: `Bearer ${token('test')}`})).status, 201);
  }));

test('wrong requests change nothing', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom, ['--max-peers=2']);
  const client = await Client.connect(server.url);
  await client.join('Ann');
  const refusal = async (method, path, body) => {
    const {status, json} = await ask(server, method, path, body);
    return [status, json.error.code, json.error.field];
  };
  const post = body => refusal('POST', 'rooms/test/plain', body);
  assert.deepEqual(await post(undefined), [400, 'invalid', 'name']);
  assert.deepEqual(await post({name: 7}), [400, 'invalid', 'name']);
  assert.deepEqual(await post({name: 'Cam', video: 'MPEG2'}), [400, 'invalid', 'video']);
  assert.deepEqual(await post({name: 'Cam', video: 'none', audio: 'none'}), [400, 'invalid', 'audio']);
  assert.deepEqual(await post({name: 'Ann'}), [409, 'conflict', 'name']);
  assert.equal((await server.health()).people, 1);
  const {location} = await ask(server, 'POST', 'rooms/test/plain', {name: 'Cam'});
  assert.deepEqual(await post({name: 'Cam2'}), [503, 'full', 'room']);
  const id = location.split('/').pop();
  assert.deepEqual(await refusal('DELETE', `rooms/other/plain/${id}`), [404, 'not-found', 'id']);
  assert.deepEqual(await refusal('DELETE', 'rooms/test/plain/none'), [404, 'not-found', 'id']);
  assert.equal((await server.health()).people, 2);
  assert.equal((await ask(server, 'DELETE', location.slice(1))).status, 204);
  assert.deepEqual(await refusal('DELETE', location.slice(1)), [404, 'not-found', 'id']);
  assert.equal((await server.health()).people, 1);
}));

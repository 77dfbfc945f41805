// FFmpeg as a guest of sfu-room, with the command that the server gives. usage: sfu_room_plain_test.mjs
// SFU_ROOM: the program.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {RoomServer, hears, sees, tiles} from './support/meeting.mjs';
import {Client, eventually} from './support/room_client.mjs';
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
    assert.ok(await files() <= before);
  }
  // It goes with the server, too.
  await ask(server, 'POST', 'rooms/camera/plain', {name: 'Door'});
  assert.equal(await server.program.stop(), 0);
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

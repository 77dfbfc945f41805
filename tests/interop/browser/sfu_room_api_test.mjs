// The REST API of sfu-room. usage: sfu_room_api_test.mjs SFU_ROOM: the program.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {request} from 'node:http';
import {test} from 'node:test';

import {RoomServer, startWithTokens} from './support/meeting.mjs';
import {Client, microphone} from './support/room_client.mjs';
import {Session} from './support/session.mjs';

const [sfuRoom] = process.argv.slice(2);

// {status, json} of a request.
async function ask(server, path, options = {}) {
  const response = await fetch(server.url + path, options);
  const text = await response.text();
  return {status: response.status, headers: response.headers, json: text === '' ? undefined : JSON.parse(text)};
}

test('the rooms and who is in them', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  assert.deepEqual((await ask(server, 'api/rooms')).json, {rooms: []});
  assert.deepEqual((await ask(server, 'api/rooms/blue')).status, 404);
  const client = await Client.connect(server.url);
  const {peerId} = await client.join('Ann', 'blue');
  await client.request('createTransport', {direction: 'send'});
  const {id} = await client.request('produce', microphone(1234));
  await client.request('pauseProducer', {producerId: id});
  const other = await Client.connect(server.url);
  await other.join('Bob', 'red');
  assert.deepEqual((await ask(server, 'api/rooms')).json,
                   {rooms: [{name: 'blue', peers: 1}, {name: 'red', peers: 1}]});
  const {status, headers, json} = await ask(server, 'api/rooms/blue');
  assert.equal(status, 200);
  assert.equal(headers.get('content-type'), 'application/json');
  assert.deepEqual(json, {
    name: 'blue', speaker: '', viewers: 0,
    peers: [{id: peerId, name: 'Ann', via: 'page', handRaised: false, score: json.peers[0].score, consumers: 0,
             producers: [{id, source: 'mic', kind: 'audio', paused: true}]}],
  });
  assert.deepEqual((await ask(server, 'healthz')).json, {status: 'ok', rooms: 2, people: 2});
  assert.equal((await fetch(server.url + 'api/rooms', {method: 'HEAD'})).status, 200);
  assert.equal(await server.program.stop(), 0);
}));

// Each path of the document, asked in each way that there is.
test('the document says what may be asked', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const {json: document} = await ask(server, 'api/openapi.json');
  assert.match(document.openapi, /^3\.1/);
  for (const [pattern, item] of Object.entries(document.paths)) {
    const path = pattern.slice(1).replace('{room}', 'blue').replaceAll(/\{\w+\}/g, 'none');
    const documented = Object.keys(item).filter(key => !['parameters', 'options'].includes(key)).map(
      key => key.toUpperCase());
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const {status} = await fetch(server.url + path, {method});
      assert.equal(status === 405, !documented.includes(method), `${method} ${pattern}: ${status}`);
    }
    const {headers} = await fetch(server.url + path, {method: 'OPTIONS'});
    assert.deepEqual(headers.get('allow').split(', ').filter(name => !['HEAD', 'OPTIONS'].includes(name)).sort(),
                     documented.sort(), pattern);
  }
}));

test('wrong requests get an answer that says why', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const refusal = async (path, options) => {
    const {status, json} = await ask(server, path, options);
    return [status, json.error.code, json.error.field];
  };
  assert.deepEqual(await refusal('api/none'), [404, 'not-found', '']);
  assert.deepEqual(await refusal('api/rooms/a/b/c'), [404, 'not-found', '']);
  assert.deepEqual(await refusal('api/rooms/a%20b'), [400, 'invalid', 'room']);
  assert.deepEqual(await refusal('api/rooms', {method: 'POST', body: '{}'}), [405, 'method', '']);
  assert.deepEqual(await refusal('api/rooms', {headers: {origin: 'http://evil.example'}}),
                   [403, 'origin', 'Origin']);
  const {status} = await ask(server, 'api/rooms', {headers: {origin: server.url.slice(0, -1)}});
  assert.equal(status, 200);
}));

// GET may have a body, too.
test('a body without end hurts nobody', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const memory = () => Number(/VmRSS:\s+(\d+)/.exec(
    readFileSync(`/proc/${server.program.child.pid}/status`))[1]);
  const before = memory();
  const status = await new Promise((resolve, reject) => {
    const upload = request(server.url + 'api/rooms', {method: 'GET', headers: {'transfer-encoding': 'chunked'}},
                           response => resolve(response.statusCode)).on('error', reject);
    const chunk = Buffer.alloc(1 << 20, 'x');
    for (let i = 0; i < 50; ++i) upload.write(chunk);
    upload.end();
  });
  assert.equal(status, 413);
  assert.ok(memory() - before < 20_000, `${memory() - before} kB more`);
}));

test('with a key nobody asks without a token for the room', () => Session.run(async session => {
  const {server, token} = await startWithTokens(session, sfuRoom);
  const client = await Client.connect(server.url);
  await client.join('Ann', 'blue', {token: token('blue')});
  const status = async (path, room) => (await ask(
    server, path, room === undefined ? {} : {headers: {authorization: `Bearer ${token(room)}`}})).status;
  assert.equal(await status('healthz'), 200);
  assert.equal(await status('api/openapi.json'), 200);
  assert.equal(await status('api/rooms'), 401);
  assert.equal(await status('api/rooms', 'blue'), 401);
  assert.equal(await status('api/rooms', '*'), 200);
  assert.equal(await status('api/rooms/blue'), 401);
  assert.equal(await status('api/rooms/blue', 'red'), 401);
  assert.equal(await status('api/rooms/blue', 'blue'), 200);
  assert.equal(await status('api/rooms/blue', '*'), 200);
  assert.equal(await status(`api/rooms/blue?token=${token('blue')}`), 200);
  for (const path of ['recordings', 'recordings/20260101-000000/room.mkv']) {
    assert.equal(await status(`api/rooms/blue/${path}`, 'red'), 401);
    assert.equal(await status(`api/rooms/blue/${path}`), 401);
  }
  // A token for everything is for programs; people join rooms.
  assert.equal((await (await Client.connect(server.url)).join('Bob', 'blue', {token: token('*')})).code, 'token');
}));

// A room of sfu-room as HLS. usage: sfu_room_hls_test.mjs SFU_ROOM: the program.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {test} from 'node:test';

import {Hls, decode, read} from './support/hls.mjs';
import {RoomServer} from './support/meeting.mjs';
import {Client, eventually} from './support/room_client.mjs';
import {Session} from './support/session.mjs';

const [sfuRoom] = process.argv.slice(2);
const ALL = process.env.SFU_TEST_ALL === '1';
const SECONDS = ALL ? 30 : 4;
const FPS = 25;

async function enter(session, server, room, name = 'Somebody') {
  const client = await Client.connect(server.url);
  session.defer(() => client.socket.terminate());
  await client.join(name, room);
  return client;
}

test('a room is broadcast in two sizes, for nobody else', {timeout: 90_000}, () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom, ['--max-broadcasts=2']);
  const hls = new Hls(server, 'test');
  const composed = {kind: 'composed'};
  assert.equal((await hls.ask('POST', '', composed)).status, 404);
  await enter(session, server, 'test');
  await enter(session, server, 'other');
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

  const renditions = [{height: 360}, {height: 180}];
  const {status, body, headers} = await hls.ask('POST', '', {...composed, renditions});
  assert.deepEqual([status, body.state, body.picture], [201, 'starting', 'mixed']);
  assert.equal(headers.get('location'), `/api/rooms/test/hls/${body.id}`);
  const second = await new Hls(server, 'other').ask('POST', '', composed);
  assert.equal((await hls.ask('POST', '', composed)).status, 503);
  assert.deepEqual((await hls.ask('GET')).body.broadcasts.map(({id}) => id), [body.id]);
  const url = new URL(body.playlist, server.url).href;

  const main = await eventually(async () => (await read(url)).text);
  assert.deepEqual(main.match(/^.*\.m3u8$/gm), ['360p.m3u8', '180p.m3u8']);
  const bandwidth = main.match(/BANDWIDTH=(\d+)/g).map(text => Number(text.slice('BANDWIDTH='.length)));
  const playlists = ['360p.m3u8', '180p.m3u8'].map(name => new URL(name, url).href);
  const [large, small] = await Promise.all(playlists.map(playlist => hls.follow(playlist, SECONDS)));
  // A player can change over at each segment: they begin at the same time, with a key frame.
  const count = Math.min(large.length, small.length);
  assert.ok(count >= SECONDS - 1);
  for (let i = 0; i < count; ++i) {
    assert.equal(large[i].date, small[i].date);
    assert.equal(large[i].duration, small[i].duration);
  }
  for (const [index, segments] of [large, small].entries()) {
    const packets = [];
    for (const {url: address, duration} of segments) {
      const response = await fetch(address);
      const bytes = Buffer.from(await response.arrayBuffer());
      assert.ok(bytes.length * 8 / duration < bandwidth[index] * 1.1);
      packets.push(bytes);
      const found = JSON.parse(execFileSync(
        'ffprobe', ['-v', 'error', '-show_packets', '-select_streams', 'v', '-of', 'json', '-'], {input: bytes}));
      assert.match(found.packets[0].flags, /K/);
    }
    // The first may begin before the sound does.
    const {frames, sound} = decode(Buffer.concat(packets.slice(1)));
    const length = segments.slice(1).reduce((sum, {duration}) => sum + duration, 0);
    assert.ok(Math.abs(frames - length * FPS) <= 1, `${frames} frames in ${length} s`);
    assert.ok(Math.abs(sound - length) < 0.1, `${sound} s of sound in ${length} s`);
  }

  const newest = await fetch(large.at(-1).url, {headers: {Origin: 'https://elsewhere.example'}});
  assert.equal(newest.headers.get('content-type'), 'video/mp2t');
  assert.equal(newest.headers.get('cache-control'), 'public, max-age=60, immutable');
  assert.equal(newest.headers.get('access-control-allow-origin'), '*');
  assert.equal(newest.headers.get('content-length'), `${(await newest.arrayBuffer()).byteLength}`);
  const {id} = body;
  for (const wrong of [
    `${id}/..%2f..%2fetc%2fpasswd`, `${id}/%2fetc%2fpasswd`, `${id}/360p-99999.ts`, `${id}/360p-.ts`,
    `${id}/x.m3u8`, `${id}%2f..%2f${id}/live.m3u8`, '..%2f..%2fetc', '%2e%2e/live.m3u8', `${second.body.id}/live.m3u8`,
  ]) {
    const {status: refused} = await fetch(`${hls.address}/${wrong}`);
    assert.ok([400, 404].includes(refused), `${wrong}: ${refused}`);
  }
  assert.equal((await new Hls(server, 'other').ask('DELETE', `/${id}`)).status, 404);

  assert.equal((await hls.ask('DELETE', `/${id}`)).body.state, 'ended');
  const end = await read(playlists[0]);
  assert.match(end.text, /\n#EXT-X-ENDLIST\n$/);
  assert.equal((await new Hls(server, 'test').ask('GET', `/${id}`)).body.state, 'ended');
  // The others' goes on until the server ends, and players are told.
  const other = new URL(second.body.playlist, server.url).href;
  assert.doesNotMatch((await read(other)).text, /ENDLIST/);
  process.kill(server.program.child.pid, 'SIGTERM');
  await eventually(async () => /\n#EXT-X-ENDLIST\n$/.test((await read(other)).text));
  assert.equal(await server.program.ended, 0, server.program.output);
  assert.doesNotMatch(server.program.output, /CRITICAL|WARNING/);
}));

// WHIP and WHEP into and out of a room of sfu-room. usage: sfu_room_whip_test.mjs SFU_ROOM OFFERS: the
// program, and the folder of offers that OBS and others make.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';

import {RoomServer, meets, startWithTokens, tiles} from './support/meeting.mjs';
import {Client, eventually} from './support/room_client.mjs';
import {Session} from './support/session.mjs';

const [sfuRoom, offers] = process.argv.slice(2);
const SDP = {'content-type': 'application/sdp'};
const MAX_DELAY_MS = 500;

const offer = name => readFileSync(join(offers, `${name}.sdp`), 'utf8');

function post(server, path, body, headers = {}) {
  return fetch(server.url + path, {method: 'POST', headers: {...SDP, ...headers}, body});
}

function patch(url, tag, fragment) {
  return fetch(url, {
    method: 'PATCH', body: fragment,
    headers: {'content-type': 'application/trickle-ice-sdpfrag', ...tag && {'if-match': tag}}});
}

async function peers(server, room = 'test') {
  const response = await fetch(`${server.url}api/rooms/${room}`);
  return response.status === 404 ? [] : (await response.json()).peers;
}

// What a page of somebody else has: RTCPeerConnection and fetch.
function installWhip() {
  window.exchange = async (path, prepare) => {
    const pc = new RTCPeerConnection();
    prepare(pc);
    await pc.setLocalDescription();
    const response = await fetch(path, {
      method: 'POST', headers: {'Content-Type': 'application/sdp'}, body: pc.localDescription.sdp});
    const text = await response.text();
    if (response.status !== 201) throw new Error(`${response.status} ${text}`);
    await pc.setRemoteDescription({type: 'answer', sdp: text});
    return {pc, session: response.headers.get('location')};
  };
  // Draws the time of day as 16 bits and 4 of a sum, white or black.
  window.publish = async path => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [640, 360];
    const context = canvas.getContext('2d');
    setInterval(() => {
      const time = Date.now() & 0xffff;
      const sum = (time ^ time >> 4 ^ time >> 8 ^ time >> 12) & 0xf;
      for (let bit = 0; bit < 20; ++bit) {
        context.fillStyle = (time * 16 + sum) / 2 ** bit & 1 ? 'white' : 'black';
        context.fillRect(bit * 32, 0, 32, 360);
      }
    }, 10);
    const {getAudioTracks} = MediaStream.prototype;
    const sound = getAudioTracks.call(await navigator.mediaDevices.getUserMedia({audio: true}));
    const tracks = [...canvas.captureStream(30).getVideoTracks(), ...sound];
    window.published = await exchange(
      path, pc => tracks.forEach(track => pc.addTransceiver(track, {direction: 'sendonly'})));
  };
  window.watch = async path => {
    const video = document.createElement('video');
    [video.autoplay, video.muted] = [true, true];
    document.body.append(video);
    window.watched = await exchange(path, pc => {
      pc.ontrack = event => { video.srcObject = event.streams[0]; };
      for (const kind of ['video', 'audio']) pc.addTransceiver(kind, {direction: 'recvonly'});
    });
    const canvas = new OffscreenCanvas(640, 360);
    const context = canvas.getContext('2d', {willReadFrequently: true});
    window.delays = [];
    const look = () => {
      const now = Date.now();
      context.drawImage(video, 0, 0, 640, 360);
      let bits = 0;
      for (let bit = 0; bit < 20; ++bit) {
        if (context.getImageData(bit * 32 + 16, 180, 1, 1).data[1] > 127) bits += 2 ** bit;
      }
      const time = Math.floor(bits / 16);
      const sum = (time ^ time >> 4 ^ time >> 8 ^ time >> 12) & 0xf;
      if (bits % 16 === sum) delays.push(now - time & 0xffff);
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  };
}

// A page of the server's origin that is not ours.
async function plainPage(session, server) {
  const page = await (await session.browser('chromium')).open(`${server.url}healthz`);
  await page.evaluate(installWhip);
  return page;
}

test('a browser without our page publishes and watches', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const ann = await server.join(await session.browser('chromium'), 'Ann');
  const page = await plainPage(session, server);
  await page.evaluate(() => publish('/rooms/test/whip?name=Studio'));
  await meets(ann, 'Studio');
  assert.deepEqual((await peers(server)).map(({name, via, producers}) => [name, via, producers.length]),
                   [['Ann', 'page', 2], ['Studio', 'whip', 2]]);
  await page.evaluate(() => watch('/rooms/test/whep?peer=Studio'));
  // The jitter buffer has settled by then.
  await page.waitFor(() => delays.length > 60 && (delays.skip ??= delays.length) < delays.length - 90);
  const delays = await page.evaluate(() => delays.slice(delays.skip).sort((a, b) => a - b));
  const [median, worst] = [0.5, 0.95].map(part => delays[Math.floor(part * delays.length)]);
  console.log(`# WHIP to WHEP, glass to glass: ${median} ms, 95 % within ${worst} ms`);
  assert.ok(worst < MAX_DELAY_MS, `${worst} ms`);
  const {viewers} = await (await fetch(`${server.url}api/rooms/test`)).json();
  assert.equal(viewers, 1);
  assert.deepEqual(await tiles(ann), ['Studio']);
  const metrics = await (await fetch(`${server.url}metrics`)).text();
  assert.match(metrics, /^sfu_guests\{via="whep"\} 1$/m);
  assert.match(metrics, /^sfu_guests\{via="whip"\} 1$/m);
  // Who publishes ends, and with that what was watched.
  const status = await page.evaluate(
    async () => (await fetch(published.session, {method: 'DELETE'})).status);
  assert.equal(status, 200);
  await eventually(async () => (await tiles(ann)).length === 0);
  await page.waitFor(async () => (await fetch(watched.session)).status === 404);
  assert.equal((await server.health()).people, 1);
  assert.equal(await server.program.stop(), 0);
  assert.doesNotMatch(server.program.output, /CRITICAL|WARNING/);
}));

test('offers of OBS, FFmpeg, GStreamer and browsers are answered', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const listener = await Client.connect(server.url);
  await listener.join('Ann');
  for (const program of ['obs', 'ffmpeg', 'whipclientsink', 'webrtcbin', 'chromium', 'firefox']) {
    const response = await post(server, `rooms/test/whip?name=${program}`, offer(`${program}_publish`));
    assert.equal(response.status, 201, await response.text());
    const url = new URL(response.headers.get('location'), server.url).href;
    assert.match(url, /\/rooms\/test\/whip\/[0-9a-f]{32}$/);
    assert.equal((await peers(server)).find(peer => peer.name === program).producers.length, 2);
    assert.equal((await fetch(url, {method: 'DELETE'})).status, 200);
    assert.equal((await fetch(url, {method: 'DELETE'})).status, 404);
  }
  const names = (method, field) => listener.heardOf(method).map(data => data[field]);
  await eventually(() => names('peerLeft', 'peerId').length === 6);
  assert.deepEqual(names('peerJoined', 'name').slice(0, 3), ['obs', 'ffmpeg', 'whipclientsink']);
}));

test('a session is changed and ended by its address only', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const published = await post(server, 'rooms/test/whip', offer('chromium_publish'));
  const tag = published.headers.get('etag');
  const path = published.headers.get('location');
  const url = new URL(path, server.url).href;
  assert.equal((await peers(server))[0].name, 'WHIP 1');
  const candidate = 'm=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.9 9 typ host\r\n';
  assert.equal((await patch(url, tag, candidate)).status, 204);
  assert.equal((await patch(url, undefined, candidate)).status, 428);
  assert.equal((await patch(url, '"other"', candidate)).status, 412);
  const restart = 'a=ice-ufrag:newName\r\na=ice-pwd:newPassword0123456789xx\r\n' + candidate;
  const restarted = await patch(url, tag, restart);
  assert.equal(restarted.status, 200);
  assert.notEqual(restarted.headers.get('etag'), tag);
  assert.match(await restarted.text(), /a=ice-ufrag:/);
  for (const other of [path.replace('test', 'other'), path.replace('whip', 'whep')]) {
    assert.equal((await fetch(new URL(other, server.url), {method: 'DELETE'})).status, 404);
  }
  assert.equal((await fetch(url)).status, 204);
  const watching = await post(server, 'rooms/test/whep', offer('chromium_watch'));
  assert.equal(watching.status, 201);
  assert.match(await watching.text(), /a=sendonly/);
  const options = await fetch(`${server.url}rooms/test/whip`, {method: 'OPTIONS'});
  assert.equal(options.status, 204);
  assert.equal(options.headers.get('accept-post'), 'application/sdp');
  assert.equal(options.headers.get('access-control-allow-origin'), null);
  assert.equal(await server.program.stop(), 0);
}));

test('what is wrong is refused, and changes nothing', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom, ['--max-peers=3']);
  const status = async (path, body, headers) => (await post(server, path, body, headers)).status;
  const good = offer('chromium_publish');
  assert.equal(await status('rooms/test/whip', 'v=0'), 400);
  assert.equal(await status('rooms/test/whip', good, {'content-type': 'text/plain'}), 415);
  assert.equal(await status('rooms/test/whip', good + '\r\n'.repeat(40_000)), 413);
  assert.equal(await status('rooms/test/whip', Buffer.from([0x76, 0xff, 0xfe])), 400);
  assert.equal(await status(`rooms/test/whip?name=${'x'.repeat(65)}`, good), 400);
  assert.equal(await status('rooms/te%20st/whip', good), 400);
  assert.equal(await status('rooms/test/whip', offer('chromium_watch')), 422);
  assert.equal(await status('rooms/test/whip', good, {origin: 'http://evil.example'}), 403);
  assert.equal(await status('rooms/test/whep', offer('chromium_watch')), 409);
  assert.equal((await server.health()).rooms, 0);
  const client = await Client.connect(server.url);
  await client.join('Ann');
  assert.equal(await status('rooms/test/whip?name=Ann', good), 409);
  assert.equal(await status('rooms/test/whep', offer('chromium_watch')), 409);
  assert.equal(await status('rooms/test/whip?name=Bob', good), 201);
  assert.equal(await status('rooms/test/whep?peer=Eve', offer('chromium_watch')), 409);
  // A viewer counts, too.
  assert.equal(await status('rooms/test/whep?peer=Bob', offer('chromium_watch')), 201);
  assert.equal(await status('rooms/test/whep', offer('chromium_watch')), 503);
  assert.equal((await server.health()).people, 3);
}));

test('a token opens its own room', () => Session.run(async session => {
  const {server, token} = await startWithTokens(session, sfuRoom);
  const bearer = room => ({authorization: `Bearer ${token(room)}`});
  const good = offer('obs_publish');
  const status = async headers => (await post(server, 'rooms/red/whip', good, headers)).status;
  assert.equal(await status({}), 401);
  assert.equal(await status(bearer('blue')), 401);
  const response = await post(server, 'rooms/red/whip', good, bearer('red'));
  assert.equal(response.status, 201);
  assert.equal(response.headers.get('access-control-allow-origin'), '*');
  const url = new URL(response.headers.get('location'), server.url);
  const end = headers => fetch(url, {method: 'DELETE', headers});
  assert.equal((await end({})).status, 401);
  assert.equal((await end(bearer('blue'))).status, 401);
  assert.equal((await end(bearer('red'))).status, 200);
}));

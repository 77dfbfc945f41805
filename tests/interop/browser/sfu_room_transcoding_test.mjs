// Who cannot decode what somebody sends gets it in another codec. usage: sfu_room_transcoding_test.mjs
// SFU_ROOM: the program.

import assert from 'node:assert/strict';
import {createSocket} from 'node:dgram';
import {test} from 'node:test';

import {checkNoLeaks, checkTracerSees, LEAKS_ENV} from './support/leaks.mjs';
import {RoomServer, sees} from './support/meeting.mjs';
import {Client, eventually} from './support/room_client.mjs';
import {Session} from './support/session.mjs';
import {codecOf, received} from './support/stats.mjs';

const [sfuRoom] = process.argv.slice(2);
const skip = process.env.SFU_TEST_ALL === '1' ? false : 'takes long: SFU_TEST_ALL=1';

// What this page says of itself to the server has none of these codecs.
function forget(...mimeTypes) {
  const list = JSON.stringify(mimeTypes);
  return new Function(`
    const {send} = WebSocket.prototype;
    WebSocket.prototype.send = function(text) {
      const message = JSON.parse(text);
      if (message.method === 'receive') {
        const {rtpCapabilities} = message.data;
        const gone = rtpCapabilities.codecs.filter(({mimeType}) => ${list}.includes(mimeType));
        const numbers = gone.map(({preferredPayloadType}) => preferredPayloadType);
        rtpCapabilities.codecs = rtpCapabilities.codecs.filter(
          codec => !gone.includes(codec) && !numbers.includes(codec.parameters.apt));
      }
      window.sfuSocket = this;
      send.call(this, JSON.stringify(message));
    };`);
}

async function guest(session, server, name, sends = true) {
  const response = await fetch(`${server.url}rooms/test/plain`, {
    method: 'POST', headers: {'content-type': 'application/json'},
    body: JSON.stringify({name, video: 'H264', audio: 'none'})});
  const {ffmpeg} = await response.json();
  if (sends) session.program(['sh', '-c', `exec ${ffmpeg}`]);
  return new URL(response.headers.get('location'), server.url);
}

async function transcoders(server) {
  const text = await (await fetch(`${server.url}metrics`)).text();
  return Number(/^sfu_transcoders (\d+)$/m.exec(text)[1]);
}

// The codecs of the pictures that a page gets.
async function codecs(page) {
  const samples = await page.collectStats(0);
  return received(samples, 'video').map(video => codecOf(samples, video));
}

// Who has one codec only, and no browser.
async function client(server, name, mimeType, parameters = {}) {
  const made = await Client.connect(server.url);
  await made.join(name);
  await made.request('createTransport', {direction: 'recv'});
  await made.request('receive', {rtpCapabilities: {codecs: [
    {kind: 'video', mimeType, clockRate: 90000, preferredPayloadType: 96, parameters}]}});
  return made;
}

const H264 = {'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1};

// The camera of that name.
async function producerOf(server, person) {
  const {peers} = await (await fetch(`${server.url}api/rooms/test`)).json();
  return peers.find(({name}) => name === person).producers.find(({source}) => source === 'cam');
}

// What a client has been offered.
function offered(one) {
  return one.heardOf('newConsumer')?.map(({rtpParameters}) => rtpParameters.codecs[0].mimeType);
}

test('H264 for who has VP8 only, one transcoder for all of them', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const door = await guest(session, server, 'Door');
  const chromium = await session.browser('chromium');
  const ann = await server.join(chromium, 'Ann', {prepare: forget('video/H264')});
  await sees(ann, 'Door');
  await eventually(async () => (await codecs(ann)).join() === 'video/VP8');
  const sent = (await producerOf(server, 'Door')).id;
  // Who has H264 gets what was sent.
  const bob = await client(server, 'Bob', 'video/H264', H264);
  await eventually(() => bob.heardOf('newConsumer')?.some(({producerId}) => producerId === sent));
  bob.socket.close();
  // The encoder makes a key frame when it is asked for one, and else every 3000 frames.
  const cleo = await server.join(chromium, 'Cleo', {prepare: forget('video/H264')});
  await sees(cleo, 'Door');
  await eventually(async () => await transcoders(server) === 1);
  // It goes with the last who uses it, and comes back with the next.
  await ann.close();
  await eventually(async () => (await server.health()).people === 2);
  assert.equal(await transcoders(server), 1);
  await cleo.close();
  await eventually(async () => await transcoders(server) === 0);
  const dora = await client(server, 'Dora', 'video/VP8');
  await eventually(() => offered(dora));
  assert.equal(await transcoders(server), 1);
  // Or with who sends.
  await fetch(door, {method: 'DELETE'});
  await eventually(() => dora.heardOf('consumerClosed'));
  assert.equal(await transcoders(server), 0);
  assert.equal(await server.program.stop(), 0);
  assert.doesNotMatch(server.program.output, /CRITICAL|WARNING/);
  assert.equal(server.program.output.match(/transcoder-started","codec":"video\/VP8/g).length, 2);
}));

test('a camera for who has H264 only, while it is on', () => Session.run(async session => {
  const leaks = Object.entries(LEAKS_ENV).map(([name, value]) => `${name}=${value}`);
  const server = await RoomServer.start(session, ['env', ...leaks, sfuRoom]);
  const chromium = await session.browser('chromium');
  const bob = await server.join(chromium, 'Bob', {prepare: forget()});
  const ann = await server.join(chromium, 'Ann', {prepare: forget('video/VP8', 'video/VP9', 'video/AV1')});
  await sees(ann, 'Bob');
  await eventually(async () => (await codecs(ann)).join() === 'video/H264');
  const {id} = await producerOf(server, 'Bob');
  const ask = method => bob.evaluate((name, producerId) => window.sfuSocket.send(
    JSON.stringify({id: 1e6, method: name, data: {producerId}})), method, id);
  const frames = async () => received(await ann.collectStats(0), 'video')[0].last.framesDecoded;
  await ask('pauseProducer');
  let before;
  await eventually(async () => {
    const now = await frames();
    const stands = now === before;
    before = now;
    await new Promise(resolve => setTimeout(resolve, 300));
    return stands;
  });
  await ask('resumeProducer');
  await sees(ann, 'Bob');
  await checkTracerSees(server.program, 'GstX264Enc');
  await ann.close();
  await eventually(async () => await transcoders(server) === 0);
  await checkNoLeaks(server.program);
}));

test('who sends no pictures in his packets is given up', {skip}, () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const response = await fetch(`${server.url}rooms/test/plain`, {
    method: 'POST', headers: {'content-type': 'application/json'},
    body: JSON.stringify({name: 'Door', video: 'H264', audio: 'none'})});
  const {address, port, media: [{payloadType}]} = await response.json();
  const ann = await client(server, 'Ann', 'video/VP8');
  const socket = createSocket('udp4');
  session.defer(() => socket.close());
  const packet = Buffer.alloc(500, 0x67);  // as if each began a picture
  let number = 0;
  const timer = setInterval(() => {
    packet.writeUInt16BE(0x8080 | payloadType, 0);
    packet.writeUInt16BE(++number, 2);
    packet.writeUInt32BE(number * 1800, 4);
    packet.writeUInt32BE(77, 8);
    socket.send(packet, port, address);
  }, 20);
  session.defer(() => clearInterval(timer));
  const [{reason}] = await eventually(() => ann.heardOf('notConsumable'), 20_000);
  assert.equal(reason, 'it cannot be made in another codec');
  assert.equal(await transcoders(server), 0);
  assert.equal(ann.heardOf('newConsumer'), undefined);
  assert.equal(await server.program.stop(), 0);
}));

test('a room has so many at most', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const doors = [];
  for (let i = 0; i < 9; ++i) doors.push(await guest(session, server, `Door ${i}`, false));
  const ann = await client(server, 'Ann', 'video/VP8');
  const [refused, ...others] = await eventually(() => ann.heardOf('notConsumable'));
  assert.equal(refused.reason, 'this room has 8 streams made in another codec, and may have no more');
  assert.deepEqual(others, []);
  assert.equal(await transcoders(server), 8);
  // They also end before anything has come of them.
  await fetch(doors[0], {method: 'DELETE'});
  assert.equal(await transcoders(server), 7);
  ann.socket.close();
  await eventually(async () => await transcoders(server) === 0);
  assert.equal(await server.program.stop(), 0);
  assert.doesNotMatch(server.program.output, /CRITICAL|WARNING/);
}));

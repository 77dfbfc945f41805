// Clients of sfu-room that are no browsers: wrong messages, floods, those who never read, tokens, and
// paths. usage: sfu_room_clients_test.mjs SFU_ROOM: the program.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, readdirSync, rmSync} from 'node:fs';
import {connect} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';

import {RoomServer, startWithTokens} from './support/meeting.mjs';
import {Client, eventually, microphone} from './support/room_client.mjs';
import {Session} from './support/session.mjs';

const [sfuRoom] = process.argv.slice(2);
const POLICY = 1008;
const TOO_BIG = 1009;

// Who is in the room sees nothing of all that others do wrong.
async function withWitness(session, body, options) {
  const server = await RoomServer.start(session, sfuRoom, options);
  const witness = await Client.connect(server.url);
  const welcome = await witness.join('Witness');
  await body(server, witness, welcome);
  const began = Date.now();
  assert.deepEqual(await witness.request('chat', {text: 'still here'}), {});
  assert.ok(Date.now() - began < 500);
  await eventually(async () => (await server.health()).people === 1);
  assert.equal(await server.program.stop(), 0);
  assert.doesNotMatch(server.program.output, /CRITICAL|WARNING/);
}

test('a stream goes from one to the other, and with him', () => Session.run(async session => {
  await withWitness(session, async (server, witness, {rtpCapabilities}) => {
    await witness.request('createTransport', {direction: 'recv'});
    assert.deepEqual(await witness.request('receive', {rtpCapabilities}), {});
    const client = await Client.connect(server.url);
    const {peerId, peers} = await client.join('Speaker');
    assert.deepEqual(peers.map(({name}) => name), ['Witness']);
    await client.request('createTransport', {direction: 'send'});
    const {id: producerId} = await client.request('produce', microphone(1234));
    const [consumer] = await eventually(() => witness.heardOf('newConsumer'));
    assert.equal(consumer.producerId, producerId);
    assert.equal(consumer.peerId, peerId);
    assert.equal(consumer.source, 'mic');
    assert.equal(consumer.producerPaused, false);
    assert.equal(consumer.kind, 'audio');
    assert.deepEqual(await witness.request('resumeConsumer', {consumerId: consumer.id}), {});
    assert.equal((await client.request('produce', microphone(99))).field, 'source');
    await client.request('pauseProducer', {producerId});
    await client.request('raiseHand', {raised: true});
    await eventually(() => witness.heardOf('handRaised'));
    assert.deepEqual(witness.heardOf('producerPaused'), [{peerId, source: 'mic', paused: true}]);
    client.socket.terminate();
    await eventually(() => witness.heardOf('peerLeft'));
    assert.deepEqual(witness.heardOf('consumerClosed'), [{consumerId: consumer.id}]);
  });
}));

test('wrong messages get an answer that names the field', () => Session.run(async session => {
  await withWitness(session, async server => {
    const client = await Client.connect(server.url);
    const fieldOf = async (method, data) => (await client.request(method, data)).field;
    assert.equal((await client.request('chat', {text: 'a'})).code, 'not-joined');
    assert.equal(await fieldOf('join', {}), 'room');
    assert.equal(await fieldOf('join', {room: '../etc', name: 'A'}), 'room');
    assert.equal(await fieldOf('join', {room: 'test'}), 'name');
    assert.equal(await fieldOf('join', {room: 'test', name: 'A'.repeat(65)}), 'name');
    assert.equal((await client.join('Witness')).code, 'conflict');
    await client.join('Clumsy');
    assert.equal((await client.join('Again')).code, 'conflict');
    assert.equal(await fieldOf('dance', {}), 'method');
    assert.equal(await fieldOf('createTransport', {direction: 'up'}), 'direction');
    assert.equal(await fieldOf('produce', microphone(1)), 'method');
    const transport = await client.request('createTransport', {direction: 'send'});
    assert.equal(await fieldOf('createTransport', {direction: 'send'}), 'direction');
    assert.equal(await fieldOf('connectTransport', {transportId: 'x', dtlsParameters: {}}), 'transportId');
    assert.match(
      await fieldOf('connectTransport', {transportId: transport.id, dtlsParameters: {}}), /^dtlsParameters/);
    assert.match(
      await fieldOf('produce', {source: 'mic', kind: 'audio', rtpParameters: {}}), /^rtpParameters/);
    assert.equal(await fieldOf('produce', {...microphone(1), kind: 'video'}), 'kind');
    assert.equal(await fieldOf('receive', {}), 'rtpCapabilities');
    assert.equal(await fieldOf('closeProducer', {producerId: 'x'}), 'producerId');
    assert.equal(await fieldOf('pauseProducer', {producerId: 7}), 'producerId');
    assert.equal(await fieldOf('resumeConsumer', {consumerId: 'x'}), 'consumerId');
    assert.equal(await fieldOf('chat', {text: 'x'.repeat(2001)}), 'text');
    assert.equal(await fieldOf('raiseHand', {raised: 'high'}), 'raised');
    for (const garbage of ['', 'x', '[[[[', '{}', 'null', '{"id":-1}', '['.repeat(60_000)]) {
      client.socket.send(garbage);
    }
    assert.ok((await client.request('getStats')).send.iceState);
    client.socket.close();
  });
}));

test('who floods, or says too much at once, or no text, is cut off', () => Session.run(async session => {
  await withWitness(session, async server => {
    const flooder = await Client.connect(server.url);
    await flooder.join('Flooder');
    for (let i = 0; i < 2000; ++i) flooder.socket.send('{"id":1,"method":"raiseHand","data":{"raised":true}}');
    assert.equal(await flooder.closed, POLICY);
    const talker = await Client.connect(server.url);
    await talker.join('Talker');
    talker.socket.send('x'.repeat(100_000));
    // The goodbye is lost where the rest of the message was not read any more.
    assert.ok([TOO_BIG, 1006].includes(await talker.closed));
    const binary = await Client.connect(server.url);
    binary.socket.send(Buffer.from([0, 1, 2]));
    assert.equal(await binary.closed, 1003);
  });
}));

// It takes part, but its socket is never read: what is said to it would wait without end.
test('who never reads is cut off', {timeout: 60_000}, () => Session.run(async session => {
  await withWitness(session, async server => {
    const deaf = await Client.connect(server.url);
    await deaf.join('Deaf');
    deaf.socket._socket.pause();
    const talkers = await Promise.all(Array.from({length: 8}, () => Client.connect(server.url)));
    await Promise.all(talkers.map((talker, i) => talker.join(`Talker ${i}`)));
    const text = 'x'.repeat(2000);
    const began = Date.now();
    while (!server.program.output.includes('does not read')) {
      assert.ok(Date.now() - began < 40_000, 'it was not cut off');
      // As fast as the server lets one speak for long.
      await Promise.all([
        ...talkers.flatMap(talker => Array.from({length: 8}, () => talker.request('chat', {text}))),
        new Promise(resolve => setTimeout(resolve, 180))]);
    }
    assert.equal((await server.health()).people, 1 + talkers.length);
    talkers.forEach(({socket}) => socket.close());
  });
}));

test('a full room and a full server say so', () => Session.run(async session => {
  await withWitness(session, async server => {
    const second = await Client.connect(server.url);
    await second.join('Second');
    const third = await Client.connect(server.url);
    const refused = await third.join('Third');
    assert.deepEqual([refused.code, refused.field], ['full', 'room']);
    assert.equal((await third.join('Third', 'other')).code, 'full');
    second.socket.close();
    await second.closed;
    await eventually(async () => (await third.join('Third')).peerId !== undefined);
    third.socket.close();
  }, ['--max-peers=2', '--max-rooms=1']);
}));

test('the same client again takes the place of its dead connection', () => Session.run(async session => {
  await withWitness(session, async server => {
    const first = await Client.connect(server.url);
    await first.join('Ann', 'test', {session: 's1'});
    const second = await Client.connect(server.url);
    assert.equal((await second.join('Ann', 'test', {session: 's2'})).code, 'conflict');
    assert.ok((await second.join('Ann', 'test', {session: 's1'})).peerId);
    assert.equal(await first.closed, 4001);
    second.socket.close();
  });
}));

test('with a key nobody enters without a token for the room', () => Session.run(async session => {
  const {server, token} = await startWithTokens(session, sfuRoom);
  const client = await Client.connect(server.url);
  assert.deepEqual((await client.join('Ann')).code, 'token');
  assert.match((await client.join('Ann', 'test', {token: token('other')})).reason, /another room/);
  assert.match((await client.join('Ann', 'test', {token: 'a.b'})).reason, /not valid/);
  assert.ok((await client.join('Ann', 'test', {token: token('test')})).peerId);
}));

// As they are, without what fetch() would make of them.
function get(url, path) {
  const {hostname, port} = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(port, hostname, () => socket.write(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`));
    let text = '';
    socket.on('data', data => { text += data; }).on('close', () => resolve(text)).on('error', reject);
  });
}

test('no path leaves the folder of the page', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  assert.match(await get(server.url, '/'), /^HTTP\/1.1 200[^]*Content-Security-Policy/);
  for (const path of ['/../sfu-room', '/%2e%2e/sfu-room', '/..%2fsfu-room', '/./../sfu-room', '//etc/passwd',
                      '/..\\sfu-room', '/room.js/../../sfu-room', '/none', '/%00']) {
    assert.match(await get(server.url, path), /^HTTP\/1.1 (404|400)/, path);
  }
  assert.equal((await fetch(server.url, {method: 'POST', body: 'x'.repeat(1_000_000)})).status, 405);
  const stranger = await Client.connect(server.url, {origin: 'http://evil.example'});
  assert.equal(await stranger.closed, POLICY);
}));

test('with a certificate it serves https and wss', () => Session.run(async session => {
  const folder = mkdtempSync(join(tmpdir(), 'sfu-room-'));
  session.defer(() => rmSync(folder, {recursive: true}));
  const [key, certificate] = ['key.pem', 'cert.pem'].map(name => join(folder, name));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                           '-keyout', key, '-out', certificate, '-days', '2', '-subj', '/CN=room',
                           '-addext', 'subjectAltName=IP:127.0.0.1'], {stdio: 'ignore'});
  const server = await RoomServer.start(
    session, sfuRoom, [`--certificate=${certificate}`, `--private-key=${key}`]);
  assert.match(server.url, /^https:/);
  // Only that very certificate is trusted.
  const client = await Client.connect(server.url, {ca: readFileSync(certificate)});
  assert.ok((await client.join('Ann')).peerId);
  await assert.rejects(Client.connect(server.url), /self-signed/);
  assert.equal(await server.program.stop(), 0);
}));

test('people come, make transports, and go again, and nothing is left of them', {timeout: 60_000},
     () => Session.run(async session => {
  await withWitness(session, async server => {
    const open = () => readdirSync(`/proc/${server.program.child.pid}/fd`).length;
    const stay = async () => {
      const client = await Client.connect(server.url);
      await client.join('Guest');
      await client.request('createTransport', {direction: 'recv'});
      await client.request('createTransport', {direction: 'send'});
      const {id: producerId} = await client.request('produce', microphone(5));
      assert.deepEqual(await client.request('closeProducer', {producerId}), {});
      assert.equal((await client.request('closeProducer', {producerId})).code, 'not-found');
      await client.request('produce', microphone(5));
      client.socket.terminate();
      await eventually(async () => (await server.health()).people === 1);
    };
    await stay();
    await new Promise(resolve => setTimeout(resolve, 2500));
    const before = open();
    for (let i = 0; i < 30; ++i) await stay();
    await eventually(() => open() <= before + 3);
  });
}));

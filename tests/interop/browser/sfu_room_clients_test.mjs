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
const ALL = process.env.SFU_TEST_ALL === '1';
const long = {skip: ALL ? false : 'takes long: SFU_TEST_ALL=1'};
const POLICY = 1008;
const BAD_DATA = 1007;
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

// What mediasoup-client makes of a camera.
function camera(ssrc, parameters = {}, codec = {}) {
  return {
    kind: 'video', source: 'cam',
    rtpParameters: {
      mid: '1',
      codecs: [{mimeType: 'video/VP8', payloadType: 96, clockRate: 90000, parameters: {}, rtcpFeedback: [], ...codec}],
      headerExtensions: [{uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4}],
      encodings: [{ssrc}],
      rtcp: {cname: 'tester'},
      ...parameters,
    },
  };
}

test('streams that contradict each other are refused, and the others go on', () => Session.run(async session => {
  await withWitness(session, async server => {
    const client = await Client.connect(server.url);
    await client.join('Liar');
    await client.request('createTransport', {direction: 'send'});
    assert.ok((await client.request('produce', microphone(1234))).id);
    const [VP8] = camera(1).rtpParameters.codecs;
    const mid = 'urn:ietf:params:rtp-hdrext:sdes:mid';
    for (const [why, request] of Object.entries({
      'the payload type of the microphone': camera(1, {}, {payloadType: 111}),
      'its SSRC': camera(1234),
      'its extension id': camera(1, {headerExtensions: [{uri: 'urn:3gpp:video-orientation', id: 4}]}),
      'two extensions of an id': camera(1, {headerExtensions: [mid, 'urn:3gpp:video-orientation'].map(
        uri => ({uri, id: 5}))}),
      'two codecs of a payload type': camera(1, {codecs: [VP8, {...VP8, mimeType: 'video/VP9'}]}),
      'two encodings of an SSRC': camera(1, {encodings: [{ssrc: 1}, {ssrc: 1}]}),
      'two encodings of a RID': camera(1, {encodings: [{rid: 'a'}, {rid: 'a'}]}),
      'hundreds of codecs': camera(1, {codecs: Array(400).fill(VP8)}),
      'a thousand encodings': camera(1, {encodings: Array.from({length: 1000}, (_, i) => ({ssrc: i + 1}))}),
      'a payload type of 128': camera(1, {}, {payloadType: 128}),
      'a payload type of 2^64': camera(1, {}, {payloadType: 2 ** 64}),
      'an SSRC of 2^32': camera(2 ** 32),
      'an SSRC below 0': camera(-1),
      'an SSRC that is no number': camera('1'),
      'a clock rate of 0': camera(1, {}, {clockRate: 0}),
      'a MID with a null byte': camera(1, {mid: 'a\0b'}),
      'a MID without end': camera(1, {mid: 'x'.repeat(1000)}),
      'a type with a null byte': camera(1, {}, {mimeType: 'video/VP8\0'}),
    })) {
      const {code, field} = await client.request('produce', request);
      assert.deepEqual([why, code], [why, 'invalid']);
      assert.match(field, /payload|ssrc|codecs|encodings|headerExtensions|mid/, why);
    }
    // Of one MID there may be several where SSRCs tell them apart.
    const nameless = camera(1, {encodings: [{}]});
    assert.ok((await client.request('produce', nameless)).id);
    const twin = await client.request('produce', {...nameless, source: 'screen'});
    assert.deepEqual([twin.code, twin.field], ['invalid', 'mid']);
    for (const name of ['a\0b', 'a\u001bb', 'a\nb']) {
      const stranger = await Client.connect(server.url);
      assert.equal((await stranger.join(name)).field, 'name');
      stranger.socket.close();
    }
    const half = await Client.connect(server.url);
    // Half a character: JSON may say so, UTF-8 may not.
    half.socket.send('{"id":1,"method":"join","data":{"room":"test","name":"\\ud800"}}');
    await eventually(() => half.lastError);
    assert.equal(half.lastError.field, 'message');
    client.socket.close();
    half.socket.close();
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
    assert.equal(await talker.closed, TOO_BIG);
    // Much more than any buffer between them holds.
    const shouter = await Client.connect(server.url);
    shouter.socket.send('x'.repeat(20_000_000));
    assert.equal(await shouter.closed, TOO_BIG);
    const binary = await Client.connect(server.url);
    binary.socket.send(Buffer.from([0, 1, 2]));
    assert.equal(await binary.closed, 1003);
    // Text that is none.
    const broken = await Client.connect(server.url);
    broken.socket.send(Buffer.from('{"id":1,"method":"\xff\xfe"}', 'latin1'), {binary: false});
    assert.equal(await broken.closed, BAD_DATA);
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

// A server with a certificate of its own, and where that is.
async function startWithTls(session) {
  const folder = mkdtempSync(join(tmpdir(), 'sfu-room-'));
  session.defer(() => rmSync(folder, {recursive: true}));
  const [key, certificate] = ['key.pem', 'cert.pem'].map(name => join(folder, name));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                           '-keyout', key, '-out', certificate, '-days', '2', '-subj', '/CN=room',
                           '-addext', 'subjectAltName=IP:127.0.0.1'], {stdio: 'ignore'});
  const server = await RoomServer.start(
    session, sfuRoom, [`--certificate=${certificate}`, `--private-key=${key}`]);
  return {server, certificate};
}

test('with a certificate it serves https and wss', () => Session.run(async session => {
  const {server, certificate} = await startWithTls(session);
  assert.match(server.url, /^https:/);
  // Only that very certificate is trusted.
  const client = await Client.connect(server.url, {ca: readFileSync(certificate)});
  assert.ok((await client.join('Ann')).peerId);
  await assert.rejects(Client.connect(server.url), /self-signed/);
  client.socket.send('x'.repeat(2_000_000));
  assert.equal(await client.closed, TOO_BIG);
  assert.equal(await server.program.stop(), 0);
}));

// Connections to a port that say only so much; each of `words` is the first of some. `ended` of them have
// been ended by the other side.
function crowd(session, port, host, count, words) {
  const all = {ended: 0, count, leave: () => sockets.forEach(socket => socket.destroy())};
  const sockets = Array.from({length: count}, (_, i) => {
    const socket = connect(port, host, () => socket.write(words[i % words.length]));
    socket.resume().on('close', () => { ++all.ended; }).on('error', () => {});
    return socket;
  });
  session.defer(all.leave);
  return all;
}

// Neither HTTP that never comes, nor a TLS handshake that stalls, nor media over TCP that is none.
test('who connects and says nothing of use is put out in time', {timeout: 60_000},
     () => Session.run(async session => {
  const {server: https, certificate} = await startWithTls(session);
  await withWitness(session, async (server, witness) => {
    const {iceCandidates} = await witness.request('createTransport', {direction: 'send'});
    const {ip, port: mediaPort} = iceCandidates.find(({protocol}) => protocol === 'tcp');
    const portOf = url => Number(new URL(url).port);
    const hello = Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]);
    const frames = [Buffer.alloc(0), Buffer.from([0, 0, 0, 0]), Buffer.from([0xff, 0xff, 1, 2]), Buffer.from([0])];
    const body = 'POST /api/rooms HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{';
    const asked = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
    const began = Date.now();
    const crowds = [
      crowd(session, portOf(server.url), '127.0.0.1', 400, ['', 'G', 'GET / HTTP/1.1\r\nHost: x\r\nX-', body]),
      crowd(session, portOf(https.url), '127.0.0.1', 40, [Buffer.alloc(0), hello]),
      crowd(session, mediaPort, ip, 600, frames),
      // They got their answer, and ask for nothing more.
      crowd(session, portOf(server.url), '127.0.0.1', 300, [asked]),
    ];
    // More than there is place for: some go at once.
    await eventually(() => crowds[0].ended >= 100 && crowds[2].ended >= 50 && crowds[3].ended >= 40);
    // One byte now and then is not enough.
    const drip = connect(portOf(server.url), '127.0.0.1');
    const timer = setInterval(() => drip.write('x'), 300);
    session.defer(() => clearInterval(timer));
    const dripped = new Promise(resolve => drip.on('close', resolve).on('error', () => {}));
    // Others are served meanwhile.
    assert.equal((await server.health()).status, 'ok');
    const client = await Client.connect(https.url, {ca: readFileSync(certificate)});
    assert.ok((await client.join('Ann')).peerId);
    await eventually(() => crowds.every(({ended, count}) => ended === count), 20_000);
    await dripped;
    assert.ok(Date.now() - began > 8000, 'nobody was given time');
    client.socket.close();
  });
}));

// Others have them all. Who is in the room stays in it; who comes when there are some again gets in.
test('file descriptors run out, and come back', {timeout: 30_000}, () => Session.run(async session => {
  const most = 90;
  const server = await RoomServer.start(
    session, ['sh', '-c', `ulimit -n ${most} && exec "$@"`, 'sh', sfuRoom, '--workers=1']);
  const open = () => readdirSync(`/proc/${server.program.child.pid}/fd`).length;
  const witness = await Client.connect(server.url);
  await witness.join('Witness');
  const strangers = crowd(session, Number(new URL(server.url).port), '127.0.0.1', 150, ['']);
  await eventually(() => open() >= most);
  assert.deepEqual(await witness.request('chat', {text: 'still here'}), {});
  assert.equal((await witness.request('createTransport', {direction: 'send'})).code, 'failed');
  strangers.leave();
  const late = await Client.connect(server.url);
  assert.ok((await late.join('Late')).peerId);
  assert.ok((await witness.request('createTransport', {direction: 'send'})).iceCandidates);
  assert.equal(await server.program.stop(), 0);
  assert.match(server.program.output, /listening-again/);
}));

// Who does not take what he asked for. It waits for a time-out of 30 s.
test('a download that is not read is ended', {...long, timeout: 90_000}, () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const open = () => readdirSync(`/proc/${server.program.child.pid}/fd`).length;
  const before = open();
  const {port} = new URL(server.url);
  const sockets = Array.from({length: 20}, () => {
    const socket = connect(port, '127.0.0.1', () => socket.write(
      'GET /room.js HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20)));
    return socket.pause().on('error', () => {});
  });
  session.defer(() => sockets.forEach(socket => socket.destroy()));
  await eventually(() => open() >= before + sockets.length);
  await eventually(() => open() <= before + 1, 60_000);
}));

test('people come, make transports, and go again, and nothing is left of them', {timeout: ALL ? 300_000 : 60_000},
     () => Session.run(async session => {
  await withWitness(session, async (server, witness, {rtpCapabilities}) => {
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
    for (let i = 0; i < (ALL ? 1000 : 30); ++i) await stay();
    await eventually(() => open() <= before + 3);
    // Those who go without waiting for what they have asked for.
    for (let i = 0; i < 30; ++i) {
      const client = await Client.connect(server.url);
      client.join(`Hasty ${i}`);
      client.request('createTransport', {direction: 'recv'});
      client.request('createTransport', {direction: 'send'});
      client.request('produce', microphone(5));
      client.request('receive', {rtpCapabilities});
      setTimeout(() => client.socket.terminate(), i % 10);
      await client.closed;
    }
    await eventually(async () => (await server.health()).people === 1);
    await eventually(() => open() <= before + 3);
  });
}));

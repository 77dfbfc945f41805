// Clients of sfu-echo that are no browsers: what a closed WebSocket leaves behind, and what wrong
// messages do. usage: echo_connections_test.mjs SFU_ECHO NEWEST

import assert from 'node:assert/strict';
import {test} from 'node:test';

import WebSocket from 'ws';

import {checkNoLeaks, checkTracerSees, LEAKS_ENV} from './support/leaks.mjs';
import {microphoneTrack} from './support/microphone.mjs';
import {Session} from './support/session.mjs';

const [sfuEcho, page] = process.argv.slice(2);
const CONNECTS = process.env.SFU_TEST_ALL === '1' ? 100 : 20;

// As the page's own Signalling.
class Client {
  #waiting = new Map();
  #lastId = 0;

  static async connect(url) {
    const client = new Client();
    client.socket = new WebSocket(url.replace('http', 'ws') + 'ws');
    await new Promise((resolve, reject) => {
      client.socket.on('error', reject);
      client.socket.on('message', data => {
        const message = JSON.parse(data);
        if (message.type === 'connection-success') resolve();
        else if (message.id !== undefined) client.#answer(message);
      });
    });
    return client;
  }

  #answer({id, data, error}) {
    const {resolve, reject} = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) resolve(data);
    else reject(new Error(error));
  }

  request(type, data = {}) {
    const id = ++this.#lastId;
    this.socket.send(JSON.stringify({type, id, data}));
    return new Promise((resolve, reject) => this.#waiting.set(id, {resolve, reject}));
  }

  close() {
    this.socket.close();
    return new Promise(resolve => this.socket.on('close', resolve));
  }
}

const FINGERPRINT = {
  role: 'client',
  fingerprints: [{algorithm: 'sha-256', value: Array(32).fill('AB').join(':')}],
};

async function startEcho(session, env) {
  const echo = session.program([sfuEcho, '--port=0', `--page=${page}`], {env});
  const [, url] = await echo.waitForOutput(/open (http\S+\/)\?auto/);
  return {echo, url};
}

// The whole walk, up to the media.
async function walk(client, ssrc) {
  const {rtpCapabilities} = await client.request('getRouterRtpCapabilities');
  for (const sender of [true, false]) {
    const transport = await client.request('createTransport', {sender});
    assert.ok(transport.iceCandidates.length > 0);
    assert.ok(transport.dtlsParameters.fingerprints.length > 0);
  }
  await client.request('connectProducerTransport', {dtlsParameters: FINGERPRINT});
  const {id} = await client.request('transport-produce', microphoneTrack(ssrc));
  await client.request('connectConsumerTransport', {dtlsParameters: FINGERPRINT});
  const consumer = await client.request('consumeMedia', {producerId: id, rtpCapabilities});
  assert.equal(consumer.kind, 'audio');
  assert.equal(consumer.producerId, id);
  await client.request('resumePausedConsumer', {id: consumer.id});
}

test(`${CONNECTS} that come and go leave nothing`, () => Session.run(async session => {
  const {echo, url} = await startEcho(session, LEAKS_ENV);
  for (let i = 0; i < CONNECTS; ++i) {
    const client = await Client.connect(url);
    await walk(client, 1000 + i);
    if (i === 0) await checkTracerSees(echo, 'GstSfuWebRtcTransport');
    await client.close();
  }
  await checkNoLeaks(echo);
}));

test('it ends while clients are there', () => Session.run(async session => {
  const {echo, url} = await startEcho(session);
  await walk(await Client.connect(url), 1);
  await walk(await Client.connect(url), 1);
  assert.equal(await echo.stop(), 0);
  assert.equal(echo.output.trim().split('\n').length, 1, echo.output);
}));

test('wrong messages are answered with the reason', () => Session.run(async session => {
  const {echo, url} = await startEcho(session);
  const client = await Client.connect(url);
  await assert.rejects(client.request('dance'), /dance/);
  await assert.rejects(client.request('connectProducerTransport'), /createTransport comes first/);
  await assert.rejects(client.request('createTransport', {}), /sender/);
  await client.request('createTransport', {sender: true});
  await assert.rejects(client.request('createTransport', {sender: true}), /already/);
  await assert.rejects(client.request('transport-produce', {kind: 'audio'}), /rtpParameters/);
  await assert.rejects(client.request('resumePausedConsumer', {id: 'nobody'}), /nobody/);
  client.socket.send('no JSON');
  const {rtpCapabilities} = await client.request('getRouterRtpCapabilities');
  assert.ok(rtpCapabilities.codecs.length > 0);
  assert.equal(echo.child.exitCode, null);
}));

test('a port that is taken is told', () => Session.run(async session => {
  const {url} = await startEcho(session);
  const second = session.program([sfuEcho, `--port=${new URL(url).port}`]);
  assert.equal(await second.ended, 1);
  assert.match(second.output, /sfu-echo: .*in use/);
}));

// The figures of sfu-room for Prometheus, against those of two browsers that met.
// usage: sfu_room_metrics_test.mjs SFU_ROOM: the program.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

import {RoomServer, leave, sees} from './support/meeting.mjs';
import {Client, eventually, microphone} from './support/room_client.mjs';
import {Session} from './support/session.mjs';

const [sfuRoom] = process.argv.slice(2);

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const HELP = new RegExp(`^# HELP (${NAME}) (.+)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge)$`);
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (-?[0-9.]+(?:e[+-][0-9]+)?)$`);

// Reads the text as strictly as Prometheus does, and more: each metric is one block of HELP, TYPE and
// samples, and none comes twice. Gives {'NAME{LABELS}': value}.
function parse(text) {
  assert.ok(text.endsWith('\n'));
  const lines = text.slice(0, -1).split('\n');
  const values = {};
  const types = {};
  while (lines.length > 0) {
    const [, name] = HELP.exec(lines.shift()) ?? assert.fail('no HELP');
    const [, same, type] = TYPE.exec(lines.shift()) ?? assert.fail(`no TYPE of ${name}`);
    assert.equal(same, name);
    assert.equal(types[name], undefined, `${name} twice`);
    types[name] = type;
    assert.equal(name.endsWith('_total'), type === 'counter', name);
    while (lines.length > 0 && !lines[0].startsWith('#')) {
      const line = lines.shift();
      const [, metric, labels, value] = SAMPLE.exec(line) ?? assert.fail(`no sample: ${line}`);
      assert.equal(metric, name);
      const series = labels === undefined ? name : `${name}{${labels}}`;
      assert.equal(values[series], undefined, `${series} twice`);
      values[series] = Number(value);
      if (type === 'counter') assert.ok(values[series] >= 0, line);
    }
  }
  return values;
}

test('the guide names all of them, and no others', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const text = await (await fetch(server.url + 'metrics')).text();
  const there = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  const guide = readFileSync(new URL('../../../docs/guides/metrics.md', import.meta.url), 'utf8');
  const named = new Set([...guide.matchAll(/\b(?:sfu|process)_[a-z_]+/g)].map(([name]) => name));
  assert.deepEqual([...named].sort(), there.sort());
}));

async function metrics(server) {
  const response = await fetch(server.url + 'metrics');
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  return parse(await response.text());
}

test('what there is, and what the process uses', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const empty = await metrics(server);
  assert.equal(empty.sfu_rooms, 0);
  assert.ok(empty.process_resident_memory_bytes > 1e6);
  assert.ok(Math.abs(empty.process_start_time_seconds - Date.now() / 1000) < 60);
  const [ann, bob, cleo] = await Promise.all([1, 2, 3].map(() => Client.connect(server.url)));
  const {rtpCapabilities} = await ann.join('Ann');
  await bob.join('Bob "the\\ \u00e4rger" }');
  await cleo.join('Cleo', 'other');
  await ann.request('createTransport', {direction: 'recv'});
  await ann.request('receive', {rtpCapabilities});
  await bob.request('createTransport', {direction: 'send'});
  await bob.request('produce', microphone(1234));
  const full = await metrics(server);
  assert.equal(full.sfu_rooms, 2);
  assert.equal(full.sfu_peers, 3);
  assert.equal(full['sfu_transports{ice_state="new"}'], 2);
  assert.equal(full['sfu_producers{kind="audio"}'], 1);
  assert.equal(full['sfu_consumers{kind="audio"}'], 1);
  assert.equal(full['sfu_consumers{kind="video"}'], 0);
  assert.ok(full.process_cpu_seconds_total >= empty.process_cpu_seconds_total);
  // However many there are: a server has as many series as it had.
  assert.deepEqual(Object.keys(full), Object.keys(empty));
  assert.ok(!JSON.stringify(full).includes('Bob'));
  [ann, bob, cleo].forEach(client => client.socket.close());
  await eventually(async () => (await metrics(server)).sfu_peers === 0);
}));

// Sums of the streams of a page: {audio, video} by `field`.
function counted(page, type, field) {
  return page.evaluate(async (wanted, name) => {
    const sums = {audio: 0, video: 0};
    for (const peer of window.sfuPeers) {
      for (const report of (await peer.getStats()).values()) {
        if (report.type === wanted) sums[report.kind] += report[name];
      }
    }
    return sums;
  }, type, field);
}

test('agree with what browsers have counted, and stay when they have gone', () => Session.run(async session => {
  const server = await RoomServer.start(session, sfuRoom);
  const chromium = await session.browser('chromium');
  const pages = [await server.join(chromium, 'Ann'), await server.join(chromium, 'Bob')];
  await Promise.all([sees(pages[0], 'Bob'), sees(pages[1], 'Ann')]);
  await new Promise(resolve => setTimeout(resolve, 2000));

  // The browsers go on while they are asked: what the server says lies between two looks at them.
  const look = async (type, field) => {
    const both = await Promise.all(pages.map(page => counted(page, type, field)));
    return kind => both[0][kind] + both[1][kind];
  };
  const fields = [['outbound-rtp', 'packetsSent', 'sfu_inbound_rtp_packets_total'],
                  ['inbound-rtp', 'packetsReceived', 'sfu_outbound_rtp_packets_total']];
  const lookAtAll = () => Promise.all(fields.map(([type, field]) => look(type, field)));
  const before = await lookAtAll();
  const now = await metrics(server);
  const after = await lookAtAll();
  for (const [i, [type, , name]] of fields.entries()) {
    for (const kind of ['audio', 'video']) {
      const value = now[`${name}{kind="${kind}"}`];
      // Some are under way, what a browser says may be a little old, and among the pictures that it
      // sends are probes of nothing but padding.
      const slack = (type === 'outbound-rtp' && kind === 'video' ? 0.2 : 0.05) * after[i](kind) + 10;
      assert.ok(before[i](kind) - slack <= value && value <= after[i](kind) + slack,
                `${name} of ${kind}: ${before[i](kind)} ${value} ${after[i](kind)}`);
      assert.ok(value > 40, `${name} of ${kind}: ${value}`);
    }
  }
  assert.equal(now['sfu_producers{kind="video"}'], 2);
  assert.equal(now['sfu_consumers{kind="audio"}'], 2);
  assert.ok(now['sfu_inbound_rtp_plis_total{kind="video"}'] >= 1);
  assert.ok(now['sfu_round_trip_time_seconds{of="max"}'] < 1);

  await Promise.all(pages.map(page => leave(page)));
  const ended = await eventually(async () => {
    const all = await metrics(server);
    return all.sfu_peers === 0 && all;
  });
  for (const [series, value] of Object.entries(now)) {
    if (series.includes('_total')) assert.ok(ended[series] >= value, `${series}: ${value} ${ended[series]}`);
  }
  assert.equal(ended['sfu_producers{kind="video"}'], 0);
  assert.equal(await server.program.stop(), 0);
}));

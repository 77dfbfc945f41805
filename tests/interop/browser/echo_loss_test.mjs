// Browsers that see and hear themselves although 5 % of all datagrams are lost, one way or the other:
// what is lost is asked for, and comes again by RTX. The server's statistics tell how much of it.
// usage: echo_loss_test.mjs ROOM_SERVER NEWEST OLDER: the program of room/, and the pages of
// examples/echo.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {clientsOf, startEcho, watchThemselves} from './support/echo.mjs';
import {loseFivePercent} from './support/loss.mjs';
import {Session} from './support/session.mjs';
import {freezes, received, sent} from './support/stats.mjs';

const [roomServer, ...folders] = process.argv.slice(2);
const server = page => [roomServer, '192.0.2.1', page, 'pipeline.( sfurouter name=r )'];
const skip = process.env.SFU_TEST_ALL === '1' ? false : 'takes long: SFU_TEST_ALL=1';
// 5 %, but for chance: of Firefox's stream there are only some 650 packets.
const MIN_LOST = 0.02;
// Who has lost it asks until it is there, or too late.
const MIN_REPAIRED = 0.9;
const WAYS = [
  {way: 'in', note: '5 % loss on the way to us', most: 0, check: checkWayIn},
  {way: 'out', note: '5 % loss on the way from us', most: Infinity, check: checkWayOut},
];
// A browser that only receives knows no round trip, and asks again after 100 ms only: where a repair is
// lost, too, the picture may rest for a quarter of a second. That is some 5 % of all losses.
const MAX_FROZEN_SECONDS = 1;

// What the server counts for a stream, 'inbound-rtp' or 'outbound-rtp'.
async function streamAtServer(program, type, ssrc) {
  const before = program.output.length;
  process.kill(program.child.pid, 'SIGUSR1');
  const [line] = await program.waitForOutput(/^\{.*\}$/m, 5000, before);
  const stream = Object.entries(JSON.parse(line)).find(
    ([name, one]) => /webrtctransport\d+\./.test(name) && one.type === type && one.ssrc === ssrc);
  assert.ok(stream !== undefined, `the server has no ${type} ${ssrc}`);
  return stream[1];
}

async function checkWayIn({name, page, samples}, program) {
  const [{last: {ssrc}}] = sent(samples, 'video');
  const [video] = received(samples, 'video');
  const arrived = await streamAtServer(program, 'inbound-rtp', ssrc);
  // Media have gone on since the samples: the browser must have counted what the server has.
  const [source] = sent([await page.stats()], 'video');
  const {packetsReceived, packetsLost, retransmittedPacketsReceived} = arrived;
  console.log(`# ${name}: of ${packetsReceived} packets to us ${packetsLost} were lost, ` +
              `${retransmittedPacketsReceived} repaired; ${video.packetsLost} lost for good`);
  assert.ok(packetsLost >= MIN_LOST * packetsReceived, `only ${packetsLost} lost`);
  assert.ok(arrived.rtxSsrc !== undefined, 'no RTX');
  assert.ok(retransmittedPacketsReceived >= MIN_REPAIRED * packetsLost,
            `${retransmittedPacketsReceived} of ${packetsLost} repaired`);
  if (name === 'chromium') {  // Firefox counts fewer than came.
    assert.ok(source.last.retransmittedPacketsSent >= MIN_REPAIRED * packetsLost,
              `${source.last.retransmittedPacketsSent} repairs by the browser`);
  }
  // Nothing is missing on the way back.
  assert.ok(video.packetsLost <= (1 - MIN_REPAIRED) * packetsLost, `${video.packetsLost} lost for good`);
}

async function checkWayOut({name, page, samples}, program) {
  const [video] = received(samples, 'video');
  const {packetsLost, packetsReceived, retransmittedPacketsReceived} = video.last;
  const left = await streamAtServer(program, 'outbound-rtp', video.last.ssrc);
  const again = left.retransmittedPacketsSent;
  console.log(`# ${name}: of ${packetsReceived} packets from us ${packetsLost} were lost, ` +
              `${again} sent again, ${retransmittedPacketsReceived} came`);
  assert.ok(packetsLost >= MIN_LOST * packetsReceived, `only ${packetsLost} lost`);
  assert.ok(left.nackCount > 0, 'nothing was asked for');
  assert.ok(again >= MIN_REPAIRED * packetsLost, `${again} of ${packetsLost} sent again`);
  const sdp = await page.evaluate(() => window.sfuPeers.at(-1).remoteDescription.sdp);
  assert.match(sdp, /^a=ssrc-group:FID /m);  // By RTX, then.
  if (name === 'chromium') {  // Firefox does not count what came.
    assert.ok(retransmittedPacketsReceived >= MIN_REPAIRED * packetsLost,
              `${retransmittedPacketsReceived} of ${packetsLost} came again`);
  }
  assert.ok(freezes(video) <= Math.max(0, again - packetsLost),
            `${freezes(video)} freezes, ${again - packetsLost} repairs lost`);
  assert.ok(video.totalFreezesDuration < MAX_FROZEN_SECONDS,
            `frozen for ${video.totalFreezesDuration} s`);
}

for (const client of clientsOf(...folders)) {
  for (const {way, note, most, check} of WAYS) {
    test(`${note}, mediasoup-client ${client.line}`, {skip}, () => Session.run(async session => {
      const {url, program} = await startEcho(session, server, client);
      const all = await watchThemselves(session, {
        url, client, note, most, during: ([page]) => loseFivePercent(session, page, way)});
      for (const one of all) await check(one, program);
    }));
  }
}

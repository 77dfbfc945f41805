// sfuserver's launch lines, with browsers at the other end: the page that it serves publishes by WHIP
// and watches by WHEP.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtemp, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';

import {interopResult} from './support/results.mjs';
import {launch, SERVER, URL} from './support/server.mjs';
import {Session} from './support/session.mjs';
import {codecOf, received, selectedPairs, sent, transports} from './support/stats.mjs';

const SECONDS = 5;
const FED = 'videotestsrc is-live=true ! vp8enc deadline=1 ! rtpvp8pay ! s.sink_0';

// A test of one browser, told to the table of peers.
function interopTest(browserName, does, facts, body) {
  test(`${browserName} ${does}`, () => Session.run(async session => {
    const browser = await session.browser(browserName);
    const all = {peer: await browser.version(), transport: 'udp', ...facts};
    await interopResult(`${browserName} ${does}`, all, saw => body(session, browser, saw));
  }));
}

async function watch(browser) {
  const page = await browser.open(`${URL}?watch`);
  await page.waitFor(() => document.getElementById('video').videoWidth > 0);
  return page;
}

for (const name of ['chromium', 'firefox']) {
  interopTest(name, 'watches what a pipeline feeds', {
    through: 'WHEP', direction: 'from us', codecs: ['VP8'],
  }, async (session, browser, saw) => {
    const program = await launch(session, `${FED} ${SERVER}`);
    const page = await watch(browser);
    const samples = await page.collectStats(SECONDS);
    const [video] = received(samples, 'video');
    assert.ok(video.framesDecoded >= 0.9 * 30 * SECONDS, `${video.framesDecoded} frames decoded`);
    assert.equal(video.freezeCount, 0);
    assert.equal(codecOf(samples, video), 'video/VP8');
    assert.equal(selectedPairs(samples)[0].local.protocol, 'udp');
    saw.cipher = transports(samples)[0].srtpCipher;
    assert.match(saw.cipher, /GCM/);
    assert.equal(await program.stop(), 0, program.output);
  });

  interopTest(name, 'publishes into a file', {
    through: 'WHIP', direction: 'to us', codecs: ['VP8'],
  }, async (session, browser, saw) => {
    const folder = await mkdtemp(join(tmpdir(), 'sfu-whip-'));
    session.defer(() => rm(folder, {recursive: true}));
    const file = join(folder, 'cam.mkv');
    const program = await launch(
      session, `${SERVER} s.src_0 ! rtpvp8depay ! matroskamux ! filesink location=${file}`);
    const page = await browser.open(`${URL}?publish`);
    await page.waitFor(() => window.sfuPeers?.[0]?.connectionState === 'connected');
    const samples = await page.collectStats(SECONDS);
    const [source] = sent(samples, 'video');
    assert.ok(source.framesEncoded >= 15 * SECONDS, `${source.framesEncoded} frames encoded`);
    assert.equal(await program.stop(), 0, program.output);
    assert.ok((await stat(file)).size > 10_000);
    const frames = Number(execFileSync('ffprobe', [
      '-v', 'error', '-count_frames', '-select_streams', 'v', '-show_entries',
      'stream=nb_read_frames', '-of', 'csv=p=0', file]).toString());
    assert.ok(frames >= 0.9 * source.framesEncoded, `${frames} of ${source.framesEncoded} frames`);
    saw.cipher = transports(samples)[0].srtpCipher;
  });
}

test('one browser watches what another publishes', () => Session.run(async session => {
  await launch(session, SERVER);
  const publisher = await session.browser('chromium');
  const sending = await publisher.open(`${URL}?publish`);
  await sending.waitFor(() => window.sfuPeers?.[0]?.connectionState === 'connected');
  const page = await watch(await session.browser('firefox'));
  const [samples, sources] = await Promise.all(
    [page.collectStats(SECONDS), sending.collectStats(SECONDS)]);
  const [video] = received(samples, 'video');
  const [audio] = received(samples, 'audio');
  const [source] = sent(sources, 'video');
  assert.ok(video.framesDecoded >= 0.9 * source.framesSent,
            `${video.framesDecoded} of ${source.framesSent} frames decoded`);
  assert.ok(audio.packetsReceived >= 0.9 * 50 * SECONDS, `${audio.packetsReceived} packets`);
  // Who stops is gone at once: a new viewer finds nothing.
  await sending.evaluate(() => document.getElementById('stop').click());
  for (const end = Date.now() + 5000; ;) {
    const response = await page.evaluate(async () => {
      const pc = new RTCPeerConnection();
      pc.addTransceiver('video', {direction: 'recvonly'});
      await pc.setLocalDescription();
      const answer = await fetch('whep', {method: 'POST', body: pc.localDescription.sdp,
                                          headers: {'Content-Type': 'application/sdp'}});
      pc.close();
      return answer.status;
    });
    if (response === 409) break;
    assert.ok(Date.now() < end, `status ${response}`);
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}));

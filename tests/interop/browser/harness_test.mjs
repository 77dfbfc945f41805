// The browsers and the harness, before anything of ours stands between: a page that calls itself.

import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {test} from 'node:test';

import {Program} from './support/programs.mjs';
import {Session} from './support/session.mjs';
import {codecOf, loudness, received, sent, selectedPairs, transports} from './support/stats.mjs';

const PAGE = `<!doctype html><title>loopback</title><video id="remote" autoplay></video>
<script>
async function call() {
  const stream = await navigator.mediaDevices.getUserMedia(
    {audio: true, video: {width: 640, height: 480}});
  const caller = new RTCPeerConnection();
  const callee = new RTCPeerConnection();
  caller.onicecandidate = event => callee.addIceCandidate(event.candidate);
  callee.onicecandidate = event => caller.addIceCandidate(event.candidate);
  callee.ontrack = event => { remote.srcObject = event.streams[0]; };
  for (const track of stream.getTracks()) caller.addTrack(track, stream);
  await caller.setLocalDescription();
  await callee.setRemoteDescription(caller.localDescription);
  await callee.setLocalDescription();
  await caller.setRemoteDescription(callee.localDescription);
}
call().then(() => console.log('called'), error => console.error(error.message));
</script>`;

const SECONDS = 3;

test('Chromium and Firefox see and hear themselves', () => Session.run(async session => {
  const url = await session.serve(PAGE);
  await Promise.all(['chromium', 'firefox'].map(async name => {
    const browser = await session.browser(name);
    const page = await browser.open(url);
    await page.waitFor(() => document.getElementById('remote').videoWidth > 0);
    const samples = await page.collectStats(SECONDS);
    const [video] = received(samples, 'video');
    const [source] = sent(samples, 'video');
    assert.ok(source.framesEncoded >= 15 * SECONDS, `${source.framesEncoded} frames encoded`);
    assert.ok(video.framesDecoded >= 0.8 * source.framesEncoded,
              `${video.framesDecoded} of ${source.framesEncoded} frames decoded`);
    assert.match(codecOf(samples, video), /^video\//);
    assert.ok(received(samples, 'audio')[0].packetsReceived >= 30 * SECONDS);
    assert.ok(loudness(received(samples, 'audio')[0]) > 0);
    assert.equal(selectedPairs(samples)[0].local.protocol, 'udp');
    if (name === 'chromium') assert.match(transports(samples)[0].srtpCipher, /AES/);
    assert.deepEqual(page.console.filter(line => !line.includes('called')), []);
    assert.ok(page.console.some(line => line.endsWith('called')));
  }));
}));

test('a session ends what it began, the last first, also when the test fails', async () => {
  let program, home;
  const order = [];
  await assert.rejects(Session.run(async session => {
    session.defer(() => order.push('first'));
    program = session.program(['sleep', '1000']);
    ({home} = await session.browser('chromium', []));
    session.defer(() => order.push('last'));
    throw new Error('as a test that fails');
  }), /as a test that fails/);
  assert.deepEqual(order, ['last', 'first']);
  assert.equal(await program.ended, 'SIGKILL');
  assert.ok(!existsSync(home));
});

test('a program that ends early is told with its output', async () => {
  const program = new Program(['sh', '-c', 'echo half; exit 3']);
  await assert.rejects(program.waitForOutput(/whole/), /half/);
  assert.equal(await program.ended, 3);
});

test('a program that is not there is told', async () => {
  const program = new Program(['/nonexistent/program']);
  await assert.rejects(program.waitForOutput(/anything/), /ENOENT/);
});

// sfuserver's launch lines, with browsers at the other end: the page that it serves publishes by WHIP
// and watches by WHEP.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtemp, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';

import {interopResult} from './support/results.mjs';
import {launch} from './support/server.mjs';
import {Session} from './support/session.mjs';
import {codecOf, freezes, loudness, received, selectedPairs, sent, transports}
  from './support/stats.mjs';

const SECONDS = 5;
const FED = 'videotestsrc is-live=true ! vp8enc deadline=1 ! rtpvp8pay ! s.sink_0';
const BROWSERS = ['chromium', 'firefox'];
const skip = process.env.SFU_TEST_ALL === '1' ? false : 'takes long: SFU_TEST_ALL=1';

// A test of both browsers at once, told to the table of peers.
function interopTest(does, facts, body) {
  test(`Chromium and Firefox ${does}`, () => Session.run(session => Promise.all(
    BROWSERS.map(async name => {
      const browser = await session.browser(name);
      const all = {peer: await browser.version(), transport: 'udp', codecs: ['VP8'], ...facts};
      await interopResult(`${name} ${does}`, all, saw => body(session, browser, saw));
    }))));
}

async function watch(browser, url) {
  const page = await browser.open(`${url}?watch`);
  await page.waitFor(() => document.getElementById('video').videoWidth > 0);
  return page;
}

async function publish(browser, url) {
  const page = await browser.open(`${url}?publish`);
  await page.waitFor(() => window.sfuPeers?.[0]?.connectionState === 'connected');
  return page;
}

interopTest('watch what a pipeline feeds', {through: 'WHEP', direction: 'from us'},
            async (session, browser, saw) => {
  const {program, url} = await launch(session, server => `${FED} ${server}`);
  const page = await watch(browser, url);
  const samples = await page.collectStats(SECONDS);
  const [video] = received(samples, 'video');
  assert.ok(video.framesDecoded >= 0.9 * 30 * SECONDS, `${video.framesDecoded} frames decoded`);
  assert.equal(freezes(video), 0);
  assert.equal(codecOf(samples, video), 'video/VP8');
  assert.equal(selectedPairs(samples)[0].local.protocol, 'udp');
  saw.cipher = transports(samples)[0].srtpCipher;
  assert.match(saw.cipher, /GCM/);
  assert.equal(await program.stop(), 0, program.output);
});

interopTest('publish into a file', {through: 'WHIP', direction: 'to us'},
            async (session, browser, saw) => {
  const folder = await mkdtemp(join(tmpdir(), 'sfu-whip-'));
  session.defer(() => rm(folder, {recursive: true}));
  const file = join(folder, 'cam.mkv');
  const {program, url} = await launch(
    session, server => `${server} s.src_0 ! rtpvp8depay ! matroskamux ! filesink location=${file}`);
  const page = await publish(browser, url);
  const samples = await page.collectStats(SECONDS);
  const [source] = sent(samples, 'video');
  assert.ok(source.framesEncoded >= 15 * SECONDS, `${source.framesEncoded} frames encoded`);
  saw.cipher = transports(samples)[0].srtpCipher;
  assert.match(saw.cipher, /GCM/);
  assert.equal(await program.stop(), 0, program.output);
  assert.ok((await stat(file)).size > 10_000);
  const frames = Number(execFileSync('ffprobe', [
    '-v', 'error', '-count_frames', '-select_streams', 'v', '-show_entries',
    'stream=nb_read_frames', '-of', 'csv=p=0', file]).toString());
  assert.ok(frames >= 0.9 * source.framesEncoded, `${frames} of ${source.framesEncoded} frames`);
});

test('one browser watches what another publishes', () => Session.run(async session => {
  const {url} = await launch(session, server => server);
  const [publisher, viewer] = await Promise.all(BROWSERS.map(name => session.browser(name)));
  const sending = await publish(publisher, url);
  const page = await watch(viewer, url);
  const [samples, sources] = await Promise.all(
    [page.collectStats(SECONDS), sending.collectStats(SECONDS)]);
  const [video] = received(samples, 'video');
  const [audio] = received(samples, 'audio');
  const [source] = sent(sources, 'video');
  assert.ok(video.framesDecoded >= 0.9 * source.framesSent,
            `${video.framesDecoded} of ${source.framesSent} frames decoded`);
  assert.equal(freezes(video), 0);
  assert.ok(audio.packetsReceived >= 0.9 * 50 * SECONDS, `${audio.packetsReceived} packets`);
  assert.ok(loudness(audio) > 0.01, 'silence');
  // Who stops is gone at once: a new viewer finds nothing.
  await sending.evaluate(() => document.getElementById('stop').click());
  const late = await publisher.open(`${url}?watch`);
  await waitForState(late, /^There is nothing to watch yet\. Trying again …$/);
  // And then the next publisher.
  await publish(publisher, url);
  await waitForState(late, /^Watching · \d+ × \d+ · /);
}));

// What the page says under the picture.
async function waitForState(page, pattern, seconds = 10) {
  const state = () => document.getElementById('state').textContent;
  for (const end = Date.now() + 1000 * seconds; ;) {
    const text = await page.evaluate(state);
    if (pattern.test(text)) return;
    assert.ok(Date.now() < end, `the page says "${text}", not ${pattern}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

test('the page says what is wrong', () => Session.run(async session => {
  const {url} = await launch(session, server => `${server} token=secret`);
  const browser = await session.browser('chromium', ['--use-fake-ui-for-media-stream=deny']);
  const page = await browser.open(`${url}?watch`);
  await waitForState(page, /^The server wants another token\.$/);
  await page.evaluate(() => {
    document.getElementById('token').value = 'secret';
    document.getElementById('watch').click();
  });
  await waitForState(page, /^There is nothing to watch yet\. Trying again …$/);
  await page.evaluate(() => document.getElementById('stop').click());
  await waitForState(page, /^Stopped\.$/);
  await page.evaluate(() => document.getElementById('publish').click());
  await waitForState(page, /^Camera and microphone are not allowed/);
}));

test('who watches is back when the server is', {skip}, () => Session.run(async session => {
  const {program, url} = await launch(session, server => `${FED} ${server}`);
  const page = await watch(await session.browser('chromium'), url);
  process.kill(program.child.pid, 'SIGKILL');
  await waitForState(page, /^The connection is interrupted\.$/, 15);
  await waitForState(page, /^The server does not answer\. Trying again …$/, 60);
  await launch(session, server => `${FED} ${server}`, url);
  await waitForState(page, /^Watching · \d+ × \d+ · \d+ frames\/s · /);
}));

// A browser sees and hears itself through the SFU: sfu-echo, with its page and mediasoup-client as
// they are. Other codecs are in echo_codecs_test.mjs, losses in echo_loss_test.mjs.
// usage: echo_test.mjs SFU_ECHO NEWEST OLDER: the program, and the folders of its page with the
// newest mediasoup-client and with its 3.6 line.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {BOTH, clientsOf, openEcho, startEcho, watchThemselves} from './support/echo.mjs';
import {checkNoLeaks, checkTracerSees, LEAKS_ENV} from './support/leaks.mjs';
import {Session} from './support/session.mjs';

const [sfuEcho, ...folders] = process.argv.slice(2);
const server = page => [sfuEcho, '--port=0', '--address=192.0.2.1', `--page=${page}`];
const clients = clientsOf(...folders);
const [newest] = clients;
const ALL = process.env.SFU_TEST_ALL === '1';

// Both browsers at once: that is what the machine has cores for.
for (const client of clients) {
  test(`Chromium and Firefox, mediasoup-client ${client.line}`, () => Session.run(async session => {
    const {url} = await startEcho(session, server, client);
    await watchThemselves(session, {url, client});
  }));
}

test('six buttons do it by hand, in order', () => Session.run(async session => {
  const {url} = await startEcho(session, server, newest);
  const page = await (await session.browser('chromium')).open(url);
  const status = () => document.getElementById('status').textContent;
  await page.evaluate(() => document.getElementById('produce').click());
  await page.waitFor(() => document.getElementById('status').textContent.includes('failed'));
  assert.equal(await page.evaluate(status), 'Step 4 failed: step 1 comes first.');
  await page.evaluate(() => document.querySelectorAll('button').forEach(button => button.click()));
  await page.waitFor(() => document.getElementById('remotevideo').currentTime > 0.5);
  assert.equal(await page.evaluate(() => document.querySelectorAll('button.done').length), 6);
}));

// Holds back the second resumePausedConsumer, which is for video, until all is connected.
function holdResume() {
  const {send} = WebSocket.prototype;
  let resumes = 0;
  WebSocket.prototype.send = function(text) {
    if (!text.includes('"resumePausedConsumer"') || ++resumes < 2) return send.call(this, text);
    window.sfuResume = () => send.call(this, text);
  };
}

// How long after resume a key frame was there, in ms.
async function timeToKeyFrame() {
  const receiver = window.sfuPeers.at(-1).getReceivers().find(({track}) => track.kind === 'video');
  const began = performance.now();
  window.sfuResume();
  for (;;) {
    for (const report of (await receiver.getStats()).values()) {
      if (report.type === 'inbound-rtp' && report.framesDecoded > 0) {
        return performance.now() - began;
      }
    }
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

for (const client of clients) {
  const skip = ALL || client === newest ? false : 'the newest does; all: SFU_TEST_ALL=1';
  test(`a key frame comes within 300 ms of resume, mediasoup-client ${client.line}`, {skip},
       () => Session.run(async session => {
    const {url} = await startEcho(session, server, client);
    const pages = await Promise.all(BOTH.map(
      async name => (await session.browser(name)).open(`${url}?auto`, holdResume)));
    // Before its two transports mediasoup-client has made others, to learn what the browser can.
    for (const page of pages) {
      await page.waitFor(() => window.sfuResume !== undefined &&
                         window.sfuPeers.slice(-2).every(pc => pc.connectionState === 'connected'));
    }
    // The first key frame of the camera, which nobody got, is long past then.
    await new Promise(resolve => setTimeout(resolve, 1000));
    for (const [i, page] of pages.entries()) {
      const time = await page.evaluate(timeToKeyFrame);
      console.log(`# ${BOTH[i]}: a key frame after ${time.toFixed(0)} ms`);
      assert.ok(time < 300, `${BOTH[i]}: ${time} ms`);
    }
  }));
}

test('browsers that come and go leave nothing', () => Session.run(async session => {
  const {url, program} = await startEcho(session, server, newest, LEAKS_ENV);
  const browser = await session.browser('chromium');
  for (let i = 0; i < (ALL ? 100 : 2); ++i) {
    const page = await openEcho(browser, url);
    if (i === 0) await checkTracerSees(program, 'GstSfuWebRtcTransport');
    await page.close();
  }
  await checkNoLeaks(program);
}));

// A browser sees and hears itself through the SFU: sfu-echo, with its page and mediasoup-client as
// they are. usage: echo_test.mjs SFU_ECHO NEWEST OLDER: the program, and the folders of its page
// with the newest mediasoup-client and with its 3.6 line.
//
// All media is on the address of the test's own network: see support/in_network.sh.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

import {loseFivePercent} from './support/loss.mjs';
import {interopResult} from './support/results.mjs';
import {Session} from './support/session.mjs';
import {captured, codecOf, loudest, received, selectedPairs, sent, sketch, transports}
  from './support/stats.mjs';

const [sfuEcho, newest, older] = process.argv.slice(2);
const MEDIASOUP_CLIENT = '../../../examples/echo/node_modules/mediasoup-client/';
const MEDIASOUP_CLIENT_3_6 = 'node_modules/mediasoup-client-3.6/';
const SECONDS = 20;
const ALL = process.env.SFU_TEST_ALL === '1';
const long = {skip: ALL ? false : 'takes long: SFU_TEST_ALL=1'};

async function startEcho(session, page = newest) {
  const echo = session.program(
    [sfuEcho, '--port=0', '--address=192.0.2.1', `--page=${page}`]);
  const [, url] = await echo.waitForOutput(/open (http\S+\/)\?auto/);
  return url;
}

// Opens the page and waits for moving pictures.
async function openEcho(browser, url, query = '') {
  const page = await browser.open(`${url}?auto${query}`);
  await page.waitFor(() => document.getElementById('remotevideo').currentTime > 0.5, 30_000);
  return page;
}

// For SECONDS a browser sees and hears itself; what must be true of it then. `during` is called when
// all is connected. `freezes`: so many may be. Gives the samples.
async function watchItself(browser, url, {
  client = '', codec = 'VP8', tcp = false, note = '', freezes = 0, during = () => {},
} = {}) {
  const folder = new URL(client === '3.6' ? MEDIASOUP_CLIENT_3_6 : MEDIASOUP_CLIENT, import.meta.url);
  const {version} = JSON.parse(readFileSync(new URL('package.json', folder)));
  const transport = tcp ? 'tcp' : 'udp';
  const facts = {
    peer: await browser.version(), through: `mediasoup-client ${version}`, direction: 'both ways',
    codecs: [codec, 'opus'], transport, note,
  };
  return interopResult(`echo ${browser.name} ${version} ${codec} ${transport} ${note}`, facts,
                       async saw => {
    const page = await openEcho(
      browser, url, (codec === 'VP8' ? '' : `&codec=${codec}`) + (tcp ? '&tcp' : ''));
    await during(page);
    const samples = await page.collectStats(SECONDS);
    saw.cipher = transports(samples)[0].srtpCipher;
    console.log(`# ${browser.name} ${codec} ${transport}: ${received(samples, 'video')[0].framesDecoded}` +
                ` of ${captured(samples)[0].frames} frames decoded`);
    try {
      checkEcho(samples, codec, transport, freezes);
      assert.deepEqual(page.console.filter(line => /^(error|uncaught)/.test(line)), []);
    } catch (error) {
      error.message = `${browser.name}: ${error.message}`;
      throw error;
    }
    return samples;
  });
}

function checkEcho(samples, codec, transport, freezes) {
  const [camera] = captured(samples);
  const [video] = received(samples, 'video');
  assert.ok(camera.frames > 25 * SECONDS, `only ${camera.frames} frames of the camera`);
  assert.ok(video.framesDecoded >= 0.9 * camera.frames,
            `${video.framesDecoded} of ${camera.frames} frames decoded\n${sketch(samples)}`);
  assert.ok(video.freezeCount <= freezes, `${video.freezeCount} freezes\n${sketch(samples)}`);
  assert.equal(codecOf(samples, video), `video/${codec}`);
  const [audio] = received(samples, 'audio');
  assert.ok(audio.packetsReceived > 45 * SECONDS, `${audio.packetsReceived} packets of audio`);
  assert.ok(loudest(samples) > 0.01, 'silence');
  assert.equal(codecOf(samples, audio), 'audio/opus');
  assert.deepEqual(transports(samples).map(({srtpCipher}) => srtpCipher),
                   ['SRTP_AEAD_AES_128_GCM', 'SRTP_AEAD_AES_128_GCM']);
  assert.deepEqual(selectedPairs(samples).map(({remote}) => remote.protocol),
                   [transport, transport]);
}

// Both browsers at once: that is what the machine has cores for.
for (const [client, folder] of [['newest', newest], ['3.6', older]]) {
  test(`Chromium and Firefox, mediasoup-client ${client}`, () => Session.run(async session => {
    const url = await startEcho(session, folder);
    const browsers = await Promise.all(
      ['chromium', 'firefox'].map(name => session.browser(name)));
    await Promise.all(browsers.map(browser => watchItself(browser, url, {client})));
  }));
}

test('six buttons do it by hand, in order', () => Session.run(async session => {
  const url = await startEcho(session);
  const page = await (await session.browser('chromium')).open(url);
  const status = () => document.getElementById('status').textContent;
  await page.evaluate(() => document.getElementById('produce').click());
  await page.waitFor(() => document.getElementById('status').textContent.includes('failed'));
  assert.equal(await page.evaluate(status), 'produce failed: capture comes first');
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

for (const name of ['chromium', 'firefox']) {
  test(`${name}: a key frame comes within 300 ms of resume`, () => Session.run(async session => {
    const url = await startEcho(session);
    const browser = await session.browser(name);
    const page = await browser.open(`${url}?auto`, holdResume);
    // Before its two transports mediasoup-client has made others, to learn what the browser can.
    await page.waitFor(() => window.sfuResume !== undefined &&
                       window.sfuPeers.slice(-2).every(pc => pc.connectionState === 'connected'));
    // The first key frame of the camera, which nobody got, is long past then.
    await new Promise(resolve => setTimeout(resolve, 1000));
    const time = await page.evaluate(timeToKeyFrame);
    assert.ok(time < 300, `${time} ms`);
  }));
}

const LONG = {
  chromium: [{codec: 'H264'}, {codec: 'VP9'}, {codec: 'AV1'}, {tcp: true}],
  firefox: [{codec: 'VP9'}, {codec: 'AV1'}, {tcp: true}],
};
for (const [name, options] of Object.entries(LONG)) {
  for (const option of options) {
    test(`${option.codec ?? 'TCP only'} in ${name}`, long, () => Session.run(async session => {
      const url = await startEcho(session);
      await watchItself(await session.browser(name), url, option);
    }));
  }
}

for (const name of ['chromium', 'firefox']) {
  test(`5 % loss on the way in from ${name} is repaired by RTX`, long,
       () => Session.run(async session => {
    const url = await startEcho(session);
    const samples = await watchItself(await session.browser(name), url, {
      note: '5 % loss on the way to us', during: page => loseFivePercent(session, page, 'in')});
    const [source] = sent(samples, 'video');
    assert.ok(source.last.rtxSsrc !== undefined || name === 'firefox', 'no RTX');
    assert.ok(source.retransmittedPacketsSent > 0, 'the way in was not repaired');
  }));

  // A browser that only receives knows no round trip and asks again after 100 ms. Where the repair is
  // lost, too, which happens some three times here, the picture may rest for a quarter of a second.
  test(`5 % loss on the way out to ${name} is repaired by RTX`, long,
       () => Session.run(async session => {
    const url = await startEcho(session);
    const samples = await watchItself(await session.browser(name), url, {
      note: '5 % loss on the way from us', freezes: 2,
      during: page => loseFivePercent(session, page, 'out')});
    const [video] = received(samples, 'video');
    assert.ok(video.nackCount > 0, 'the way out was not repaired');
    assert.ok(video.totalFreezesDuration < 0.6, `frozen for ${video.totalFreezesDuration} s`);
    // Firefox does not count them.
    if (name === 'chromium') assert.ok(video.retransmittedPacketsReceived > 0, 'no RTX');
  }));
}

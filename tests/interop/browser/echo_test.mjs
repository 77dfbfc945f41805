// A browser sees and hears itself through the SFU: sfu-echo, with its page and mediasoup-client as
// they are. usage: echo_test.mjs SFU_ECHO NEWEST OLDER: the program, and the folders of its page
// with the newest mediasoup-client and with its 3.6 line.
//
// All media is on the address of the test's own network: see support/in_network.sh.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {test} from 'node:test';

import {Session} from './support/session.mjs';
import {codecOf, loudest, received, selectedPairs, sent, transports} from './support/stats.mjs';

const [sfuEcho, newest, older] = process.argv.slice(2);
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

function checkEcho(samples, {codec = 'VP8', freezes = 0} = {}) {
  const [source] = sent(samples, 'video');
  const [video] = received(samples, 'video');
  assert.ok(source.framesEncoded > 10 * SECONDS, `only ${source.framesEncoded} frames encoded`);
  assert.ok(video.framesDecoded >= 0.9 * source.framesEncoded,
            `${video.framesDecoded} of ${source.framesEncoded} frames decoded`);
  assert.ok(video.freezeCount <= freezes, `${video.freezeCount} freezes`);
  assert.equal(codecOf(samples, video), `video/${codec}`);
  const [audio] = received(samples, 'audio');
  assert.ok(audio.packetsReceived > 40 * SECONDS, `${audio.packetsReceived} packets of audio`);
  assert.ok(audio.totalAudioEnergy > 0 || loudest(samples) > 0, 'silence');
  assert.equal(codecOf(samples, audio), 'audio/opus');
  assert.deepEqual(transports(samples).map(({srtpCipher}) => srtpCipher),
                   ['SRTP_AEAD_AES_128_GCM', 'SRTP_AEAD_AES_128_GCM']);
}

function expectQuiet(page) {
  assert.deepEqual(page.console.filter(line => /^(error|uncaught)/.test(line)), []);
}

// Both browsers at once: that is what the machine has cores for.
for (const [client, folder] of [['newest', newest], ['3.6', older]]) {
  test(`Chromium and Firefox, mediasoup-client ${client}`, () => Session.run(async session => {
    const url = await startEcho(session, folder);
    await Promise.all(['chromium', 'firefox'].map(async name => {
      const browser = await session.browser(name);
      const page = await openEcho(browser, url);
      const samples = await page.collectStats(SECONDS);
      try {
        checkEcho(samples);
        expectQuiet(page);
      } catch (error) {
        error.message = `${name}: ${error.message}`;
        throw error;
      }
    }));
  }));
}

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
      if (report.type === 'inbound-rtp' && report.keyFramesDecoded > 0) {
        return performance.now() - began;
      }
    }
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

test('a key frame comes within 300 ms of resume', () => Session.run(async session => {
  const url = await startEcho(session);
  const browser = await session.browser('chromium');
  const page = await browser.open(`${url}?auto`, holdResume);
  // Before its two transports mediasoup-client has made others, to learn what the browser can.
  await page.waitFor(() => window.sfuResume !== undefined &&
                     window.sfuPeers.slice(-2).every(pc => pc.connectionState === 'connected'));
  // The first key frame of the camera, which nobody got, is long past then.
  await new Promise(resolve => setTimeout(resolve, 1000));
  const time = await page.evaluate(timeToKeyFrame);
  assert.ok(time < 300, `${time} ms`);
}));

for (const codec of ['H264', 'VP9', 'AV1']) {
  test(`${codec} in Chromium`, long, () => Session.run(async session => {
    const url = await startEcho(session);
    const page = await openEcho(await session.browser('chromium'), url, `&codec=${codec}`);
    checkEcho(await page.collectStats(SECONDS), {codec});
  }));
}

for (const codec of ['VP9', 'AV1']) {
  test(`${codec} in Firefox`, long, () => Session.run(async session => {
    const url = await startEcho(session);
    const page = await openEcho(await session.browser('firefox'), url, `&codec=${codec}`);
    checkEcho(await page.collectStats(SECONDS), {codec});
  }));
}

for (const name of ['chromium', 'firefox']) {
  test(`TCP only in ${name}`, long, () => Session.run(async session => {
    const url = await startEcho(session);
    const page = await openEcho(await session.browser(name), url, '&tcp');
    const samples = await page.collectStats(SECONDS);
    checkEcho(samples);
    for (const {remote} of selectedPairs(samples)) assert.equal(remote.protocol, 'tcp');
  }));
}

for (const name of ['chromium', 'firefox']) {
  test(`5 % loss in ${name} is repaired by RTX`, long, () => Session.run(async session => {
    const url = await startEcho(session);
    const page = await openEcho(await session.browser(name), url);
    const rule = ['INPUT', '-p', 'udp', '-m', 'statistic', '--mode', 'random', '--probability',
                  '0.05', '-j', 'DROP'];
    execFileSync('iptables', ['-A', ...rule]);
    session.defer(() => execFileSync('iptables', ['-D', ...rule]));
    const samples = await page.collectStats(SECONDS);
    checkEcho(samples, {freezes: 2});
    const [source] = sent(samples, 'video');
    const [video] = received(samples, 'video');
    assert.ok(source.retransmittedPacketsSent > 0, 'the way in was not repaired');
    assert.ok(video.nackCount > 0, 'the way out was not repaired');
    if (name === 'chromium') assert.ok(video.retransmittedPacketsReceived > 0, 'no RTX');
  }));
}

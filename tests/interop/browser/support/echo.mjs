// Browsers that see and hear themselves through the SFU: the page of examples/echo as it is, with the
// newest mediasoup-client or its 3.6 line.
//
// All media is on the address of the test's own network: see tests/support/in_network.sh.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';

import {interopResult} from './results.mjs';
import {
  captured, codecOf, freezes, loudness, received, selectedPairs, sketch, transports,
} from './stats.mjs';

export const SECONDS = 20;
export const BOTH = ['chromium', 'firefox'];
const FPS = 30;
// A beep each second is far above this; nothing at all is 0.
const MIN_LOUDNESS = 0.01;

// The pages with each line of mediasoup-client, by the folders that they are built into.
export function clientsOf(newest, older) {
  const versionIn = folder => JSON.parse(readFileSync(
    new URL(`${folder}/package.json`, import.meta.url))).version;
  return [
    {line: 'newest', folder: newest,
     version: versionIn('../../../../examples/echo/node_modules/mediasoup-client')},
    {line: '3.6', folder: older, version: versionIn('../node_modules/mediasoup-client-3.6')},
  ];
}

// `command` gives that of a server for the folder of a page; `env` is added to its environment. Gives
// the page's address, and the program.
export async function startEcho(session, command, {folder}, env) {
  const program = session.program(command(folder), {env});
  const [, url] = await program.waitForOutput(/open (http\S+\/)\?auto/);
  return {url, program};
}

// Opens the page and waits for moving pictures.
export async function openEcho(browser, url, query = '') {
  const page = await browser.open(`${url}?auto${query}`);
  await page.waitFor(() => document.getElementById('remotevideo').currentTime > 0.5, 30_000);
  return page;
}

// For SECONDS the browsers see and hear themselves, at the same time; what must be true of each then.
// `during` gets their pages when all are connected. `most`: so many freezes may be. Gives of each
// {name, page, samples}.
export async function watchThemselves(session, {url, client, names = BOTH, codec = 'VP8', tcp = false,
  note = '', most = 0, during = () => {}}) {
  const query = (codec === 'VP8' ? '' : `&codec=${codec}`) + (tcp ? '&tcp' : '');
  const transport = tcp ? 'tcp' : 'udp';
  const browsers = await Promise.all(names.map(name => session.browser(name)));
  const opened = Promise.all(browsers.map(browser => openEcho(browser, url, query)));
  const began = opened.then(during);
  return Promise.all(browsers.map(async (browser, i) => interopResult(
    `echo ${browser.name} ${client.version} ${codec} ${transport} ${note}`,
    {peer: await browser.version(), through: `mediasoup-client ${client.version}`,
     direction: 'both ways', codecs: [codec, 'opus'], transport, note},
    async saw => {
      await began;
      const page = (await opened)[i];
      const samples = await page.collectStats(SECONDS);
      saw.cipher = transports(samples)[0].srtpCipher;
      try {
        checkEcho(browser.name, samples, codec, transport, most);
        assert.deepEqual(page.console.filter(line => /^(error|uncaught)/.test(line)), []);
      } catch (error) {
        error.message = `${browser.name}: ${error.message}\n${sketch(samples)}`;
        throw error;
      }
      return {name: browser.name, page, samples};
    })));
}

function checkEcho(name, samples, codec, transport, most) {
  const [camera] = captured(samples);
  const [video] = received(samples, 'video');
  const [audio] = received(samples, 'audio');
  const frozen = freezes(video);
  console.log(`# ${name} ${codec} ${transport}: ${video.framesDecoded} of ${camera.frames} frames decoded, ` +
              `${frozen} freezes, loudness ${loudness(audio).toFixed(3)}`);
  assert.ok(camera.frames > 0.8 * FPS * SECONDS, `only ${camera.frames} frames of the camera`);
  assert.ok(video.framesDecoded >= 0.9 * camera.frames,
            `${video.framesDecoded} of ${camera.frames} frames decoded`);
  assert.ok(frozen <= most, `${frozen} freezes`);
  assert.equal(codecOf(samples, video), `video/${codec}`);
  assert.ok(audio.packetsReceived > 45 * SECONDS, `${audio.packetsReceived} packets of audio`);
  assert.ok(loudness(audio) > MIN_LOUDNESS, 'silence');
  assert.equal(codecOf(samples, audio), 'audio/opus');
  assert.deepEqual(transports(samples).map(({srtpCipher}) => srtpCipher),
                   ['SRTP_AEAD_AES_128_GCM', 'SRTP_AEAD_AES_128_GCM']);
  assert.deepEqual(selectedPairs(samples).map(({remote}) => remote.protocol),
                   [transport, transport]);
}

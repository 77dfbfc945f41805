// A browser's camera and microphone in a file: sfuserver, whose source pads are muxed into Matroska.
// Chromium's camera shows a clip of make_clip.py, in which a flash and a beep come together and every
// frame shows its number; check_media.py reads that back.
//
// Nothing starts camera and microphone at the same moment, so what the browser itself records
// (MediaRecorder) tells how far they are apart; our file may differ from that by MAX_AV_SECONDS. Its
// sound is PCM, for with Opus its times are late by a constant 35 ms.

import assert from 'node:assert/strict';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';

import {FPS, cameraOf, look, startRecorder} from './support/clip.mjs';
import {loseFivePercent} from './support/loss.mjs';
import {interopResult} from './support/results.mjs';
import {launch} from './support/server.mjs';
import {Session} from './support/session.mjs';
import {transports} from './support/stats.mjs';

const MAX_AV_SECONDS = 0.04;
// How long repairs of the last frames may take.
const SETTLE_MS = 1000;
const ALL = process.env.SFU_TEST_ALL === '1';

const wait = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

// The page gets the sound as it is, and keeps what it got.
function watchUserMedia() {
  const {mediaDevices} = navigator;
  const original = mediaDevices.getUserMedia.bind(mediaDevices);
  const audio = {echoCancellation: false, noiseSuppression: false, autoGainControl: false};
  mediaDevices.getUserMedia = async () => {
    window.sfuStream = await original({audio, video: true});
    return window.sfuStream;
  };
}

// In the page: no more frames. Gives how many have been sent in all.
async function stopCamera() {
  for (const track of window.sfuStream.getVideoTracks()) track.stop();
  await new Promise(resolve => setTimeout(resolve, 200));
  for (const report of (await window.sfuPeers[0].getStats()).values()) {
    if (report.type === 'outbound-rtp' && report.kind === 'video') return report.framesSent;
  }
  return 0;
}

async function record(session, seconds, saw, loss) {
  const folder = await mkdtemp(join(tmpdir(), 'sfu-recording-'));
  session.defer(() => rm(folder, {recursive: true}));
  const file = join(folder, 'cam.mkv');
  const args = cameraOf(folder, seconds);
  const {program, url} = await launch(
    session, server => `${server} matroskamux name=m ! filesink location=${file} ` +
    's.src_0 ! rtpvp8depay ! m. s.src_1 ! rtpopusdepay ! opusparse ! m.');
  const browser = await session.browser('chromium', args);
  saw.peer = await browser.version();
  const page = await browser.open(`${url}?publish`, watchUserMedia);
  await page.waitFor(() => window.sfuPeers?.[0]?.connectionState === 'connected');
  if (loss) await loseFivePercent(session, page, 'in');
  await page.evaluate(startRecorder);
  await wait(seconds * 1000);
  saw.cipher = transports([await page.stats()])[0].srtpCipher;
  const own = join(folder, 'own.webm');
  await writeFile(own, Buffer.from(await page.evaluate(() => window.sfuRecording()), 'base64'));
  const framesSent = await page.evaluate(stopCamera);
  await wait(SETTLE_MS);
  // The file ends with the session.
  await page.evaluate(() => document.getElementById('stop').click());
  assert.equal(await program.ended, 0, program.output);
  return {framesSent, recorded: look(file), reference: look(own)};
}

function checkRecording({framesSent, recorded, reference}, seconds, loss) {
  const {errors, frames, first, last, repeated, out_of_order: outOfOrder, unreadable_at: unreadable} =
    recorded;
  const inMs = time => `${(time * 1000).toFixed(1)} ms`;
  console.log(`# ${frames} of ${framesSent} frames, numbers ${first} to ${last}; sound is off by ` +
              `${inMs(recorded.av_median)}, at most ${inMs(recorded.av_max)}, in the browser by ` +
              `${inMs(reference.av_median)}`);
  // A camera that ends may give one more frame, which is black.
  assert.deepEqual({errors, repeated, outOfOrder,
                    unreadable: unreadable.filter(index => index < frames - 1)},
                   {errors: [], repeated: [], outOfOrder: [], unreadable: []});
  assert.ok(framesSent > 0.9 * FPS * seconds, `only ${framesSent} frames sent`);
  // The browser may skip frames of its camera, but every frame that it sent is there.
  assert.equal(frames, framesSent);
  assert.ok(reference.beeps.length >= seconds - 2);
  assert.ok(recorded.beeps.length >= 0.8 * reference.beeps.length);
  // Where nothing is lost, of all pairs of flash and beep the worst, too. Sound is not repaired, for
  // Chromium offers WHIP no NACK for it: the beginning of a beep may be lost.
  for (const offset of [recorded.av_median, ...loss ? [] : [recorded.av_max]]) {
    assert.ok(Math.abs(offset - reference.av_median) <= MAX_AV_SECONDS,
              `${offset} s, in the browser ${reference.av_median} s`);
  }
}

const RUNS = [
  {name: 'a recorded browser is whole and in sync', seconds: 6, note: 'recorded'},
  {name: 'also with 5 % loss on its way', seconds: 20, note: 'recorded, 5 % loss on the way to us',
   loss: true, skip: ALL ? false : 'takes long: SFU_TEST_ALL=1'},
];
for (const {name, seconds, note, loss = false, skip = false} of RUNS) {
  test(name, {skip}, () => Session.run(session => interopResult(
    note,
    {peer: '', through: 'WHIP', direction: 'to us', codecs: ['VP8', 'opus'], transport: 'udp', note},
    async saw => {
      const made = await record(session, seconds, saw, loss);
      checkRecording(made, seconds, loss);
    })));
}

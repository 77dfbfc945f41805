// A camera and microphone whose picture and sound can be judged: a clip of make_clip.py, in which a flash
// and a beep come together and every frame shows its number; check_media.py reads that back.

import {execFileSync, spawnSync} from 'node:child_process';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';

const MEDIA = new URL('../../media/', import.meta.url).pathname;
export const FPS = 30;
const REFERENCE_SECONDS = 4;

// What a browser's camera and microphone are to give, as the arguments that it takes. Longer than the
// recording, for the numbers begin anew with each round.
export function cameraOf(folder, seconds, options = []) {
  const clip = join(folder, 'clip.mp4');
  execFileSync('python3', [join(MEDIA, 'make_clip.py'), clip, '--codec', 'h264', '--bitrate', '1M',
                           '--fps', `${FPS}`, '--seconds', `${seconds + 10}`, ...options]);
  const [video, audio] = ['camera.y4m', 'microphone.wav'].map(name => join(folder, name));
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-i', clip, '-pix_fmt', 'yuv420p', video,
                          '-ac', '1', audio]);
  return [`--use-file-for-fake-video-capture=${video}`, `--use-file-for-fake-audio-capture=${audio}`];
}

// In the page: a recording by the browser itself.
export function startRecorder() {
  const recorder = new MediaRecorder(window.sfuStream, {mimeType: 'video/webm;codecs=vp8,pcm'});
  const chunks = [];
  recorder.ondataavailable = event => chunks.push(event.data);
  const stopped = new Promise(resolve => { recorder.onstop = resolve; });
  window.sfuRecording = async () => {
    recorder.stop();
    await stopped;
    const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
    return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
  };
  recorder.start();
}

// What check_media.py says of a file.
export function look(file) {
  const done = spawnSync('python3', [join(MEDIA, 'check_media.py'), file, '--fps', `${FPS}`]);
  return JSON.parse(done.stdout);
}

// In a page of sfu-room: one capture for all that it opens, with the sound as it is.
export function shareUserMedia() {
  const {mediaDevices} = navigator;
  const original = mediaDevices.getUserMedia.bind(mediaDevices);
  const audio = {echoCancellation: false, noiseSuppression: false, autoGainControl: false};
  let opened;
  mediaDevices.getUserMedia = async wanted => {
    opened ??= original({audio, video: true});
    window.sfuStream = await opened;
    const tracks = window.sfuStream.getTracks().filter(({kind}) => wanted[kind]);
    return new MediaStream(tracks.map(track => track.clone()));
  };
}

// How far sound and picture are apart in the browser itself, by a page that was so prepared.
export async function reference(page, folder, name) {
  await page.evaluate(startRecorder);
  await new Promise(resolve => setTimeout(resolve, REFERENCE_SECONDS * 1000));
  const file = join(folder, `${name}.webm`);
  await writeFile(file, Buffer.from(await page.evaluate(() => window.sfuRecording()), 'base64'));
  return look(file).av_median;
}

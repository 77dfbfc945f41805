// A camera and microphone whose picture and sound can be judged: a clip of make_clip.py, in which a flash
// and a beep come together and every frame shows its number; check_media.py reads that back.

import {execFileSync, spawnSync} from 'node:child_process';
import {join} from 'node:path';

const MEDIA = new URL('../../media/', import.meta.url).pathname;
export const FPS = 30;

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

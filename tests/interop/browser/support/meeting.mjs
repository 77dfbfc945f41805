// sfu-room and the pages of people in it.

import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

// On a machine that has other things to do, too.
const PATIENCE_MS = 30_000;

// The program, on a port of its own or a given one. It may be a command with arguments.
export class RoomServer {
  static async start(session, program, options = [], port = 0) {
    const server = new RoomServer();
    server.program = session.program([...[program].flat(), `--port=${port}`, '--media-address=192.0.2.1', ...options]);
    [, server.url] = await server.program.waitForOutput(/open (\S+)/);
    return server;
  }

  // The page of one who has joined.
  async join(browser, name, {room = 'test', query = '', prepare} = {}) {
    const page = await browser.open(
      `${this.url}?room=${room}&name=${encodeURIComponent(name)}&join=1${query}`, prepare);
    await page.waitFor(() => document.body.classList.contains('in-room') ||
                       document.getElementById('join-error').textContent !== '');
    return page;
  }

  health() {
    return fetch(`${this.url}healthz`).then(response => response.json());
  }
}

// A server that has a key, and what makes tokens for a room of it.
export async function startWithTokens(session, program) {
  const folder = mkdtempSync(join(tmpdir(), 'sfu-room-'));
  session.defer(() => rmSync(folder, {recursive: true}));
  const key = `--token-key=${join(folder, 'key')}`;
  writeFileSync(join(folder, 'key'), 'a key that nobody guesses\n');
  const token = room => execFileSync(program, [key, `--make-token=${room}`]).toString().trim();
  const server = await RoomServer.start(session, program, [key, '--address=127.0.0.1']);
  return {server, token};
}

// The names on the tiles of others.
export function tiles(page) {
  return page.evaluate(() => [...document.querySelectorAll('video[data-peer]')].map(
    video => video.dataset.peer).sort());
}

// Waits until the pictures of all these move, from now on.
export async function sees(page, ...names) {
  for (const name of names) {
    await page.waitFor(who => {
      const video = document.querySelector(`video[data-peer="${who}"]`);
      if (video === null || video.videoWidth === 0) return false;
      video.sfuTime ??= video.currentTime;
      return video.currentTime > video.sfuTime + 0.1;
    }, PATIENCE_MS, name);
    await page.evaluate(who => {
      delete document.querySelector(`video[data-peer="${who}"]`).sfuTime;
    }, name);
  }
}

// Waits until the sound of all these is heard: something else than silence.
export async function hears(page, ...names) {
  for (const name of names) {
    await page.waitFor(async who => {
      const stream = document.querySelector(`video[data-peer="${who}"]`)?.srcObject;
      const [track] = stream?.getAudioTracks() ?? [];
      if (track === undefined) return false;
      for (const peer of window.sfuPeers) {
        const receiver = peer.getReceivers().find(one => one.track.id === track.id);
        if (receiver === undefined || peer.connectionState === 'closed') continue;
        for (const report of (await receiver.getStats()).values()) {
          if (report.type === 'inbound-rtp' && report.totalAudioEnergy > 0) return true;
        }
      }
      return false;
    }, PATIENCE_MS, name);
  }
}

// Waits until all these are seen and heard.
export function meets(page, ...names) {
  return Promise.all([sees(page, ...names), hears(page, ...names)]);
}

export function press(page, id) {
  return page.evaluate(button => document.getElementById(button).click(), id);
}

export async function leave(page) {
  await press(page, 'leave');
  await page.waitFor(() => !document.body.classList.contains('in-room'));
}
